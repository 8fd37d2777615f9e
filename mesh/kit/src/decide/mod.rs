//! What the kit decides, as pure functions: no I/O, no clock, no chance. The database code and the
//! simulation call the same ones.

mod compare;
mod gate;
mod publish;
mod rebuild;
mod request;
mod retry;

pub use self::{
    compare::{Head, Lack, lack},
    gate::{Arrival, Gate},
    publish::settled,
    rebuild::{Progress, may_switch},
    request::{Answer, answer},
    retry::backoff,
};
