//! Crashes in a story of a few people: the process that hosts its contexts dies at a point on the way,
//! starts again, the people go on to the end, and what is left is judged.
//!
//! Points and passes are the matrix: each pass of a point is another step of the story, in another
//! context. `make test` goes through some of it, `JANGTEO_TEST_FULL=1` through all of it on every
//! database.

use std::{marker::PhantomData, ops::RangeInclusive, time::Duration};

use anyhow::{Context as _, Result, ensure};
use futures::StreamExt as _;
use jangteo_testing::{Nats, Node, tokens::Keys, within};
use tokio::time::timeout;
use tonic::transport::Channel;

use super::{
    dice::{self, Dice},
    world::query,
};
use crate::{
    mesh::{Database, node},
    pace::is_full,
};

/// More passes than any story has of any point.
const MOST: u32 = 200;
/// Cases that run at the same time.
const AT_ONCE: usize = 3;
/// How long a story may take with its crash.
const PATIENCE: Duration = Duration::from_mins(5);
/// By then everything that will ever happen has happened.
const REST: Duration = Duration::from_secs(30);

/// What is played, and how it must end.
pub(super) trait Story {
    /// The contexts that the process hosts.
    const CONTEXTS: &'static [&'static str];
    /// Where it dies: between the steps of a command, and between those of a question; and how many
    /// passes the story is sure to have.
    const POINTS: &'static [(&'static str, u32)];

    /// Plays it to its end, whoever dies meanwhile.
    async fn play(door: &Channel, keys: &Keys) -> Result<()>;

    /// Judges what is left; `urls` are those of the contexts' databases, in their order.
    async fn judge(urls: &[String]) -> Result<()>;
}

/// Goes through the matrix of a story, or through some of it.
pub(super) async fn explore<S: Story>() {
    let lanes = if is_full() { all::<S>() } else { some::<S>() };
    let ends: Vec<_> = futures::stream::iter(lanes)
        .map(|lane| async move { lane.run().await })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let crashes: usize = ends.iter().map(|(crashes, _)| crashes).sum();
    let bad: Vec<_> = ends.into_iter().filter_map(|(_, bad)| bad).collect();
    println!("{crashes} crashes");
    assert!(bad.is_empty() && crashes > 0, "{}", bad.join("\n"));
}

/// A crash: at which pass of which point, on which database.
#[derive(Clone, Copy, Debug)]
struct Case {
    point: &'static str,
    pass: u32,
    database: Database,
}

/// Whether the process came to its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Died,
    Finished,
}

/// Passes of one point on one database, one after the other.
struct Lane<S> {
    point: &'static str,
    database: Database,
    passes: RangeInclusive<u32>,
    story: PhantomData<S>,
}

impl<S: Story> Lane<S> {
    /// How many crashes there were, and what was wrong with one of them. A lane whose point is passed no
    /// more is at its end.
    async fn run(self) -> (usize, Option<String>) {
        let mut crashes = 0;
        for pass in self.passes {
            let case = Case { point: self.point, pass, database: self.database };
            match timeout(PATIENCE, played::<S>(case)).await {
                Ok(Ok(End::Died)) => crashes += 1,
                Ok(Ok(End::Finished)) if crashes > 0 => break,
                Ok(Ok(End::Finished)) => {
                    return (crashes, Some(format!("{case:?}: never reached")));
                }
                Ok(Err(error)) => return (crashes, Some(format!("{case:?}: {error:#}"))),
                Err(_) => return (crashes, Some(format!("{case:?}: no end in {PATIENCE:?}"))),
            }
        }
        (crashes, None)
    }
}

/// Every pass of every point everywhere.
fn all<S: Story>() -> Vec<Lane<S>> {
    let lane = |point, database| Lane { point, database, passes: 1..=MOST, story: PhantomData };
    let on =
        |(point, _): &(&'static str, u32)| Database::ALL.map(|database| lane(*point, database));
    S::POINTS.iter().flat_map(on).collect()
}

/// One pass of every point on SQLite and of two on each of the others, as the commit chooses.
fn some<S: Story>() -> Vec<Lane<S>> {
    let mut dice = Dice::new(dice::commit());
    let mut lane = |(point, passes): (&'static str, u32), database| {
        let pass = 1 + dice.below(passes);
        Lane { point, database, passes: pass..=pass, story: PhantomData }
    };
    let mut lanes: Vec<_> = S::POINTS.iter().map(|point| lane(*point, Database::Sqlite)).collect();
    for (offset, database) in [(0, Database::Postgres), (5, Database::MariaDb)] {
        let turn = usize::try_from(dice::commit() % 5).expect("it is small");
        lanes.push(lane(S::POINTS[(offset + turn) % S::POINTS.len()], database));
    }
    lanes
}

/// Plays the story, lets the process die on the way and start again, and judges what is left.
async fn played<S: Story>(case: Case) -> Result<End> {
    let nats = Nats::start().await?;
    let failpoint = format!("{}:{}", case.point, case.pass);
    let contexts = S::CONTEXTS.iter().copied();
    let mut builder = node(&nats).contexts(contexts).env("JANGTEO_FAILPOINT", failpoint);
    let mut urls = vec![];
    for context in S::CONTEXTS {
        let url = case.database.create().await?;
        if let Some(url) = &url {
            builder = builder.database_url_of(context, url);
        }
        urls.push(url);
    }
    let mut node = builder.start().await?;
    let keys = Keys::open(node.data_dir().join("keys")).await?;
    let door = node.channel();
    let story = S::play(&door, &keys);
    tokio::pin!(story);
    let end = tokio::select! {
        told = &mut story => { told?; End::Finished }
        died = revived(&mut node, case.point) => { died?; story.await?; End::Died }
    };
    let file = |context| format!("sqlite://{}/{context}.db", node.data_dir().display());
    let urls = S::CONTEXTS.iter().zip(urls).map(|(it, url)| url.unwrap_or_else(|| file(it)));
    let urls: Vec<_> = urls.collect();
    let judged = async || {
        rests(&urls).await?;
        S::judge(&urls).await
    };
    // Whoever follows hears in his own time of what was told last.
    if within(REST, async || judged().await.ok()).await.is_none() {
        judged().await.with_context(|| node.output())?;
    }
    Ok(end)
}

/// Waits for the death of the process, which must be at the point, and starts it again to live.
async fn revived(node: &mut Node, point: &str) -> Result<()> {
    let status = node.wait_exit(PATIENCE).await?;
    let output = node.output();
    let told = output.lines().any(|line| line == format!("failpoint {point}"));
    ensure!(status.code() == Some(137) && told, "did not die at {point}: {status}\n{output}");
    node.set_env("JANGTEO_FAILPOINT", None);
    node.restart().await
}

/// Waits until nobody waits for anybody.
async fn rests(urls: &[String]) -> Result<()> {
    let rests = within(REST, async || {
        for url in urls {
            for sql in [
                "SELECT 1 FROM waiting WHERE call_key IS NOT NULL",
                "SELECT 1 FROM journal WHERE acked_time IS NULL",
            ] {
                if !query(url, sql).await.ok()?.is_empty() {
                    return None;
                }
            }
        }
        Some(())
    });
    rests.await.context("it does not come to rest")
}
