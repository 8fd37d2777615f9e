//! P12: twice as much is asked as can be done. What is answered must not become less, and what is
//! refused must be refused soon.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use async_trait::async_trait;

use crate::{
    figure::{About, Figure, Measure, Outcome, Reading, Rounds},
    judge::Target,
    load::{CALLERS, Span, closed, flood},
    seller::Seller,
    world::{Market, World},
};

/// How much is asked, of what can be done.
const TWICE: f64 = 2.0;
/// At which load the latency of those who are answered is the one to compare with.
const USUAL: f64 = 0.7;

pub(super) struct Overload;

#[async_trait]
impl Figure for Overload {
    fn about(&self) -> About {
        About {
            id: "P12",
            title: "CreatePost, asked twice as often as it can be answered",
            durability: "SQLite WAL with synchronous=FULL; NATS with sync_interval: always",
            measures: &[
                Measure {
                    name: "answered",
                    unit: "/s",
                    baseline: Some("at most, closed loop"),
                    target: Some(Target::AtLeast(0.9)),
                },
                Measure {
                    name: "answered, 99th percentile",
                    unit: "ms",
                    baseline: Some("at 70 % load"),
                    target: None,
                },
                Measure {
                    name: "refused, 99th percentile",
                    unit: "ms",
                    baseline: None,
                    target: None,
                },
            ],
        }
    }

    async fn prepare(&self, world: &World) -> Result<Box<dyn Rounds>> {
        let market = Market::sqlite(world, &["post"], &[]).await?;
        Ok(Box::new(Twice { seller: market.seller("seller01")?, market }))
    }
}

struct Twice {
    seller: Arc<Seller>,
    market: Market,
}

#[async_trait]
impl Rounds for Twice {
    async fn round(&mut self, length: Duration) -> Result<Outcome> {
        let peak = closed("jangteo", &self.seller, CALLERS, Span::Time(length)).await?;
        self.market.journal.drained().await?;
        // What callers who wait for each other reach is more than can be kept up at an even pace.
        let (usual, crowded) = flood("jangteo", &self.seller, peak.rate * USUAL, length).await?;
        self.market.journal.drained().await?;
        let (taken, refused) = flood("jangteo", &self.seller, peak.rate * TWICE, length).await?;
        self.market.journal.drained().await?;
        let readings = vec![
            Reading::beside(taken.rate, peak.rate),
            Reading::beside(taken.latency_ms.p99, usual.latency_ms.p99),
            Reading::alone(refused.latency_ms.p99),
        ];
        Ok(Outcome { readings, loads: vec![peak, usual, crowded, taken, refused] })
    }
}
