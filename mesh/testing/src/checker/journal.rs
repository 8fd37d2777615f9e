//! The histories of aggregates.

use std::collections::BTreeMap;

use anyhow::Result;
use prost::Message;
use sea_orm::DatabaseConnection;
use uuid::Uuid;

use super::{
    Finding,
    rows::{self, Row},
};

/// A row of the journal.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) aggregate: Uuid,
    pub(super) sequence: i64,
    pub(super) type_name: String,
    pub(super) payload: Vec<u8>,
    pub(super) acked: bool,
}

impl Event {
    /// The name of its message without the package.
    pub(super) fn name(&self) -> &str {
        self.type_name.rsplit('.').next().unwrap_or_default()
    }

    /// Its message; one that can't be read says nothing, and then the rows will differ.
    pub(super) fn message<M: Message + Default>(&self) -> M {
        M::decode(self.payload.as_slice()).unwrap_or_default()
    }
}

/// The events of every aggregate in the order of their numbers.
pub(super) type Journal = BTreeMap<Uuid, Vec<Event>>;

/// The last number of an aggregate's events.
pub(super) fn head(events: &[Event]) -> i64 {
    events.last().map_or(0, |event| event.sequence)
}

/// Reads the journal of a context.
pub(super) async fn read(db: &DatabaseConnection, kind: &str) -> Result<Journal> {
    let mut journal = Journal::new();
    for row in rows::all(db, "journal").await? {
        if row.text("kind")? == kind {
            let event = event(&row)?;
            journal.entry(event.aggregate).or_default().push(event);
        }
    }
    for events in journal.values_mut() {
        events.sort_by_key(|event| event.sequence);
    }
    Ok(journal)
}

fn event(row: &Row) -> Result<Event> {
    Ok(Event {
        aggregate: row.id("aggregate_id")?,
        sequence: row.number("sequence")?,
        type_name: row.text("type")?,
        payload: row.bytes("payload")?,
        acked: row.number_or_null("acked_time")?.is_some(),
    })
}

/// Every aggregate's numbers run without a gap, and the broker has acknowledged them.
pub(super) fn numbers(journal: &Journal) -> Vec<Finding> {
    let mut findings = vec![];
    for (expected, event) in journal.values().flat_map(|events| (1..).zip(events)) {
        let Event { aggregate, sequence, acked, .. } = *event;
        if sequence != expected {
            findings.push(Finding::Gap { aggregate, expected, found: sequence });
        }
        if !acked {
            findings.push(Finding::Unacked { aggregate, sequence });
        }
    }
    findings
}

/// Rows and histories end at the same events.
pub(super) fn heads(journal: &Journal, rows: &BTreeMap<Uuid, i64>) -> Vec<Finding> {
    let ids = journal.keys().chain(rows.keys().filter(|id| !journal.contains_key(id)));
    ids.filter_map(|id| {
        let row = rows.get(id).copied();
        let journal = journal.get(id).map_or(0, |events| head(events));
        (row != Some(journal)).then_some(Finding::Head { aggregate: *id, row, journal })
    })
    .collect()
}
