//! Read models: read your own writes, watch, rebuild while they serve; and the journals that they
//! are filled from.

mod consistency;
mod journal;
mod rebuild;
mod watch;
