//! The stories, each from its first request to its last effect.

mod appointments;
mod asking_races;
mod command_line;
mod crowd;
mod demo;
mod edits;
mod expiry;
mod fault_isolation;
mod gates;
mod lists;
pub(crate) mod market;
mod pages;
mod readme;
mod rebuilds;
pub(crate) mod refusal;
mod reservations;
mod sale;
mod sale_races;
mod scene;
pub(crate) mod second_hand;
pub(crate) mod shell;
pub(crate) mod trade;
mod two_buyers;
mod visibility;
mod weaknesses;
