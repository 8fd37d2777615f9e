//! A context's journal, read from outside: what was committed when, and when the broker's
//! acknowledgement was marked, in ms of the database's and the process's clock, which are one here.

use std::time::Duration;

use anyhow::{Context as _, Result};
use jangteo_testing::within;
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, QueryResult, Statement,
};

/// How long a backlog may take to drain.
const PATIENCE: Duration = Duration::from_mins(3);

/// The journal of one context.
pub(crate) struct Journal(DatabaseConnection);

impl Journal {
    /// In the database of this URL, which is there.
    pub(crate) async fn open(url: &str) -> Result<Self> {
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false);
        Ok(Self(Database::connect(options).await?))
    }

    /// The number of the last row; 0 where there is none.
    pub(crate) async fn last(&self) -> Result<i64> {
        self.number("SELECT COALESCE(MAX(id), 0) FROM journal").await
    }

    /// Waits until everything is acknowledged and marked.
    pub(crate) async fn drained(&self) -> Result<()> {
        let waiting = "SELECT COUNT(*) FROM journal WHERE acked_time IS NULL";
        let drained = async || matches!(self.number(waiting).await, Ok(0)).then_some(());
        within(PATIENCE, drained).await.with_context(|| format!("not drained after {PATIENCE:?}"))
    }

    /// How long each event after this row waited from its command to its mark, in ms.
    pub(crate) async fn waits_ms(&self, after: i64) -> Result<Vec<i64>> {
        let sql = format!("SELECT acked_time - time FROM journal WHERE id > {after}");
        let rows = self.rows(&sql).await?;
        Ok(rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?)
    }

    /// How many events after this row were marked at which ms, the first first.
    pub(crate) async fn marks(&self, after: i64) -> Result<Vec<Mark>> {
        let sql = format!(
            "SELECT acked_time, COUNT(*) FROM journal WHERE id > {after} \
             GROUP BY acked_time ORDER BY acked_time"
        );
        let mark = |row: &QueryResult| -> Result<Mark> {
            Ok(Mark { at_ms: row.try_get_by_index(0)?, events: row.try_get_by_index(1)? })
        };
        self.rows(&sql).await?.iter().map(mark).collect()
    }

    async fn number(&self, sql: &str) -> Result<i64> {
        let rows = self.rows(sql).await?;
        Ok(rows.first().context("the query has a row")?.try_get_by_index(0)?)
    }

    async fn rows(&self, sql: &str) -> Result<Vec<QueryResult>> {
        let statement = Statement::from_string(self.0.get_database_backend(), sql);
        Ok(self.0.query_all_raw(statement).await?)
    }
}

/// Events that were marked together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub(crate) at_ms: i64,
    pub(crate) events: i64,
}

/// Events per second between the first mark and the last: what came before the first one, the
/// connection being made anew, is not the relay's doing. Nothing where all have one mark.
#[expect(clippy::cast_precision_loss, reason = "2^52 events are too many")]
pub(crate) fn drain_rate(marks: &[Mark]) -> Option<f64> {
    let (first, rest) = marks.split_first()?;
    let took_ms = rest.last()?.at_ms - first.at_ms;
    let events: i64 = rest.iter().map(|mark| mark.events).sum();
    Some(events as f64 * 1000.0 / took_ms as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_marked_first_only_starts_the_clock() {
        let marks = [(1_000, 512), (1_100, 512), (1_500, 488)];
        let marks = marks.map(|(at_ms, events)| Mark { at_ms, events });
        assert!((drain_rate(&marks).unwrap() - 2000.0).abs() < 1e-9);
        assert_eq!(drain_rate(&marks[..1]), None);
        assert_eq!(drain_rate(&[]), None);
    }
}
