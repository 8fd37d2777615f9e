//! Rows that lie in no SQL database: those of a simulation, which keeps thousands of worlds in memory
//! one after the other. What is decided about them is decided by the same code.

use std::{any::Any, sync::Arc};

/// A row, as whoever wrote it knows it.
pub type Row = Arc<dyn Any + Send + Sync>;

/// One command on one state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrow {
    /// The kind of the aggregate.
    pub kind: &'static str,
    /// The name of the state before, as its row has it; none: there was none.
    pub before: Option<String>,
    /// The name of the command.
    pub command: String,
    /// The name of the state after; none: it was refused.
    pub after: Option<String>,
}

/// The tables of one context. Each keeps its rows in the order of their keys.
pub trait Rows: Send + Sync {
    /// The row with this key.
    fn get(&self, table: &'static str, key: &str) -> Option<Row>;

    /// The rows whose keys begin so.
    fn range(&self, table: &'static str, prefix: &str) -> Vec<Row>;

    /// The keys that begin so.
    fn keys(&self, table: &'static str, prefix: &str) -> Vec<String>;

    /// Writes a row, whether or not there is one.
    fn put(&self, table: &'static str, key: String, row: Row);

    /// Removes a row; tells whether there was one.
    fn remove(&self, table: &'static str, key: &str) -> bool;

    /// A number that no row of this database has had before.
    fn number(&self) -> i64;

    /// An aggregate was told something, and this came of it.
    fn arrow(&self, arrow: Arrow);

    /// Whatever follows comes to nothing, or not: a transaction, or a savepoint in one.
    fn begin(&self);

    /// What has followed the last [`Rows::begin`] holds.
    fn commit(&self);

    /// What has followed the last [`Rows::begin`] comes to nothing.
    fn rollback(&self);
}

impl dyn Rows + '_ {
    /// The row with this key, as a `T`.
    pub fn one<T: Clone + Send + Sync + 'static>(
        &self,
        table: &'static str,
        key: &str,
    ) -> Option<T> {
        self.get(table, key).and_then(|row| row.downcast_ref::<T>().cloned())
    }

    /// The rows whose keys begin so, as `T`s.
    pub fn all<T: Clone + Send + Sync + 'static>(
        &self,
        table: &'static str,
        prefix: &str,
    ) -> Vec<T> {
        self.shared(table, prefix).into_iter().map(Arc::unwrap_or_clone).collect()
    }

    /// The same, without copies of them.
    pub fn shared<T: Send + Sync + 'static>(
        &self,
        table: &'static str,
        prefix: &str,
    ) -> Vec<Arc<T>> {
        self.range(table, prefix).into_iter().filter_map(|row| row.downcast().ok()).collect()
    }

    /// Writes a row unless there is one; tells whether it did.
    pub(crate) fn insert<T: Send + Sync + 'static>(
        &self,
        table: &'static str,
        key: String,
        row: T,
    ) -> bool {
        let absent = self.get(table, &key).is_none();
        if absent {
            self.put(table, key, Arc::new(row));
        }
        absent
    }

    /// Removes the rows whose keys begin so.
    pub(crate) fn clear(&self, table: &'static str, prefix: &str) {
        for key in self.keys(table, prefix) {
            self.remove(table, &key);
        }
    }

    /// Changes the row with this key, if there is one.
    pub(crate) fn change<T: Clone + Send + Sync + 'static>(
        &self,
        table: &'static str,
        key: &str,
        change: impl FnOnce(&mut T),
    ) {
        if let Some(mut row) = self.one::<T>(table, key) {
            change(&mut row);
            self.put(table, key.to_owned(), Arc::new(row));
        }
    }
}
