//! One command, one transaction: load, decide, save, journal, idempotency record; and what a state
//! waits for afterwards.

mod aggregate;
mod answer;
mod apply;
mod call;
mod cause;
mod command;
mod drive;
mod in_vain;
mod listed;
mod outlast;
mod request;
mod take;
mod waiting;

pub use self::{
    aggregate::{
        Aggregate, Decision, Follows, Head, Index, Orders, Stored, Target, UNIQUE, Versioned, find,
        get,
    },
    answer::{TABLE as ANSWERS, is_undone},
    call::{Call, caller, user},
    command::{create, execute},
    request::TABLE as REQUESTS,
    take::{accept, check, take, take_all, undo, undo_all},
};
pub(crate) use self::{
    aggregate::{load, save},
    apply::apply,
    cause::Cause,
    drive::{Begun, resume, unfit},
    listed::{Count, Waits, Wanted, counts, page},
    request::forget,
    waiting::{
        TABLE as WAITING, Waiting, due, find as waiting, known as awaited, put, put_off, remove,
    },
};
