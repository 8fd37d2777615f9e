//! What a jangteo service is made of. It knows no business word.
//!
//! A context declares its contracts, tables, rules and read models ([`service::Service`]); the kit
//! does the rest: one transaction per command ([`execute`]), the history (`journal`), publishing
//! it, taking in what others publish ([`inbox`]), read models ([`project`]), identity ([`auth`]),
//! the server.
//! What it decides stands in [`decide`], pure.

pub mod auth;
mod bus;
pub mod clock;
pub mod config;
pub mod context;
pub mod decide;
pub mod event;
pub mod execute;
pub mod failpoint;
mod fault;
mod follow;
pub mod host;
pub mod ids;
pub mod inbox;
mod journal;
pub mod mask;
mod mend;
mod migration;
pub mod page;
pub mod peer;
pub mod project;
mod relay;
mod saga;
pub mod server;
pub mod service;
pub mod simulated;
pub mod status;
pub mod store;
pub mod telemetry;
mod timeout;
pub mod token;
mod work;
