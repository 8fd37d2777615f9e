//! The read models beside the histories that they tell of.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use sea_orm::DatabaseConnection;
use uuid::Uuid;

use super::{
    DEAL, Finding, OFFER, POST, deal, gates,
    journal::Event,
    post,
    rows::{self, Row},
    source::{Column, Source, compare, present},
    stream,
};

/// A read model, and the contexts whose events it tells of.
type Model = (&'static str, &'static [&'static str]);
const MODELS: [Model; 3] =
    [("my_sales", &[POST]), ("my_deals", &[POST, DEAL]), ("timeline", &[POST, OFFER, DEAL])];

const SALE: &str = "my_sale";
const DEALS: &str = "my_deal";
const ENTRY: &str = "timeline_entry";

/// Nothing held, gates at the end of the histories, rows as the histories say; of the read models
/// of which all sources are given.
pub(super) async fn check(db: &DatabaseConnection, sources: &[Source]) -> Result<Vec<Finding>> {
    let mut findings = gates::held(db).await?;
    for (read_model, followed) in MODELS {
        let of: Vec<_> = sources.iter().filter(|source| followed.contains(&source.kind)).collect();
        if of.len() == followed.len() {
            findings.extend(model(db, read_model, &of).await?);
        }
    }
    Ok(findings)
}

async fn model(
    db: &DatabaseConnection,
    read_model: &'static str,
    sources: &[&Source],
) -> Result<Vec<Finding>> {
    let serving = serving(db, read_model).await?;
    let [generation] = serving[..] else {
        return Ok(vec![Finding::Generations { read_model, serving: serving.len() }]);
    };
    let mut findings = vec![];
    for source in sources {
        findings.extend(gates::check(db, &format!("{read_model}@{generation}"), source).await?);
    }
    findings.extend(match (read_model, sources) {
        ("my_sales", [posts]) => sales(&rows_of(db, SALE, generation).await?, posts)?,
        ("my_deals", [_, deals]) => my_deals(&rows_of(db, DEALS, generation).await?, deals)?,
        _ => timeline(&rows_of(db, ENTRY, generation).await?, sources)?,
    });
    Ok(findings)
}

async fn serving(db: &DatabaseConnection, read_model: &str) -> Result<Vec<i64>> {
    let mut generations = vec![];
    for row in rows::all(db, "read_model").await? {
        if row.text("name")? == read_model && row.text("state")? == "serving" {
            generations.push(row.number("generation")?);
        }
    }
    Ok(generations)
}

async fn rows_of(db: &DatabaseConnection, table: &str, generation: i64) -> Result<Vec<Row>> {
    let rows = rows::all(db, table).await?.into_iter().map(|row| {
        let of = row.number("generation")?;
        Ok((of == generation).then_some(row))
    });
    rows.filter_map(Result::transpose).collect()
}

fn sales(rows: &[Row], posts: &Source) -> Result<Vec<Finding>> {
    // A removed sale may be forgotten; one that is shown may not.
    let shown = |events: &[Event]| !post::fold(events).removed;
    listed(SALE, "post_id", rows, posts, shown, |row, events| sale(row, &post::fold(events)))
}

fn my_deals(rows: &[Row], deals: &Source) -> Result<Vec<Finding>> {
    listed(DEALS, "deal_id", rows, deals, |_| true, |row, events| agreed(row, deal::fold(events)))
}

/// One row for every aggregate that is shown, and each says what it must.
fn listed(
    table: &'static str,
    key: &str,
    rows: &[Row],
    source: &Source,
    shown: impl Fn(&[Event]) -> bool,
    columns: impl Fn(&Row, &[Event]) -> Result<Vec<Column>>,
) -> Result<Vec<Finding>> {
    let mut findings = vec![];
    let mut seen = BTreeSet::new();
    for row in rows {
        let id = row.id(key)?;
        seen.insert(id);
        match source.journal.get(&id) {
            Some(events) => findings.extend(compare(table, id, columns(row, events)?)),
            None => findings.push(Finding::Stray { table, aggregate: id }),
        }
    }
    let missing = source.journal.iter().filter(|(id, events)| !seen.contains(id) && shown(events));
    findings.extend(missing.map(|(id, _)| Finding::Missing { table, aggregate: *id }));
    Ok(findings)
}

fn sale(row: &Row, post: &post::Folded) -> Result<Vec<Column>> {
    let removed = ("removed", row.flag("removed")?.to_string(), post.removed.to_string());
    if post.removed {
        // What else the row of a removed sale says is shown to nobody.
        return Ok(vec![removed]);
    }
    let agreement = post.agreement.as_ref();
    Ok(vec![
        removed,
        ("seller", row.text("seller")?, post.seller.clone()),
        ("goods", row.text("goods")?, post.goods.clone()),
        ("price_krw", row.number("price_krw")?.to_string(), post.price_krw.to_string()),
        ("neighbourhood", row.text("neighbourhood")?, post.neighbourhood.clone()),
        ("state", row.number("state")?.to_string(), i32::from(post.state).to_string()),
        ("deal_id", row.id_or_null("deal_id")?, present(agreement, |deal| deal.deal_id.clone())),
        ("buyer", row.text_or_null("buyer")?, present(agreement, |deal| deal.buyer.clone())),
        (
            "agreed_price_krw",
            present(row.number_or_null("agreed_price_krw")?, |price| price.to_string()),
            present(agreement, |deal| deal.price_krw.to_string()),
        ),
    ])
}

fn agreed(row: &Row, deal: deal::Folded) -> Result<Vec<Column>> {
    let number = |value: Option<i64>| present(value, |value| value.to_string());
    Ok(vec![
        ("offer_id", row.id("offer_id")?.to_string(), deal.offer),
        ("post_id", row.id("post_id")?.to_string(), deal.post),
        ("seller", row.text("seller")?, deal.seller),
        ("buyer", row.text("buyer")?, deal.buyer),
        ("price_krw", row.number("price_krw")?.to_string(), deal.price_krw.to_string()),
        ("state", row.number("state")?.to_string(), i32::from(deal.state).to_string()),
        ("meeting_time", number(row.number_or_null("meeting_time")?), number(deal.meeting_time)),
    ])
}

/// Every event is an entry, and nothing else is.
fn timeline(rows: &[Row], sources: &[&Source]) -> Result<Vec<Finding>> {
    let mut unseen = BTreeMap::new();
    for source in sources {
        for event in source.journal.values().flatten() {
            let Event { aggregate, sequence, .. } = *event;
            unseen.insert(stream::id(source.kind, aggregate, sequence), aggregate);
        }
    }
    let mut findings = vec![];
    for row in rows {
        let id: Uuid = row.id("event_id")?;
        if unseen.remove(&id).is_none() {
            findings.push(Finding::Stray { table: ENTRY, aggregate: id });
        }
    }
    let missing = |aggregate| Finding::Missing { table: ENTRY, aggregate };
    findings.extend(unseen.into_values().map(missing));
    Ok(findings)
}
