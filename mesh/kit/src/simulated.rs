//! What a simulation knows of rows that lie in no SQL database: their tables, and what waits.

use uuid::Uuid;

use crate::execute::Waiting;

pub use crate::{
    execute::{ANSWERS, REQUESTS, UNIQUE, is_undone},
    inbox::simulated::{DISCARDED, GATES, HELD, POSITION, place},
    journal::Written,
    project::simulated::Columns,
};

/// An aggregate that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waits {
    /// Its kind.
    pub kind: String,
    /// The aggregate.
    pub id: Uuid,
    /// When it has to be looked at, in ms since 1970.
    pub wake_time: i64,
    /// The key of its question; none: it waits for that time only.
    pub call_key: Option<String>,
}

impl From<Waiting> for Waits {
    fn from(row: Waiting) -> Self {
        let Waiting { kind, aggregate_id, wake_time, call_key, .. } = row;
        Self { kind, id: aggregate_id, wake_time, call_key }
    }
}
