//! What clients were told beside what came of it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use jangteo::post::v1::Post;
use prost::Message as _;
use sea_orm::DatabaseConnection;
use uuid::Uuid;

use super::{Finding, History, Write, journal::Journal, rows};

/// How often each event was asked for, or found, per post.
type Counts = BTreeMap<(Uuid, String), usize>;

/// Every acknowledged write has one effect, one answer, and that answer on record.
pub(super) async fn check(
    db: &DatabaseConnection,
    journal: &Journal,
    history: &History,
) -> Result<Vec<Finding>> {
    let mut findings = answers(&recorded(db).await?, &history.writes);
    findings.extend(effects(journal, history));
    Ok(findings)
}

/// The answers on record, by request.
async fn recorded(db: &DatabaseConnection) -> Result<BTreeMap<Uuid, String>> {
    let mut recorded = BTreeMap::new();
    for row in rows::all(db, "request").await? {
        let post = Post::decode(row.bytes("reply")?.as_slice()).unwrap_or_default();
        recorded.insert(row.id("request_id")?, answer(&post.id, &post.etag));
    }
    Ok(recorded)
}

fn answer(post: &str, etag: &str) -> String {
    format!("{post} at {etag}")
}

fn answers(recorded: &BTreeMap<Uuid, String>, writes: &[Write]) -> Vec<Finding> {
    let mut findings = vec![];
    for write in writes {
        let request = write.request_id;
        let told = answer(&write.post_id.to_string(), &write.etag);
        match recorded.get(&request) {
            None => findings.push(Finding::Forgotten { request }),
            Some(answer) if *answer != told => {
                findings.push(Finding::Contradicted { request, answers: [answer.clone(), told] });
            }
            Some(_) => {}
        }
    }
    findings
}

fn effects(journal: &Journal, history: &History) -> Vec<Finding> {
    let (asked, found) = (asked(&history.writes), found(journal));
    let keys: BTreeSet<_> = asked.keys().chain(found.keys()).collect();
    keys.into_iter()
        .filter_map(|key| {
            let count = |counts: &Counts| counts.get(key).copied().unwrap_or_default();
            finding(key.clone(), count(&asked), count(&found), history.complete)
        })
        .collect()
}

fn finding(
    (post, event): (Uuid, String),
    acknowledged: usize,
    found: usize,
    complete: bool,
) -> Option<Finding> {
    if found < acknowledged {
        Some(Finding::Lost { post, event, acknowledged, found })
    } else if found > acknowledged && complete {
        Some(Finding::Doubled { post, event, acknowledged, found })
    } else {
        None
    }
}

fn asked(writes: &[Write]) -> Counts {
    let requests: BTreeMap<_, _> = writes
        .iter()
        .map(|write| (write.request_id, (write.post_id, write.event.to_string())))
        .collect();
    count(requests.into_values())
}

fn found(journal: &Journal) -> Counts {
    count(journal.values().flatten().map(|event| (event.aggregate, event.name().to_string())))
}

fn count(keys: impl Iterator<Item = (Uuid, String)>) -> Counts {
    let mut counts = Counts::new();
    for key in keys {
        *counts.entry(key).or_default() += 1;
    }
    counts
}
