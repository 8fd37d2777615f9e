//! A market as a cluster runs it: two processes of everything, which come and go, three brokers that
//! are one, and a newer version beside an older one.

mod broker_cluster;
mod fleet;
pub(crate) mod leases;
mod load;
mod rest;
mod rolling;
mod side_by_side;
mod takeover;
