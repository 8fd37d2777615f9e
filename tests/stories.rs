//! The stories, each from its first request to its last effect.

mod second_hand;
