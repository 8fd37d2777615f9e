//! The history of a context: every event, in the transaction of its state, kept.

mod heads;
mod read;
mod rows;
mod serve;

pub(crate) use self::rows::{append, backlog, mark, unpublished};
pub use self::serve::JournalServer;
