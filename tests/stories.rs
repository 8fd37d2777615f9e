//! The stories, each from its first request to its last effect.

mod command_line;
mod edits;
mod lists;
pub(crate) mod market;
mod pages;
mod readme;
mod rebuilds;
pub(crate) mod refusal;
mod reservations;
mod second_hand;
mod shell;
mod visibility;
