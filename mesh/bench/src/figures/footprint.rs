//! P13: memory and work of all contexts in one process, at rest and under load.

use std::time::Duration;

use anyhow::Result;
use async_trait::async_trait;
use jangteo_testing::{Node, usage};
use tokio::time::sleep;

use crate::{
    figure::{About, Figure, Measure, Outcome, Reading, Rounds},
    load::{CALLERS, Span, closed},
    world::{Market, World},
};

const BASELINE: Option<&str> = Some("bare tonic echo");

pub(super) struct Footprint;

#[async_trait]
impl Figure for Footprint {
    fn about(&self) -> About {
        About {
            id: "P13",
            title: "All contexts and the gateway in one process on SQLite, started for the round",
            durability: "SQLite WAL with synchronous=FULL; NATS with sync_interval: always",
            measures: &[
                Measure { name: "memory at rest", unit: "MiB", baseline: BASELINE, target: None },
                Measure {
                    name: "work at rest", unit: "‰ of a core", baseline: None, target: None
                },
                Measure {
                    name: "memory after commands of 64 callers",
                    unit: "MiB",
                    baseline: BASELINE,
                    target: None,
                },
            ],
        }
    }

    async fn prepare(&self, world: &World) -> Result<Box<dyn Rounds>> {
        Ok(Box::new(Fresh { world: world.clone() }))
    }
}

struct Fresh {
    world: World,
}

#[async_trait]
impl Rounds for Fresh {
    async fn round(&mut self, length: Duration) -> Result<Outcome> {
        let echo = World::echo()?.start().await?;
        let market = Market::sqlite(&self.world, &[], &[]).await?;
        let work = work_at_rest(&market.node, length).await?;
        let rest = beside(&market.node, &echo)?;
        let seller = market.seller("seller01")?;
        let load = closed("jangteo", &seller, CALLERS, Span::Time(length)).await?;
        let busy = beside(&market.node, &echo)?;
        market.journal.drained().await?;
        Ok(Outcome { readings: vec![rest, Reading::alone(work), busy], loads: vec![load] })
    }
}

/// How much of a core a node needs to do nothing, in thousandths, once its start is done.
async fn work_at_rest(node: &Node, length: Duration) -> Result<f64> {
    sleep(length).await;
    let before = usage::cpu(node.pid())?;
    // Long, since the kernel counts in ticks.
    let rest = 2 * length;
    sleep(rest).await;
    Ok(usage::cpu(node.pid())?.saturating_sub(before).as_secs_f64() * 1000.0 / rest.as_secs_f64())
}

fn beside(node: &Node, echo: &Node) -> Result<Reading> {
    Ok(Reading::beside(usage::resident_mib(node.pid())?, usage::resident_mib(echo.pid())?))
}
