//! What was begun must come to its end.

use std::{collections::BTreeSet, time::UNIX_EPOCH};

use anyhow::Result;
use uuid::Uuid;

use super::{
    DEAL, Finding, OFFER,
    rows::{self, Row},
    source::Source,
};

#[expect(clippy::disallowed_methods, reason = "the clock of the processes, as seen from outside")]
/// Nobody waits for an answer, nothing is overdue, every request is decided on.
pub(super) async fn check(sources: &[Source], ahead_ms: i64) -> Result<Vec<Finding>> {
    let now = i64::try_from(UNIX_EPOCH.elapsed()?.as_millis())? + ahead_ms;
    let mut findings = vec![];
    for source in sources {
        let timers = waiting(source, now, &mut findings).await?;
        for row in &source.rows {
            findings.extend(standing(source.kind, row, &timers)?);
        }
        for row in rows::all(&source.db, "request").await? {
            if row.text("verdict")? == "running" {
                findings.push(Finding::Running { request: row.id("request_id")? });
            }
        }
    }
    Ok(findings)
}

/// Who has a timer; what waits for anything else is not at rest.
async fn waiting(source: &Source, now: i64, findings: &mut Vec<Finding>) -> Result<BTreeSet<Uuid>> {
    let mut timers = BTreeSet::new();
    for row in rows::all(&source.db, "waiting").await? {
        let (aggregate, key) = (row.id("aggregate_id")?, row.text_or_null("call_key")?);
        if !key.is_empty() {
            findings.push(Finding::Unanswered { aggregate, key });
            continue;
        }
        timers.insert(aggregate);
        if row.number("wake_time")? <= now {
            findings.push(Finding::Overdue { aggregate });
        }
    }
    Ok(timers)
}

fn standing(table: &'static str, row: &Row, timers: &BTreeSet<Uuid>) -> Result<Option<Finding>> {
    let (aggregate, state) = (row.id("id")?, row.text("state")?);
    let moving: &[&str] = match table {
        OFFER => &["asking"],
        DEAL => &["taking", "holding", "releasing_post", "releasing_offer"],
        _ => &[],
    };
    let again = table == OFFER && row.flag("asks_again")?;
    let open = table == OFFER && ["pending", "accepted"].contains(&state.as_str());
    Ok(if again || moving.contains(&state.as_str()) {
        Some(Finding::Unfinished { table, aggregate, state })
    } else {
        (open && !timers.contains(&aggregate)).then_some(Finding::Asleep { aggregate })
    })
}
