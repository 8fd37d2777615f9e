//! How long somebody who was answered waits until what he watches shows it.

use std::{
    collections::HashMap,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use async_trait::async_trait;
use jangteo_testing::within;
use tokio::task::JoinSet;
use tonic::Status;

use crate::{
    figure::{Outcome, Reading},
    load::{Client, Latency, Load, Span, closed, note, open, times},
};

/// Of what commands, relay and projection can keep up.
const HALF: f64 = 0.5;
/// How long it may take until everything is shown.
const PATIENCE: Duration = Duration::from_mins(3);

/// When what happened to what, by id.
type Times = Mutex<HashMap<String, Instant>>;

/// When things were answered, and when they were shown.
#[derive(Default)]
pub(super) struct Lag {
    answered: Times,
    shown: Times,
}

impl Lag {
    /// Somebody has just been answered.
    pub(super) fn answered(&self, id: String) {
        lock(&self.answered).insert(id, Instant::now());
    }

    /// It is there; only the first time counts.
    pub(super) fn shown(&self, id: String) {
        lock(&self.shown).entry(id).or_insert_with(Instant::now);
    }
}

/// Somebody who asks for things, and the page on which he watches them appear.
pub(super) struct Page<C> {
    client: Arc<C>,
    lag: Arc<Lag>,
    _watch: JoinSet<Result<(), Status>>,
}

impl<C: Client> Page<C> {
    /// One that `watching` notes in `lag` what appears on.
    pub(super) fn new(
        client: C,
        lag: Arc<Lag>,
        watching: impl Future<Output = Result<(), Status>> + Send + 'static,
    ) -> Self {
        let mut watch = JoinSet::new();
        watch.spawn(watching);
        Self { client: Arc::new(client), lag, _watch: watch }
    }

    /// Waits until all that was answered is shown; answers how long each took.
    async fn lags(&self) -> Result<Latency> {
        let answered = mem::take(&mut *lock(&self.lag.answered));
        let all = async || {
            let shown = lock(&self.lag.shown);
            answered.keys().all(|id| shown.contains_key(id)).then_some(())
        };
        within(PATIENCE, all).await.context("what was answered is never shown")?;
        Ok(lags(&answered, &lock(&self.lag.shown)))
    }
}

/// Where somebody asks for things, and watches them appear.
#[async_trait]
pub(super) trait Shows {
    /// Who asks.
    type Client: Client;

    /// Opens the page of a person who has asked for nothing before.
    async fn page(&self, person: &str) -> Result<Page<Self::Client>>;
}

/// Reads the median and the 99th percentile at half of what is shown for long, each load on a page of
/// its own.
pub(super) async fn at_half_load(
    place: &(impl Shows + Sync),
    round: u32,
    callers: u32,
    length: Duration,
) -> Result<Outcome> {
    let page = place.page(&format!("full{round}")).await?;
    let (ceiling, rate) = full_load(&page, callers, length).await?;
    let page = place.page(&format!("half{round}")).await?;
    let load = open("jangteo", &page.client, rate * HALF, length).await?;
    let lags = page.lags().await?;
    Ok(Outcome {
        readings: vec![Reading::alone(lags.p50), Reading::alone(lags.p99)],
        loads: vec![ceiling, load],
    })
}

/// The most that is shown for long: a lag that grows has no percentiles.
#[expect(clippy::cast_precision_loss, reason = "2^52 requests are too many")]
async fn full_load<C: Client>(
    page: &Page<C>,
    callers: u32,
    length: Duration,
) -> Result<(Load, f64)> {
    let begun = Instant::now();
    let load = closed("jangteo", &page.client, callers, Span::Time(length)).await?;
    page.lags().await?;
    let rate = load.answered as f64 / begun.elapsed().as_secs_f64();
    Ok((load, rate))
}

/// Percentiles of the time between both; what is shown before its answer was read has no lag.
fn lags(answered: &HashMap<String, Instant>, shown: &HashMap<String, Instant>) -> Latency {
    let mut lags = times();
    for (id, at) in answered {
        note(&mut lags, shown[id].saturating_duration_since(*at));
    }
    Latency::of(&lags)
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
