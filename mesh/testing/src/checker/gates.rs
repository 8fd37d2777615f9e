//! How far a consumer is with its sources.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use sea_orm::DatabaseConnection;

use super::{Finding, journal::head, rows, source::Source};

/// What waits behind a gap or a parked event.
pub(super) async fn held(db: &DatabaseConnection) -> Result<Vec<Finding>> {
    let rows = rows::all(db, "held").await?;
    rows.iter()
        .map(|row| {
            Ok(Finding::Held {
                consumer: row.text("consumer")?,
                aggregate: row.id("aggregate_id")?,
                sequence: row.number("sequence")?,
                cause: row.text_or_null("cause")?,
            })
        })
        .collect()
}

/// A consumer's gates are at the end of a source's histories.
pub(super) async fn check(
    db: &DatabaseConnection,
    consumer: &str,
    source: &Source,
) -> Result<Vec<Finding>> {
    let mut gates = BTreeMap::new();
    for row in rows::all(db, "gate").await? {
        let of = [row.text("consumer")?, row.text("source")?, row.text("kind")?];
        if of == [consumer, source.kind, source.kind] {
            gates.insert(row.id("aggregate_id")?, row.number("sequence")?);
        }
    }
    let ids: BTreeSet<_> = gates.keys().chain(source.journal.keys()).copied().collect();
    let findings = ids.into_iter().filter_map(|aggregate| {
        let gate = gates.get(&aggregate).copied().unwrap_or_default();
        let journal = head(source.events(aggregate));
        let consumer = consumer.to_string();
        (gate != journal).then_some(Finding::Gate { consumer, aggregate, gate, journal })
    });
    Ok(findings.collect())
}
