//! One crash, from the start under load to the verdict.

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Context as _, Result};
use jangteo_testing::{
    checker::{Finding, History},
    grpc, within,
};
use serde_json::{Value, json};

use super::{
    evidence,
    load::Load,
    plan::Case,
    points::Provocation,
    world::{World, execute, query},
};

/// How long a process may take to come to its point, and a rebuild to its end: both have to catch up
/// with clients who never pause.
const PATIENCE: Duration = Duration::from_mins(2);
/// How long anything else may take.
const SOON: Duration = Duration::from_secs(30);
/// Open offers of which some are still open when all clients have come to their end; rows of a read
/// model of which some change again.
const ENOUGH: usize = 12;
const REBUILD: &str = "/jangteo.view.v1.RebuildService";

/// What came of a crash.
pub(super) struct Outcome {
    /// Requests that were answered.
    pub(super) acknowledged: usize,
    /// Events in the stream.
    pub(super) events: usize,
    /// What is wrong.
    pub(super) findings: Vec<Finding>,
}

pub(super) async fn run(case: &Case) -> Result<Outcome> {
    if case.point.provocation == Provocation::Days {
        return days_later(case).await;
    }
    let mut world = World::launch(case.database, Some(&case.failpoint())).await?;
    if case.point.provocation != Provocation::Start {
        world.node.ready().await?;
    }
    let load = Load::start(&world.node, &world.keys, case.seed);
    let died = async {
        let rebuilding = provoke(case, &world, &load).await?;
        world.died(case.point.name, PATIENCE).await?;
        Ok(rebuilding)
    };
    let rebuilding = died.await.map_err(|error| load.explain(error))?;
    let evident = evidence::check(case, &world, &load.unanswered()).await;
    repair(case, &world).await?;
    world.revive().await?;
    let history = load.finish().await?;
    if let Some(generation) = rebuilding.or(begun_anew(case, &world).await?) {
        rebuilt(&world, generation).await?;
    }
    let acknowledged = history.writes.len();
    let (findings, events) = world.judged(history).await?;
    if findings.is_empty() {
        // What is wrong says more than what is missing of a proof.
        evident?;
    }
    Ok(Outcome { acknowledged, events, findings })
}

/// What is planned for later happens to a process that has come to rest: what it was asked before
/// is so long ago that its answers are forgotten.
async fn days_later(case: &Case) -> Result<Outcome> {
    let mut world = World::launch(case.database, None).await?;
    world.node.ready().await?;
    let load = Load::start(&world.node, &world.keys, case.seed);
    let open = async || (open(&world).await.ok()? >= ENOUGH).then_some(());
    within(SOON, open).await.context("too few offers are open")?;
    let history = load.finish().await?;
    let (mut findings, mut events) = world.judged(history.clone()).await?;
    let acknowledged = history.writes.len();
    if findings.is_empty() {
        world.days_later(&case.failpoint())?;
        world.died(case.point.name, PATIENCE).await?;
        let evident = evidence::check(case, &world, &BTreeSet::new()).await;
        world.revive().await?;
        (findings, events) = world.judged(History { long_ago: true, ..history }).await?;
        if findings.is_empty() {
            evident?;
        }
    }
    Ok(Outcome { acknowledged, events, findings })
}

/// How many offers are open.
async fn open(world: &World) -> Result<usize> {
    let sql = "SELECT id FROM offer WHERE state = 'pending'";
    Ok(query(world.database("offer"), sql).await?.len())
}

/// How many sales my-page shows.
async fn sales(world: &World) -> Result<usize> {
    Ok(query(world.database("view"), "SELECT post_id FROM my_sale").await?.len())
}

/// Does what leads to the point, once there is something to lose. A rebuild answers its generation.
async fn provoke(case: &Case, world: &World, load: &Load) -> Result<Option<Value>> {
    if matches!(
        case.point.provocation,
        Provocation::Start | Provocation::Writes | Provocation::Days
    ) {
        return Ok(None);
    }
    load.wait_for(10 + usize::try_from(case.seed % 30)?).await?;
    match case.point.provocation {
        Provocation::Start | Provocation::Writes | Provocation::Days => {}
        Provocation::Rebuild => return rebuild(world).await.map(Some),
        Provocation::NoRows => {
            // So many that some of their posts are written to again.
            let enough = async || (sales(world).await.ok()? >= ENOUGH).then_some(());
            within(SOON, enough).await.context("too few sales are shown")?;
            spoil(world, "DELETE FROM my_sale").await?;
        }
        Provocation::NoTable => {
            spoil(world, "ALTER TABLE my_sale RENAME TO my_sale_away").await?;
        }
        Provocation::Terminate => world.node.terminate()?,
    }
    Ok(None)
}

async fn spoil(world: &World, sql: &str) -> Result<()> {
    // The table may not be there yet.
    let spoilt = async || execute(world.database("view"), sql).await.ok();
    within(SOON, spoilt).await.with_context(|| format!("the read model withstands {sql}"))
}

/// What is parked for want of its rows is mended by a rebuild.
async fn begun_anew(case: &Case, world: &World) -> Result<Option<Value>> {
    match case.point.provocation {
        Provocation::NoRows => rebuild(world).await.map(Some),
        _ => Ok(None),
    }
}

async fn rebuild(world: &World) -> Result<Value> {
    let ask = async || ask(world, "RebuildReadModel", json!({})).await;
    let begun = within(SOON, ask).await.context("no rebuild")?;
    Ok(begun["generation"].clone())
}

async fn repair(case: &Case, world: &World) -> Result<()> {
    if case.point.provocation == Provocation::NoTable {
        execute(world.database("view"), "ALTER TABLE my_sale_away RENAME TO my_sale").await?;
    }
    Ok(())
}

/// A rebuild that was begun is brought to its end by whoever comes after.
async fn rebuilt(world: &World, generation: Value) -> Result<()> {
    let serving = within(PATIENCE, async || {
        let asked = json!({"generation": generation});
        let now = ask(world, "GetReadModelGeneration", asked).await?;
        (now["state"] == "STATE_SERVING").then_some(())
    });
    let told = || format!("generation {generation} does not serve\n{}", world.node.output());
    serving.await.with_context(told)
}

async fn ask(world: &World, rpc: &str, mut body: Value) -> Option<Value> {
    body["read_model"] = json!("my_sales");
    let (path, token) = (format!("{REBUILD}/{rpc}"), world.keys.operator());
    let reply = grpc::call(world.node.channel(), &path, body, Some(&token), &[]).await;
    reply.ok().map(|(message, _)| grpc::json(&message))
}
