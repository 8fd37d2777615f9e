//! Judges what a run has left behind: nothing lost, nothing doubled, nothing out of step.
//!
//! Reads the databases themselves, and folds the history with rules of its own: what the code
//! under test believes of itself counts for nothing here. Ask once everything is quiet.

mod finding;
mod fold;
mod history;
mod journal;
mod rows;
mod stream;
#[cfg(test)]
mod tests;
mod view;

use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

pub use finding::Finding;
pub use stream::{Message, messages};

/// The context whose events are checked, and the kind of its aggregates.
const POST: &str = "post";

/// What is checked against what.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// The database of `post`.
    pub post: String,
    /// The database of `view`.
    pub view: String,
    /// What the broker holds; `None` where it has been wiped and proves nothing.
    pub stream: Option<Vec<Message>>,
    /// What clients were told.
    pub history: History,
}

/// The writes of a run that were acknowledged.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// One for each answer; a write that was sent again may have several.
    pub writes: Vec<Write>,
    /// Whether these are all writes that were ever sent: then everything else is an effect too many.
    pub complete: bool,
}

/// An answer to a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// The id that the client made for it.
    pub request_id: Uuid,
    /// The post in the answer.
    pub post_id: Uuid,
    /// The etag in the answer.
    pub etag: String,
    /// The one event that the write should have caused, such as `PostWritten`.
    pub event: &'static str,
}

/// Finds what is wrong; an empty answer is a clean run.
pub async fn check(case: &Case) -> Result<Vec<Finding>> {
    let post = rows::open(&case.post).await.context("the database of post")?;
    let view = rows::open(&case.view).await.context("the database of view")?;
    let journal = journal::read(&post).await?;
    let mut findings = journal::check(&post, &journal).await?;
    if let Some(messages) = &case.stream {
        findings.extend(stream::check(&journal, messages));
    }
    findings.extend(view::check(&view, &journal).await?);
    findings.extend(history::check(&post, &journal, &case.history).await?);
    for database in [post, view] {
        database.close().await?;
    }
    Ok(findings)
}

/// Looks until nothing is wrong any more, and panics with what still is at the deadline.
pub async fn settled(deadline: Duration, look: impl AsyncFn() -> Result<Vec<Finding>>) {
    let findings = at_rest(deadline, look).await.expect("the databases can be read");
    if !findings.is_empty() {
        let text: Vec<_> = findings.iter().map(|finding| format!("  {finding}")).collect();
        panic!("not at rest within {deadline:?}:\n{}", text.join("\n"));
    }
}

/// Looks until nothing is wrong any more, and answers what still is at the deadline.
pub async fn at_rest(
    deadline: Duration,
    look: impl AsyncFn() -> Result<Vec<Finding>>,
) -> Result<Vec<Finding>> {
    let end = Instant::now() + deadline;
    loop {
        let findings = look().await?;
        if findings.is_empty() || Instant::now() >= end {
            return Ok(findings);
        }
        sleep(Duration::from_millis(100)).await;
    }
}
