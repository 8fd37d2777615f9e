//! Bad days: whatever is missing, full, broken or going away is told with what to do next, and
//! nothing is lost.

mod abuse;
mod behind;
mod broker;
mod broker_at_start;
mod broker_under_load;
mod catching_up;
mod data_dir;
mod databases;
mod disk;
mod drain;
mod flood;
mod mending;
mod messages;
mod overload;
mod poison;
mod power;
mod redriven;
mod replicas;
mod restored;
mod sagas;
mod start;
mod switches;
