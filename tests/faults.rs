//! Bad days: whatever is missing, full, broken or going away is told with what to do next, and
//! nothing is lost.

mod broker;
mod broker_at_start;
mod data_dir;
mod databases;
mod disk;
mod drain;
mod flood;
mod mending;
mod messages;
mod overload;
mod power;
mod replicas;
mod restored;
mod start;
