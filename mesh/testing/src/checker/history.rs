//! What clients were told beside what came of it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use jangteo::{
    deal::v1::Deal,
    errors,
    offer::v1::Offer,
    post::v1::{Post, PostReopened, PostReserved, PostSold},
};
use prost::Message as _;
use tonic::{Code, Status};
use uuid::Uuid;

use super::{
    DEAL, Finding, History, OFFER, Refusal, Write,
    journal::Event,
    rows::{self, Row},
    source::Source,
};

/// How often each event was asked for, or found, per aggregate.
type Counts = BTreeMap<(Uuid, String), usize>;

/// What nobody asks for: it follows from something else.
const CONSEQUENCES: [&str; 7] = [
    "PostReserved",
    "PostReopened",
    "PostSold",
    "OfferReopened",
    "OfferCompleted",
    "OfferAutoCancelled",
    "OfferExpired",
];

/// Every acknowledged write has one effect, one answer, and that answer on record; a refused one
/// has none.
pub(super) async fn check(sources: &[Source], history: &History) -> Result<Vec<Finding>> {
    let mut findings = answers(&recorded(sources).await?, history);
    findings.extend(effects(sources, history));
    findings.extend(consequences(sources));
    Ok(findings)
}

/// The answers on record, by request.
async fn recorded(sources: &[Source]) -> Result<BTreeMap<Uuid, String>> {
    let mut recorded = BTreeMap::new();
    for source in sources {
        for row in rows::all(&source.db, "request").await? {
            recorded.insert(row.id("request_id")?, kept(source.kind, &row)?);
        }
    }
    Ok(recorded)
}

fn kept(kind: &str, row: &Row) -> Result<String> {
    let (verdict, reply) = (row.text("verdict")?, row.bytes("reply")?);
    Ok(match verdict.as_str() {
        "yes" => shown(kind, &reply),
        "no" => {
            let status = Status::with_details(Code::Unknown, "", reply.into());
            refused(&errors::reason(&status).unwrap_or_default())
        }
        _ => verdict,
    })
}

fn shown(kind: &str, reply: &[u8]) -> String {
    let (id, etag) = match kind {
        OFFER => Offer::decode(reply).map(|offer| (offer.id, offer.etag)),
        DEAL => Deal::decode(reply).map(|deal| (deal.id, deal.etag)),
        _ => Post::decode(reply).map(|post| (post.id, post.etag)),
    }
    .unwrap_or_default();
    answer(&id, &etag)
}

fn answer(id: &str, etag: &str) -> String {
    format!("{id} at {etag}")
}

fn refused(reason: &str) -> String {
    format!("no: {reason}")
}

fn answers(recorded: &BTreeMap<Uuid, String>, history: &History) -> Vec<Finding> {
    let mut findings = vec![];
    for Write { request_id, id, etag, .. } in &history.writes {
        match recorded.get(request_id) {
            None if history.long_ago => {}
            None => findings.push(Finding::Forgotten { request: *request_id }),
            Some(kept) => findings.extend(same(*request_id, kept, answer(&id.to_string(), etag))),
        }
    }
    // What was refused at once is not on record.
    for Refusal { request_id, reason } in &history.refusals {
        let kept = recorded.get(request_id);
        findings.extend(kept.and_then(|kept| same(*request_id, kept, refused(reason))));
    }
    findings
}

fn same(request: Uuid, kept: &str, told: String) -> Option<Finding> {
    let answers = [kept.to_owned(), told];
    (answers[0] != answers[1]).then_some(Finding::Contradicted { request, answers })
}

fn effects(sources: &[Source], history: &History) -> Vec<Finding> {
    let (asked, found) = (asked(&history.writes), found(sources));
    let keys: BTreeSet<_> = asked.keys().chain(found.keys()).collect();
    keys.into_iter()
        .filter_map(|key| {
            let count = |counts: &Counts| counts.get(key).copied().unwrap_or_default();
            let all = history.complete && !CONSEQUENCES.contains(&key.1.as_str());
            finding(key.clone(), count(&asked), count(&found), all)
        })
        .collect()
}

fn finding(
    (aggregate, event): (Uuid, String),
    acknowledged: usize,
    found: usize,
    all: bool,
) -> Option<Finding> {
    if found < acknowledged {
        Some(Finding::Lost { aggregate, event, acknowledged, found })
    } else if found > acknowledged && all {
        Some(Finding::Doubled { aggregate, event, acknowledged, found })
    } else {
        None
    }
}

/// Whatever follows from a deal does so once; an offer may be reopened by several.
fn consequences(sources: &[Source]) -> Vec<Finding> {
    let mut counts = BTreeMap::<_, usize>::new();
    for event in events(sources).filter(|event| CONSEQUENCES.contains(&event.name())) {
        let deal = match event.name() {
            "PostReserved" => event.message::<PostReserved>().deal_id,
            "PostReopened" => event.message::<PostReopened>().deal_id,
            "PostSold" => event.message::<PostSold>().deal_id,
            "OfferReopened" => continue,
            _ => String::new(),
        };
        *counts.entry((event.aggregate, event.name(), deal)).or_default() += 1;
    }
    let twice = counts.into_iter().filter(|(_, count)| *count > 1);
    twice
        .map(|((aggregate, event, _), found)| Finding::Doubled {
            aggregate,
            event: event.to_owned(),
            acknowledged: 1,
            found,
        })
        .collect()
}

fn asked(writes: &[Write]) -> Counts {
    let requests: BTreeMap<_, _> = writes
        .iter()
        .map(|write| (write.request_id, (write.id, write.event.to_string())))
        .collect();
    count(requests.into_values())
}

fn found(sources: &[Source]) -> Counts {
    count(events(sources).map(|event| (event.aggregate, event.name().to_string())))
}

fn events(sources: &[Source]) -> impl Iterator<Item = &Event> {
    sources.iter().flat_map(|source| source.journal.values().flatten())
}

fn count(keys: impl Iterator<Item = (Uuid, String)>) -> Counts {
    let mut counts = Counts::new();
    for key in keys {
        *counts.entry(key).or_default() += 1;
    }
    counts
}
