//! One command, one transaction: load, decide, save, journal, idempotency record.

mod aggregate;
mod call;
mod command;
mod request;

pub(crate) use self::request::forget;
pub use self::{
    aggregate::{Aggregate, Decision, Head, Stored, Versioned, find},
    call::{Call, caller, user},
    command::execute,
};
