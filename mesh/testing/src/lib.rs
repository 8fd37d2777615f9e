//! What tests share. Nothing here knows the code under test: it is driven from outside, over its
//! real ports, on real servers, and judged by what is left in its databases.
//!
//! | | |
//! |---|---|
//! | [`Nats`], [`Postgres`], [`MariaDb`] | servers to start, kill, freeze and restart |
//! | [`postgres::database`], [`mariadb::database`] | a fresh database on a server that all tests share |
//! | [`NatsCluster`] | three brokers that are one |
//! | [`Node`] | the `jangteo` binary as a child |
//! | [`Balancer`] | gives connections to those replicas that are ready |
//! | [`tokens`] | good tokens and bad ones |
//! | [`grpc`] | any call, by path and JSON, or by bytes that are no request |
//! | [`Disk`] | keeps what was synced, and nothing else, when its power is cut |
//! | [`http1`], [`http2`] | requests and frames by hand, whether they are any or not |
//! | [`event`] | events, to be followed and projected |
//! | [`rows`] | aggregates come back from their tables |
//! | [`Proxy`] | cuts and black holes between any two of them |
//! | [`Chromium`] | a real browser with a page open |
//! | [`Smtp`] | a real mail server, and what it was handed |
//! | [`Collector`] | what a process exports: its spans and figures |
//! | [`usage`] | what a process has used: time and memory |
//! | [`checker`] | did anything get lost, doubled, or out of step? |
//! | [`until()`], [`ports`], [`scratch`] | waiting, ports and directories |
//!
//! All children die with the test process, also when that is killed.

pub mod balancer;
pub mod checker;
mod chromium;
pub mod collector;
mod database;
pub mod disk;
mod events;
mod frozen;
pub mod grpc;
pub mod http1;
pub mod http2;
pub mod mariadb;
pub mod nats;
mod nats_cluster;
pub mod node;
pub mod ports;
pub mod postgres;
mod process;
pub mod proxy;
pub mod rows;
pub mod scratch;
mod smtp;
pub mod tokens;
mod until;
pub mod usage;

pub use balancer::Balancer;
pub use chromium::Chromium;
pub use collector::Collector;
pub use disk::Disk;
pub use events::{STORY, event};
pub use mariadb::MariaDb;
pub use nats::Nats;
pub use nats_cluster::NatsCluster;
pub use node::Node;
pub use postgres::Postgres;
pub use process::Signal;
pub use proxy::Proxy;
pub use smtp::{Mail, Smtp};
pub use until::{until, within};
