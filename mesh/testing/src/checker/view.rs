//! The read model of sales beside the history of posts.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use sea_orm::DatabaseConnection;
use uuid::Uuid;

use super::{
    Finding, POST,
    fold::{Folded, fold},
    journal::{Journal, agreed, compare, head},
    rows::{self, Row},
};

const READ_MODEL: &str = "my_sales";
const TABLE: &str = "my_sale";

/// Nothing held, gates at the end of the history, rows as the history says.
pub(super) async fn check(db: &DatabaseConnection, journal: &Journal) -> Result<Vec<Finding>> {
    let mut findings = held(db).await?;
    let serving = serving(db).await?;
    let [generation] = serving[..] else {
        let serving = serving.len();
        findings.push(Finding::Generations { read_model: READ_MODEL, serving });
        return Ok(findings);
    };
    findings.extend(gates(db, journal, &format!("{READ_MODEL}@{generation}")).await?);
    findings.extend(sales(db, journal, generation).await?);
    Ok(findings)
}

async fn held(db: &DatabaseConnection) -> Result<Vec<Finding>> {
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

async fn serving(db: &DatabaseConnection) -> Result<Vec<i64>> {
    let mut generations = vec![];
    for row in rows::all(db, "read_model").await? {
        if row.text("name")? == READ_MODEL && row.text("state")? == "serving" {
            generations.push(row.number("generation")?);
        }
    }
    Ok(generations)
}

async fn gates(db: &DatabaseConnection, journal: &Journal, consumer: &str) -> Result<Vec<Finding>> {
    let mut gates = BTreeMap::new();
    for row in rows::all(db, "gate").await? {
        let of = [row.text("consumer")?, row.text("source")?, row.text("kind")?];
        if of == [consumer, POST, POST] {
            gates.insert(row.id("aggregate_id")?, row.number("sequence")?);
        }
    }
    let ids: BTreeSet<_> = gates.keys().chain(journal.keys()).copied().collect();
    let findings = ids.into_iter().filter_map(|aggregate| {
        let gate = gates.get(&aggregate).copied().unwrap_or_default();
        let journal = journal.get(&aggregate).map_or(0, |events| head(events));
        let consumer = consumer.to_string();
        (gate != journal).then_some(Finding::Gate { consumer, aggregate, gate, journal })
    });
    Ok(findings.collect())
}

async fn sales(
    db: &DatabaseConnection,
    journal: &Journal,
    generation: i64,
) -> Result<Vec<Finding>> {
    let mut findings = vec![];
    let mut seen = BTreeSet::new();
    for row in rows::all(db, TABLE).await? {
        if row.number("generation")? == generation {
            let id = row.id("post_id")?;
            seen.insert(id);
            match journal.get(&id) {
                Some(events) => findings.extend(differences(&row, id, &fold(events))?),
                None => findings.push(Finding::Stray { table: TABLE, aggregate: id }),
            }
        }
    }
    // A removed sale may be forgotten; one that is shown may not.
    let shown = journal.iter().filter(|(_, events)| !fold(*events).removed);
    let missing = shown.filter(|(id, _)| !seen.contains(id));
    findings.extend(missing.map(|(id, _)| Finding::Missing { table: TABLE, aggregate: *id }));
    Ok(findings)
}

fn differences(row: &Row, id: Uuid, post: &Folded) -> Result<Vec<Finding>> {
    let removed = ("removed", row.flag("removed")?.to_string(), post.removed.to_string());
    if post.removed {
        // What else the row of a removed sale says is shown to nobody.
        return Ok(compare(TABLE, id, [removed]));
    }
    let agreement = post.agreement.as_ref();
    let columns = [
        removed,
        ("seller", row.text("seller")?, post.seller.clone()),
        ("goods", row.text("goods")?, post.goods.clone()),
        ("price_krw", row.number("price_krw")?.to_string(), post.price_krw.to_string()),
        ("neighbourhood", row.text("neighbourhood")?, post.neighbourhood.clone()),
        ("state", row.number("state")?.to_string(), i32::from(post.state).to_string()),
        ("deal_id", row.id_or_null("deal_id")?, agreed(agreement, |deal| deal.deal_id.clone())),
        ("buyer", row.text_or_null("buyer")?, agreed(agreement, |deal| deal.buyer.clone())),
        (
            "agreed_price_krw",
            agreed(row.number_or_null("agreed_price_krw")?, |price| price.to_string()),
            agreed(agreement, |deal| deal.price_krw.to_string()),
        ),
    ];
    Ok(compare(TABLE, id, columns))
}
