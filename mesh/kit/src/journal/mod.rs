//! The history of a context: every event, in the transaction of its state, kept.

mod heads;
mod known;
mod read;
mod rows;
mod serve;
mod window;

pub(crate) use self::{
    known::{Key, adopt, among, known, last, newest_ack, renumber, unknown},
    rows::{append, backlog, mark, unpublished},
    serve::JournalServer,
    window::{Window, window},
};
