//! Judges what a run has left behind: nothing lost, nothing doubled, nothing out of step.
//!
//! Reads the databases themselves, and folds the history with rules of its own: what the code
//! under test believes of itself counts for nothing here. Ask once everything is quiet.

mod deal;
mod finding;
mod gates;
mod history;
mod journal;
mod offer;
mod post;
mod quiet;
mod rows;
mod sale;
mod source;
mod stream;
#[cfg(test)]
mod tests;
mod view;

use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

pub use finding::Finding;
use source::Source;
pub use stream::{Message, messages};

/// The contexts whose events are checked, and the kinds of their aggregates.
const POST: &str = "post";
const OFFER: &str = "offer";
const DEAL: &str = "deal";

/// Which contexts follow the events of which others.
const FOLLOWED: [(&str, &[&str]); 2] = [(POST, &[DEAL]), (OFFER, &[POST, DEAL])];

/// What is checked against what.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// The database of `post`.
    pub post: String,
    /// The database of `view`.
    pub view: String,
    /// Those of the sale; `None` where posts are only written.
    pub sale: Option<Sale>,
    /// What the broker holds; `None` where it has been wiped and proves nothing.
    pub stream: Option<Vec<Message>>,
    /// What clients were told.
    pub history: History,
}

/// The databases of the contexts that sell.
#[derive(Clone, Debug, Default)]
pub struct Sale {
    /// The database of `offer`.
    pub offer: String,
    /// The database of `deal`.
    pub deal: String,
    /// How far ahead of this clock the one of the processes is, in ms.
    pub ahead_ms: i64,
}

/// What the clients of a run were told.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// One for each answer; a write that was sent again may have several.
    pub writes: Vec<Write>,
    /// The same of those that were refused.
    pub refusals: Vec<Refusal>,
    /// Whether these are all writes that were ever sent: then everything else is an effect too many.
    pub complete: bool,
    /// Whether it is so long ago that the answers need not be on record any more.
    pub long_ago: bool,
}

/// An answer to a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// The id that the client made for it.
    pub request_id: Uuid,
    /// The aggregate in the answer.
    pub id: Uuid,
    /// The etag in the answer.
    pub etag: String,
    /// The one event that the write should have caused, such as `PostWritten`.
    pub event: &'static str,
}

/// A write that was refused: it must have no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The id that the client made for it.
    pub request_id: Uuid,
    /// The reason in the answer.
    pub reason: String,
}

/// Finds what is wrong; an empty answer is a clean run.
pub async fn check(case: &Case) -> Result<Vec<Finding>> {
    let sources = sources(case).await?;
    let view = rows::open(&case.view).await.context("the database of view")?;
    let mut findings = vec![];
    for source in &sources {
        findings.extend(source.check()?);
    }
    if let Some(messages) = &case.stream {
        findings.extend(stream::check(&sources, messages));
    }
    findings.extend(view::check(&view, &sources).await?);
    findings.extend(history::check(&sources, &case.history).await?);
    if let (Some(sale), [posts, offers, deals]) = (&case.sale, &sources[..]) {
        findings.extend(followed(&sources).await?);
        findings.extend(sale::check(posts, offers, deals).await?);
        findings.extend(quiet::check(&sources, sale.ahead_ms).await?);
    }
    for database in sources.into_iter().map(|source| source.db).chain([view]) {
        database.close().await?;
    }
    Ok(findings)
}

async fn sources(case: &Case) -> Result<Vec<Source>> {
    let mut sources = vec![Source::read(POST, &case.post).await?];
    if let Some(Sale { offer, deal, .. }) = &case.sale {
        sources.push(Source::read(OFFER, offer).await?);
        sources.push(Source::read(DEAL, deal).await?);
    }
    Ok(sources)
}

/// Nobody holds an event or is behind those whom he follows.
async fn followed(sources: &[Source]) -> Result<Vec<Finding>> {
    let mut findings = vec![];
    for (consumer, followed) in FOLLOWED {
        for follower in sources.iter().filter(|one| one.kind == consumer) {
            findings.extend(gates::held(&follower.db).await?);
            for source in sources.iter().filter(|one| followed.contains(&one.kind)) {
                findings.extend(gates::check(&follower.db, consumer, source).await?);
            }
        }
    }
    Ok(findings)
}

/// Looks until nothing is wrong any more, and panics with what still is when it gives up.
pub async fn settled(patience: Duration, look: impl AsyncFn() -> Result<Vec<Finding>>) {
    let findings = at_rest(patience, look).await.expect("the databases can be read");
    if !findings.is_empty() {
        let text: Vec<_> = findings.iter().map(|finding| format!("  {finding}")).collect();
        panic!("not at rest, and nothing moves for {patience:?}:\n{}", text.join("\n"));
    }
}

/// Whoever moves for so many times the patience goes round in circles.
const CIRCLES: u32 = 10;

/// Looks until nothing is wrong any more, and answers what still is once nothing has moved for
/// `patience`: a busy machine may take long to catch up, and what stands still is lost.
pub async fn at_rest(
    patience: Duration,
    look: impl AsyncFn() -> Result<Vec<Finding>>,
) -> Result<Vec<Finding>> {
    let (begun, mut moved, mut before) = (Instant::now(), Instant::now(), vec![]);
    loop {
        let findings = look().await?;
        if findings != before {
            moved = Instant::now();
        }
        let given_up = moved.elapsed() >= patience || begun.elapsed() >= patience * CIRCLES;
        if findings.is_empty() || given_up {
            return Ok(findings);
        }
        before = findings;
        sleep(Duration::from_millis(100)).await;
    }
}
