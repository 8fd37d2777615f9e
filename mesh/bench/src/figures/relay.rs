//! P5: how fast the relay drains a backlog, beside publishing without a database.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use async_trait::async_trait;

use crate::{
    figure::{About, Figure, Measure, Outcome, Reading, Rounds},
    journal::drain_rate,
    judge::Target,
    load::{CALLERS, Span, closed},
    raw::{Message, Raw},
    seller::Seller,
    world::{Market, World},
};

pub(super) struct Relay;

#[async_trait]
impl Figure for Relay {
    fn about(&self) -> About {
        About {
            id: "P5",
            title: "The relay drains a backlog: read, published, acknowledged, marked on SQLite",
            durability: "SQLite WAL with synchronous=FULL; NATS with sync_interval: always; one stream",
            measures: &[Measure {
                name: "events",
                unit: "/s",
                baseline: Some("raw publishes of the same message, 512 on their way"),
                target: Some(Target::AtLeast(0.6)),
            }],
        }
    }

    async fn prepare(&self, world: &World) -> Result<Box<dyn Rounds>> {
        // Once the broker is back the relay is to notice soon.
        let settings = [("JANGTEO_BACKOFF_MAX_MS", "200")];
        let market = Market::sqlite(world, &["post"], &settings).await?;
        let seller = market.seller("seller01")?;
        seller.write(0).await?;
        market.journal.drained().await?;
        let message = Message::first_of(market.nats.client().await?, "POST").await?;
        let raw = Raw::new(market.nats.client().await?, "RAW", message).await?;
        Ok(Box::new(Backlog { seller, market, raw, size: world.backlog }))
    }
}

struct Backlog {
    seller: Arc<Seller>,
    market: Market,
    raw: Raw,
    size: u64,
}

#[async_trait]
impl Rounds for Backlog {
    async fn round(&mut self, length: Duration) -> Result<Outcome> {
        let bare = self.raw.rate(Span::Time(length)).await?;
        let Market { nats, journal, .. } = &self.market;
        let last = journal.last().await?;
        // Commands go on without the broker; what they have to tell waits in the journal.
        nats.kill();
        let load = closed("jangteo", &self.seller, CALLERS, Span::Requests(self.size)).await?;
        nats.restart().await?;
        journal.drained().await?;
        let rate = drain_rate(&journal.marks(last).await?);
        let rate = rate.context("the backlog is too small to be timed: raise --backlog")?;
        Ok(Outcome { readings: vec![Reading::beside(rate, bare)], loads: vec![load] })
    }
}
