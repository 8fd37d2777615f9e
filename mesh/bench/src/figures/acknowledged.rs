//! P8: how long an event waits from its command until the broker's acknowledgement is marked.
//!
//! Both times are columns of the journal in whole ms, so a wait is exact to a ms. It is longer than
//! the way from commit to acknowledgement: it begins when the command is decided, before its commit,
//! and ends when the mark is written, after the acknowledgement.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Result;
use async_trait::async_trait;

use crate::{
    figure::{About, Figure, Measure, Outcome, Reading, Rounds},
    judge::Target,
    load::{CALLERS, Latency, Load, Span, closed, note, open, times},
    raw::{Message, Raw},
    seller::Seller,
    world::{Market, World},
};

/// Of what commands and relay can keep up.
const HALF: f64 = 0.5;

pub(super) struct Acknowledged;

#[async_trait]
impl Figure for Acknowledged {
    fn about(&self) -> About {
        About {
            id: "P8",
            title: "An event's way from its command to its marked acknowledgement, at half load",
            durability: "SQLite WAL with synchronous=FULL; NATS with sync_interval: always",
            measures: &[
                Measure {
                    name: "wait, median",
                    unit: "ms",
                    baseline: Some("a single publish, median"),
                    target: None,
                },
                Measure {
                    name: "wait, 99th percentile",
                    unit: "ms",
                    baseline: None,
                    target: Some(Target::AtMost(50.0)),
                },
            ],
        }
    }

    async fn prepare(&self, world: &World) -> Result<Box<dyn Rounds>> {
        let market = Market::sqlite(world, &["post"], &[]).await?;
        let seller = market.seller("seller01")?;
        seller.write(0).await?;
        market.journal.drained().await?;
        let message = Message::first_of(market.nats.client().await?, "POST").await?;
        let raw = Raw::new(market.nats.client().await?, "RAW", message).await?;
        Ok(Box::new(HalfLoad { seller, market, raw }))
    }
}

struct HalfLoad {
    seller: Arc<Seller>,
    market: Market,
    raw: Raw,
}

#[async_trait]
impl Rounds for HalfLoad {
    async fn round(&mut self, length: Duration) -> Result<Outcome> {
        let single_ms = self.raw.single_ms(length / 2).await?;
        let (ceiling, rate) = self.ceiling(length).await?;
        let journal = &self.market.journal;
        let last = journal.last().await?;
        let load = open("jangteo", &self.seller, rate * HALF, length).await?;
        journal.drained().await?;
        let waits = waits(&journal.waits_ms(last).await?);
        Ok(Outcome {
            readings: vec![Reading::beside(waits.p50, single_ms), Reading::alone(waits.p99)],
            loads: vec![ceiling, load],
        })
    }
}

impl HalfLoad {
    /// The most that commands and relay together keep up for long: a backlog that grows has no
    /// latency.
    #[expect(clippy::cast_precision_loss, reason = "2^52 requests are too many")]
    async fn ceiling(&self, length: Duration) -> Result<(Load, f64)> {
        let begun = Instant::now();
        let load = closed("jangteo", &self.seller, CALLERS, Span::Time(length)).await?;
        self.market.journal.drained().await?;
        let rate = load.answered as f64 / begun.elapsed().as_secs_f64();
        Ok((load, rate))
    }
}

/// Percentiles of waits in whole ms; clocks that were set back count as no wait.
fn waits(waits_ms: &[i64]) -> Latency {
    let mut waits = times();
    for ms in waits_ms {
        note(&mut waits, Duration::from_millis(u64::try_from(*ms).unwrap_or_default()));
    }
    Latency::of(&waits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_waits_and_never_below_nothing() {
        let all: Vec<i64> = (1..=100).collect();
        let told = waits(&all);
        assert!((told.p50 - 50.0).abs() < 0.1 && (told.p99 - 99.0).abs() < 0.1, "{told:?}");
        assert!(waits(&[-3, 0]).max < 0.1);
    }
}
