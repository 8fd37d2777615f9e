//! P3: durable commands on PostgreSQL, beside two bare inserts in a transaction.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use async_trait::async_trait;
use jangteo_testing::Postgres;

use crate::{
    figure::{About, Figure, Measure, Outcome, Reading, Rounds},
    judge::Target,
    load::{Span, closed},
    pgbench::Pgbench,
    seller::Seller,
    world::{Market, World},
};

/// How many ask at the same time, in the order of the measures.
const CALLERS: [u32; 2] = [16, 64];
const BASELINE: Option<&str> = Some("pgbench, two inserts");
const TARGET: Option<Target> = Some(Target::AtLeast(0.35));

pub(super) struct Commands;

#[async_trait]
impl Figure for Commands {
    fn about(&self) -> About {
        About {
            id: "P3",
            title: "CreatePost on PostgreSQL: post, event and answer in a transaction",
            durability: "PostgreSQL with fsync=on and synchronous_commit=on; NATS with sync_interval: always",
            measures: &[
                Measure {
                    name: "commands, closed loop of 16",
                    unit: "/s",
                    baseline: BASELINE,
                    target: TARGET,
                },
                Measure {
                    name: "commands, closed loop of 64",
                    unit: "/s",
                    baseline: BASELINE,
                    target: TARGET,
                },
            ],
        }
    }

    async fn prepare(&self, world: &World) -> Result<Box<dyn Rounds>> {
        let postgres = Postgres::start().await?;
        let pgbench = Pgbench::on(&postgres).await?;
        let market = Market::on(world, &postgres.database().await?).await?;
        let seller = market.seller("seller01")?;
        Ok(Box::new(Beside { seller, market, pgbench, _postgres: postgres }))
    }
}

struct Beside {
    seller: Arc<Seller>,
    market: Market,
    pgbench: Pgbench,
    // Last: all others still need it while they end.
    _postgres: Postgres,
}

#[async_trait]
impl Rounds for Beside {
    async fn round(&mut self, length: Duration) -> Result<Outcome> {
        let mut outcome = Outcome::default();
        for callers in CALLERS {
            let bare = self.pgbench.rate(callers, length).await?;
            let load = closed("jangteo", &self.seller, callers, Span::Time(length)).await?;
            self.market.journal.drained().await?;
            outcome.readings.push(Reading::beside(load.rate, bare));
            outcome.loads.push(load);
        }
        Ok(outcome)
    }
}
