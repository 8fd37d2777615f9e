//! The gateway: one address for everybody, whatever he speaks.

mod away;
mod browsers;
mod chromium;
mod descriptors;
mod flowers;
mod kitchen;
mod meet_up;
mod openapi;
mod refusals;
mod rental;
mod second_hand;
mod watch;
pub(crate) mod web;
