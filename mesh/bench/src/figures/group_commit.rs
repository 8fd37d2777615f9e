//! P4: durable commands on SQLite that share commits, beside one commit for each.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use async_trait::async_trait;

use crate::{
    figure::{About, Figure, Measure, Outcome, Reading, Rounds},
    judge::Target,
    load::{CALLERS, Load, Span, closed},
    seller::Seller,
    world::{Market, World},
};

pub(super) struct GroupCommit;

#[async_trait]
impl Figure for GroupCommit {
    fn about(&self) -> About {
        About {
            id: "P4",
            title: "CreatePost on SQLite: post, event and answer in a shared commit",
            durability: "SQLite WAL with synchronous=FULL; NATS with sync_interval: always",
            measures: &[Measure {
                name: "commands, closed loop of 64",
                unit: "/s",
                baseline: Some("the same server, one commit per command"),
                target: Some(Target::AtLeast(2.5)),
            }],
        }
    }

    async fn prepare(&self, world: &World) -> Result<Box<dyn Rounds>> {
        let single = Market::sqlite(world, &["post"], &[("JANGTEO_SQLITE_GROUP", "1")]).await?;
        let grouped = Market::sqlite(world, &["post"], &[]).await?;
        Ok(Box::new(Beside { single: Stall::of(single)?, grouped: Stall::of(grouped)? }))
    }
}

struct Beside {
    single: Stall,
    grouped: Stall,
}

#[async_trait]
impl Rounds for Beside {
    async fn round(&mut self, length: Duration) -> Result<Outcome> {
        let single = self.single.sell("one commit per command", length).await?;
        let grouped = self.grouped.sell("jangteo", length).await?;
        Ok(Outcome {
            readings: vec![Reading::beside(grouped.rate, single.rate)],
            loads: vec![single, grouped],
        })
    }
}

/// A market and who sells there.
struct Stall {
    market: Market,
    seller: Arc<Seller>,
}

impl Stall {
    fn of(market: Market) -> Result<Self> {
        let seller = market.seller("seller01")?;
        Ok(Self { market, seller })
    }

    /// Writes posts, and waits until the relay is done with them: the other side has the disk to itself.
    async fn sell(&self, what: &str, length: Duration) -> Result<Load> {
        let load = closed(what, &self.seller, CALLERS, Span::Time(length)).await?;
        self.market.journal.drained().await?;
        Ok(load)
    }
}
