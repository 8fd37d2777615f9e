//! Follows other contexts: their streams, and their journals for whatever a stream lacks.

mod compare;
mod lag;
mod read;
mod stream;

pub(crate) use self::{
    compare::Comparer,
    read::{Reader, Tally},
    stream::follow,
};
