//! The history of a context: every event, in the transaction of its state, kept.

mod heads;
mod known;
mod read;
mod rows;
mod serve;
mod window;

pub(crate) use self::{
    heads::heads,
    known::{adopt, among, known, last, last_before, newest_ack, renumber, unknown},
    read::events,
    rows::{append, backlog, mark, unpublished, written},
    serve::JournalServer,
    window::{Window, window},
};
pub use self::{
    known::Key,
    rows::{TABLE, Written},
};
