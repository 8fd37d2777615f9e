//! The history of posts, and the rows that must agree with it.

use std::collections::BTreeMap;

use anyhow::Result;
use jangteo::view::v1::my_sale::State;
use sea_orm::DatabaseConnection;
use uuid::Uuid;

use super::{
    Finding, POST,
    fold::{Folded, fold},
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
}

/// The events of every aggregate in the order of their numbers.
pub(super) type Journal = BTreeMap<Uuid, Vec<Event>>;

/// The last number of an aggregate's events.
pub(super) fn head(events: &[Event]) -> i64 {
    events.last().map_or(0, |event| event.sequence)
}

/// Reads the journal of posts.
pub(super) async fn read(db: &DatabaseConnection) -> Result<Journal> {
    let mut journal = Journal::new();
    for row in rows::all(db, "journal").await? {
        if row.text("kind")? == POST {
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

/// Numbers without gaps, everything acknowledged, rows as their histories say.
pub(super) async fn check(db: &DatabaseConnection, journal: &Journal) -> Result<Vec<Finding>> {
    let mut findings: Vec<_> = journal.values().flat_map(|events| numbers(events)).collect();
    let rows = rows::all(db, "post").await?;
    let mut seen = BTreeMap::new();
    for row in &rows {
        let id = row.id("id")?;
        let events = journal.get(&id).map(Vec::as_slice).unwrap_or_default();
        seen.insert(id, row.number("sequence")?);
        findings.extend(differences(row, id, &fold(events))?);
    }
    findings.extend(heads(journal, &seen));
    Ok(findings)
}

fn numbers(events: &[Event]) -> Vec<Finding> {
    let mut findings = vec![];
    for (expected, event) in (1..).zip(events) {
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

fn heads(journal: &Journal, rows: &BTreeMap<Uuid, i64>) -> Vec<Finding> {
    let ids = journal.keys().chain(rows.keys().filter(|id| !journal.contains_key(id)));
    ids.filter_map(|id| {
        let row = rows.get(id).copied();
        let journal = journal.get(id).map_or(0, |events| head(events));
        (row != Some(journal)).then_some(Finding::Head { aggregate: *id, row, journal })
    })
    .collect()
}

fn differences(row: &Row, aggregate: Uuid, post: &Folded) -> Result<Vec<Finding>> {
    let agreement = post.agreement.as_ref();
    let columns = [
        ("seller", row.text("seller")?, post.seller.clone()),
        ("goods", row.text("goods")?, post.goods.clone()),
        ("price_krw", row.number("price_krw")?.to_string(), post.price_krw.to_string()),
        ("neighbourhood", row.text("neighbourhood")?, post.neighbourhood.clone()),
        ("state", row.text("state")?, state(post).to_string()),
        ("deal_id", row.id_or_null("deal_id")?, agreed(agreement, |deal| deal.deal_id.clone())),
        ("buyer", row.text_or_null("buyer")?, agreed(agreement, |deal| deal.buyer.clone())),
        (
            "agreed_price_krw",
            agreed(row.number_or_null("agreed_price_krw")?, |price| price.to_string()),
            agreed(agreement, |deal| deal.price_krw.to_string()),
        ),
    ];
    Ok(compare(POST, aggregate, columns))
}

/// What an absent value looks like beside a present one.
pub(super) fn agreed<T>(value: Option<T>, text: impl FnOnce(T) -> String) -> String {
    value.map(text).unwrap_or_default()
}

/// One finding for every column that differs.
pub(super) fn compare(
    table: &'static str,
    aggregate: Uuid,
    columns: impl IntoIterator<Item = (&'static str, String, String)>,
) -> Vec<Finding> {
    let differ = columns.into_iter().filter(|(_, row, history)| row != history);
    differ
        .map(|(column, row, history)| Finding::Row { table, aggregate, column, row, history })
        .collect()
}

fn state(post: &Folded) -> &'static str {
    match post.state {
        _ if post.removed => "deleted",
        State::Unspecified => "",
        State::Available => "available",
        State::Reserved => "reserved",
        State::Sold => "sold",
        State::Hidden => "hidden",
    }
}
