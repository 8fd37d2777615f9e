//! P9: how long a seller who was answered waits until his own page shows what he wrote.

use std::{
    collections::HashMap,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use async_trait::async_trait;
use jangteo::view::v1::{
    WatchMySalesRequest, my_sales_service_client::MySalesServiceClient,
    watch_my_sales_response::Change,
};
use jangteo_testing::within;
use tokio::task::JoinSet;
use tonic::{Request, Status, Streaming};

use crate::{
    figure::{About, Figure, Measure, Outcome, Reading, Rounds},
    judge::Target,
    load::{CALLERS, Client, Latency, Load, Span, closed, note, open, times},
    seller::Seller,
    world::{Market, World},
};

/// Of what commands, relay and projection can keep up.
const HALF: f64 = 0.5;
/// How long the page may take to show everything.
const PATIENCE: Duration = Duration::from_mins(3);

pub(super) struct ViewLag;

#[async_trait]
impl Figure for ViewLag {
    fn about(&self) -> About {
        About {
            id: "P9",
            title: "From the answer of CreatePost until WatchMySales shows it, at half load",
            durability: "SQLite WAL with synchronous=FULL; NATS with sync_interval: always",
            measures: &[
                Measure { name: "lag, median", unit: "ms", baseline: None, target: None },
                Measure {
                    name: "lag, 99th percentile",
                    unit: "ms",
                    baseline: None,
                    target: Some(Target::AtMost(75.0)),
                },
            ],
        }
    }

    async fn prepare(&self, world: &World) -> Result<Box<dyn Rounds>> {
        let market = Market::sqlite(world, &["post", "view"], &[]).await?;
        Ok(Box::new(HalfLoad { market, round: 0 }))
    }
}

struct HalfLoad {
    market: Market,
    round: u32,
}

#[async_trait]
impl Rounds for HalfLoad {
    async fn round(&mut self, length: Duration) -> Result<Outcome> {
        self.round += 1;
        let (ceiling, rate) = self.ceiling(length).await?;
        let page = Page::open(&self.market, &format!("half{}", self.round)).await?;
        let load = open("jangteo", &page.writer, rate * HALF, length).await?;
        let lags = page.lags().await?;
        Ok(Outcome {
            readings: vec![Reading::alone(lags.p50), Reading::alone(lags.p99)],
            loads: vec![ceiling, load],
        })
    }
}

impl HalfLoad {
    /// The most that is shown for long: a lag that grows has no percentiles.
    #[expect(clippy::cast_precision_loss, reason = "2^52 requests are too many")]
    async fn ceiling(&self, length: Duration) -> Result<(Load, f64)> {
        let page = Page::open(&self.market, &format!("full{}", self.round)).await?;
        let begun = Instant::now();
        let load = closed("jangteo", &page.writer, CALLERS, Span::Time(length)).await?;
        page.lags().await?;
        let rate = load.answered as f64 / begun.elapsed().as_secs_f64();
        Ok((load, rate))
    }
}

/// When what happened to which post.
type Times = Mutex<HashMap<String, Instant>>;

/// The page of a seller who has written nothing before, and who watches it.
struct Page {
    writer: Arc<Writer>,
    shown: Arc<Times>,
    _watch: JoinSet<Result<(), Status>>,
}

impl Page {
    async fn open(market: &Market, seller: &str) -> Result<Self> {
        let mut request = Request::new(WatchMySalesRequest::default());
        let bearer = format!("Bearer {}", market.token(seller));
        request.metadata_mut().insert("authorization", bearer.parse()?);
        let mut client = MySalesServiceClient::new(market.node.channel());
        let changes = client.watch_my_sales(request).await?.into_inner();
        let (shown, mut watch) = (Arc::new(Times::default()), JoinSet::new());
        watch.spawn(watched(changes, shown.clone()));
        let writer = Writer { seller: market.seller(seller)?, answered: Times::default() };
        Ok(Self { writer: Arc::new(writer), shown, _watch: watch })
    }

    /// Waits until all that was answered is shown; answers how long each took.
    async fn lags(&self) -> Result<Latency> {
        let answered = mem::take(&mut *lock(&self.writer.answered));
        let all = async || {
            let shown = lock(&self.shown);
            answered.keys().all(|post| shown.contains_key(post)).then_some(())
        };
        within(PATIENCE, all).await.context("what was written is never shown")?;
        Ok(lags(&answered, &lock(&self.shown)))
    }
}

/// Notes when each sale is shown for the first time.
async fn watched(
    mut changes: Streaming<jangteo::view::v1::WatchMySalesResponse>,
    shown: Arc<Times>,
) -> Result<(), Status> {
    while let Some(change) = changes.message().await? {
        if let Some(Change::Sale(sale)) = change.change {
            lock(&shown).entry(sale.post_id).or_insert_with(Instant::now);
        }
    }
    Ok(())
}

/// Percentiles of the time between both; what is shown before its writer has read his answer has no lag.
fn lags(answered: &HashMap<String, Instant>, shown: &HashMap<String, Instant>) -> Latency {
    let mut lags = times();
    for (post, at) in answered {
        note(&mut lags, shown[post].saturating_duration_since(*at));
    }
    Latency::of(&lags)
}

/// A seller who notes when he was answered.
struct Writer {
    seller: Arc<Seller>,
    answered: Times,
}

impl Client for Writer {
    async fn ask(&self, n: u64) -> Result<(), Status> {
        let post = self.seller.write(n).await?;
        lock(&self.answered).insert(post.id, Instant::now());
        Ok(())
    }
}

fn lock(times: &Times) -> MutexGuard<'_, HashMap<String, Instant>> {
    times.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lag_is_from_the_answer_to_the_page_and_never_negative() {
        let answered = Instant::now();
        let at = |ms: &[u64]| -> HashMap<_, _> {
            let times = ms.iter().map(|ms| answered + Duration::from_millis(*ms));
            ["a", "b"].map(str::to_owned).into_iter().zip(times).collect()
        };
        let told = lags(&at(&[0, 100]), &at(&[30, 90]));
        assert!((told.max - 30.0).abs() < 0.1, "{told:?}");
        assert!(told.p50 < 0.1, "{told:?}");
    }
}
