//! Money in crashes: the process that hosts rental, item, payment and provider dies at a point on the
//! way of a renter who pays, takes his money back, pays again, calls off, and rents once more to the
//! end. Whoever he asks again, and whatever is undone, afterwards the ledger balances: every charge that
//! stands is that of a rental that was paid, everything else has gone back, and each of it once.
//!
//! Points and passes are the matrix: each pass of a point is another step of the story, in another
//! context. `make test` goes through some of it, `JANGTEO_TEST_FULL=1` through all of it on every
//! database.

mod ledger;
mod renter;

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use futures::StreamExt as _;
use jangteo_testing::{Nats, Node, tokens::Keys};
use tokio::time::timeout;

use self::renter::Renter;
use super::dice::{self, Dice};
use crate::{
    mesh::{Database, node},
    pace::is_full,
};

const CONTEXTS: [&str; 4] = ["item", "rental", "payment", "provider"];
/// Where a process dies: between the steps of a command, and between those of a question; and how many
/// passes the story is sure to have.
const POINTS: [(&str, u32); 10] = [
    ("P1", 13),
    ("P2", 13),
    ("P3", 13),
    ("P4", 10),
    ("P5", 10),
    ("S1", 10),
    ("S2", 10),
    ("S3", 10),
    ("S4", 10),
    ("S5", 2),
];
/// More passes than the story has of any point.
const MOST: u32 = 200;
/// Cases that run at the same time.
const AT_ONCE: usize = 3;
/// How long a story may take with its crash.
const PATIENCE: Duration = Duration::from_mins(5);

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

/// B.14, 7: every crash point around approve, cancel and withhold.
#[tokio::test(flavor = "multi_thread")]
async fn whenever_a_process_dies_the_ledger_balances() {
    let lanes = if is_full() { all() } else { some() };
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

/// Passes of one point on one database, one after the other.
struct Lane {
    point: &'static str,
    database: Database,
    passes: std::ops::RangeInclusive<u32>,
}

impl Lane {
    /// How many crashes there were, and what was wrong with one of them. A lane whose point is passed no
    /// more is at its end.
    async fn run(self) -> (usize, Option<String>) {
        let mut crashes = 0;
        for pass in self.passes {
            let case = Case { point: self.point, pass, database: self.database };
            match timeout(PATIENCE, played(case)).await {
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
fn all() -> Vec<Lane> {
    let on = |(point, _)| Database::ALL.map(|database| Lane { point, database, passes: 1..=MOST });
    POINTS.into_iter().flat_map(on).collect()
}

/// One pass of every point on SQLite and of two on each of the others, as the commit chooses.
fn some() -> Vec<Lane> {
    let mut dice = Dice::new(dice::commit());
    let mut lane = |(point, passes), database| {
        let pass = 1 + dice.below(passes);
        Lane { point, database, passes: pass..=pass }
    };
    let mut lanes: Vec<_> = POINTS.map(|point| lane(point, Database::Sqlite)).into();
    for (offset, database) in [(0, Database::Postgres), (5, Database::MariaDb)] {
        let turn = usize::try_from(dice::commit() % 5).expect("it is small");
        lanes.push(lane(POINTS[(offset + turn) % POINTS.len()], database));
    }
    lanes
}

/// Plays the story, lets the process die on the way and start again, and judges what is left.
async fn played(case: Case) -> Result<End> {
    let nats = Nats::start().await?;
    let failpoint = format!("{}:{}", case.point, case.pass);
    let mut builder = node(&nats).contexts(CONTEXTS).env("JANGTEO_FAILPOINT", failpoint);
    let mut urls = vec![];
    for context in CONTEXTS {
        let url = case.database.create().await?;
        if let Some(url) = &url {
            builder = builder.database_url_of(context, url);
        }
        urls.push(url);
    }
    let mut node = builder.start().await?;
    let keys = Keys::open(node.data_dir().join("keys")).await?;
    let renter = Renter::new(&node, &keys);
    let story = renter.rents();
    tokio::pin!(story);
    let end = tokio::select! {
        told = &mut story => { told?; End::Finished }
        died = revived(&mut node, case.point) => { died?; story.await?; End::Died }
    };
    let file = |context| format!("sqlite://{}/{context}.db", node.data_dir().display());
    let urls = CONTEXTS.iter().zip(urls).map(|(it, url)| url.unwrap_or_else(|| file(it)));
    let judged = ledger::balances(&urls.collect::<Vec<_>>()).await;
    judged.with_context(|| node.output())?;
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
