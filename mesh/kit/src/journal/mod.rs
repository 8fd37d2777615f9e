//! The history of a context: every event, in the transaction of its state, kept.

mod heads;
mod read;
mod rows;
mod serve;

pub use self::serve::JournalServer;
pub(crate) use self::rows::{append, backlog, mark, unpublished};
