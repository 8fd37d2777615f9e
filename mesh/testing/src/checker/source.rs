//! A context that writes: its history, and the rows that must agree with it.

use anyhow::{Context as _, Result};
use sea_orm::DatabaseConnection;
use uuid::Uuid;

use super::{
    DEAL, Finding, OFFER, deal,
    journal::{self, Event, Journal},
    offer, post,
    rows::{self, Row},
};

/// A context with all that it has written.
pub(super) struct Source {
    /// Its name, and that of its aggregates and of their table.
    pub(super) kind: &'static str,
    pub(super) db: DatabaseConnection,
    pub(super) journal: Journal,
    pub(super) rows: Vec<Row>,
}

impl Source {
    pub(super) async fn read(kind: &'static str, url: &str) -> Result<Self> {
        let db = rows::open(url).await.with_context(|| format!("the database of {kind}"))?;
        let journal = journal::read(&db, kind).await?;
        let rows = rows::all(&db, kind).await?;
        Ok(Self { kind, db, journal, rows })
    }

    /// Numbers without gaps, everything acknowledged, rows as their histories say.
    pub(super) fn check(&self) -> Result<Vec<Finding>> {
        let mut findings = journal::numbers(&self.journal);
        let mut heads = vec![];
        for row in &self.rows {
            let id = row.id("id")?;
            heads.push((id, row.number("sequence")?));
            let events = self.events(id);
            let columns = match self.kind {
                OFFER => offer::columns(row, events)?,
                DEAL => deal::columns(row, events)?,
                _ => post::columns(row, &post::fold(events))?,
            };
            findings.extend(compare(self.kind, id, columns));
        }
        findings.extend(journal::heads(&self.journal, &heads.into_iter().collect()));
        Ok(findings)
    }

    /// The history of an aggregate.
    pub(super) fn events(&self, id: Uuid) -> &[Event] {
        self.journal.get(&id).map(Vec::as_slice).unwrap_or_default()
    }
}

/// A column, what it says, and what the history says.
pub(super) type Column = (&'static str, String, String);

/// What an absent value looks like beside a present one.
pub(super) fn present<T>(value: Option<T>, text: impl FnOnce(T) -> String) -> String {
    value.map(text).unwrap_or_default()
}

/// One finding for every column that differs.
pub(super) fn compare(
    table: &'static str,
    aggregate: Uuid,
    columns: impl IntoIterator<Item = Column>,
) -> Vec<Finding> {
    let differ = columns.into_iter().filter(|(_, row, history)| row != history);
    differ
        .map(|(column, row, history)| Finding::Row { table, aggregate, column, row, history })
        .collect()
}
