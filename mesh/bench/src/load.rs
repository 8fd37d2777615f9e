//! Load: callers who wait for their answers before they ask again, and callers who do not.
//!
//! A closed loop finds the ceiling: how much is answered when somebody always asks. An open loop
//! asks at a rate that the answers do not change, and counts latency from when a request was meant
//! to be sent: a server that stalls is charged for all whom it kept waiting, and not only for the
//! one who happened to be served.

use std::{mem, sync::Arc, time::Duration};

use anyhow::{Result, bail};
use hdrhistogram::Histogram;
use serde::Serialize;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until, timeout},
};
use tonic::{Code, Status};

/// Callers of a closed loop, and the connections that they share.
pub(crate) const CALLERS: u32 = 64;
pub(crate) const CONNECTIONS: usize = 4;
/// Who is not answered within this gives up, and is an error.
const PATIENCE: Duration = Duration::from_secs(10);

/// Somebody who asks.
pub(crate) trait Client: Send + Sync + 'static {
    /// Asks once; `n` is different each time.
    fn ask(&self, n: u64) -> impl Future<Output = Result<(), Status>> + Send;
}

/// What came of a load.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Load {
    /// Who asked whom, and how.
    pub(crate) what: String,
    /// Answers; a load with a refusal, or with somebody who gave up, is none.
    pub(crate) answered: u64,
    /// Answers per second.
    pub(crate) rate: f64,
    /// How long the answered waited.
    pub(crate) latency_ms: Latency,
}

/// Percentiles, in ms.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Latency {
    pub(crate) p50: f64,
    pub(crate) p90: f64,
    pub(crate) p99: f64,
    pub(crate) p999: f64,
    pub(crate) max: f64,
}

impl Latency {
    pub(crate) fn of(times: &Histogram<u64>) -> Self {
        let ms = |quantile| us_as_ms(times.value_at_quantile(quantile));
        Self {
            p50: ms(0.5),
            p90: ms(0.9),
            p99: ms(0.99),
            p999: ms(0.999),
            max: us_as_ms(times.max()),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a µs does not matter in 285 years")]
fn us_as_ms(us: u64) -> f64 {
    us as f64 / 1000.0
}

/// Times from 1 µs to a minute, to three digits.
pub(crate) fn times() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 60_000_000, 3).expect("the bounds are in order")
}

/// Notes a time; what is out of bounds counts as the bound.
pub(crate) fn note(times: &mut Histogram<u64>, time: Duration) {
    times.saturating_record(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
}

/// How long a closed loop goes on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Span {
    /// For this time.
    Time(Duration),
    /// For so many requests.
    Requests(u64),
}

impl Span {
    /// Whether the request of this number is still sent so long after the beginning.
    pub(crate) fn goes_on(self, since: Duration, n: u64) -> bool {
        match self {
            Self::Time(length) => since < length,
            Self::Requests(count) => n < count,
        }
    }
}

/// As many callers as that ask again as soon as they are answered.
pub(crate) async fn closed<C: Client>(
    what: &str,
    client: &Arc<C>,
    callers: u32,
    span: Span,
) -> Result<Load> {
    let begun = Instant::now();
    let mut running = JoinSet::new();
    for caller in 0..callers {
        let client = client.clone();
        running.spawn(async move {
            let (mut tally, mut n) = (Tally::new(), u64::from(caller));
            while span.goes_on(begun.elapsed(), n) {
                let asked = Instant::now();
                tally.count(asked, timeout(PATIENCE, client.ask(n)).await.unwrap_or_else(gave_up));
                n += u64::from(callers);
            }
            tally
        });
    }
    let tally = running.join_all().await.into_iter().fold(Tally::new(), Tally::with);
    tally.load(format!("{what}, closed loop of {callers}"), begun.elapsed())
}

/// Requests at an even rate, whether or not the earlier ones are answered, for `length`.
pub(crate) async fn open<C: Client>(
    what: &str,
    client: &Arc<C>,
    rate: f64,
    length: Duration,
) -> Result<Load> {
    let begun = Instant::now();
    let tally = sent(client, rate, length).await;
    tally.load(format!("{what}, open loop at {rate:.0}/s"), begun.elapsed())
}

/// The same, at a rate that may be more than can be answered: what was answered while more was asked,
/// and what was refused for want of a place.
pub(crate) async fn flood<C: Client>(
    what: &str,
    client: &Arc<C>,
    rate: f64,
    length: Duration,
) -> Result<(Load, Load)> {
    let end = Instant::now() + length;
    let mut tally = sent(client, rate, length).await;
    let refused = Tally { times: mem::replace(&mut tally.refused, times()), ..Tally::new() };
    let late = tally.ends.iter().map(|ended| u64::from(*ended > end)).sum();
    let what = format!("{what}, open loop at {rate:.0}/s");
    let refused = refused.load(format!("{what}, refused"), length)?;
    let mut taken = tally.load(format!("{what}, answered"), length)?;
    taken.rate -= rate_of(late, length);
    Ok((taken, refused))
}

async fn sent<C: Client>(client: &Arc<C>, rate: f64, length: Duration) -> Tally {
    let schedule = Schedule { rate };
    let (begun, mut running, mut tally) = (Instant::now(), JoinSet::new(), Tally::new());
    for n in 0..schedule.count(length) {
        let intended = begun + schedule.at(n);
        sleep_until(intended).await;
        let client = client.clone();
        running.spawn(async move {
            (
                intended,
                timeout(PATIENCE, client.ask(n)).await.unwrap_or_else(gave_up),
                Instant::now(),
            )
        });
        while let Some(done) = running.try_join_next() {
            tally.take(done.expect("clients do not panic"));
        }
    }
    while let Some(done) = running.join_next().await {
        tally.take(done.expect("clients do not panic"));
    }
    tally
}

fn gave_up<E>(_: E) -> Result<(), Status> {
    Err(Status::deadline_exceeded(format!("no answer within {PATIENCE:?}")))
}

/// When the requests of an open loop are meant to be sent.
struct Schedule {
    /// Per second.
    rate: f64,
}

impl Schedule {
    /// How many are sent in this time; at least one.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of requests"
    )]
    fn count(&self, length: Duration) -> u64 {
        (self.rate * length.as_secs_f64()).max(1.0) as u64
    }

    /// How long after the beginning the request of this number is.
    #[expect(clippy::cast_precision_loss, reason = "2^52 requests are too many")]
    fn at(&self, n: u64) -> Duration {
        Duration::from_secs_f64(n as f64 / self.rate)
    }
}

/// What is counted while a load goes on.
struct Tally {
    times: Histogram<u64>,
    /// When each was answered.
    ends: Vec<Instant>,
    /// How long those waited who were refused for want of a place.
    refused: Histogram<u64>,
    errors: u64,
    error: Option<String>,
}

impl Tally {
    fn new() -> Self {
        Self { times: times(), ends: vec![], refused: times(), errors: 0, error: None }
    }

    fn count(&mut self, since: Instant, answer: Result<(), Status>) {
        self.take((since, answer, Instant::now()));
    }

    fn take(&mut self, (since, answer, now): (Instant, Result<(), Status>, Instant)) {
        match answer {
            Ok(()) => {
                note(&mut self.times, now - since);
                self.ends.push(now);
            }
            Err(status) if status.code() == Code::ResourceExhausted => {
                note(&mut self.refused, now - since);
            }
            Err(status) => {
                self.errors += 1;
                self.error = Some(format!("{:?}: {}", status.code(), status.message()));
            }
        }
    }

    fn with(mut self, other: Self) -> Self {
        let bounds = "all have the same bounds";
        self.times.add(&other.times).expect(bounds);
        self.refused.add(&other.refused).expect(bounds);
        self.ends.extend(other.ends);
        Self {
            times: self.times,
            ends: self.ends,
            refused: self.refused,
            errors: self.errors + other.errors,
            error: self.error.or(other.error),
        }
    }

    fn load(self, what: String, took: Duration) -> Result<Load> {
        let answered = self.times.len();
        if !self.refused.is_empty() {
            bail!("{what}: {} refused beside {answered} answers", self.refused.len());
        }
        if let Some(error) = self.error {
            bail!("{what}: {} errors beside {answered} answers, such as {error}", self.errors);
        }
        let rate = rate_of(answered, took);
        Ok(Load { what, answered, rate, latency_ms: Latency::of(&self.times) })
    }
}

#[expect(clippy::cast_precision_loss, reason = "2^52 requests are too many")]
fn rate_of(count: u64, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    /// Answers at once, but for a stall in the beginning.
    struct Stall {
        until: Instant,
    }

    impl Client for Stall {
        async fn ask(&self, _: u64) -> Result<(), Status> {
            sleep_until(self.until).await;
            Ok(())
        }
    }

    /// Takes a ms for each request, and refuses the last of a hundred.
    struct Moody;

    impl Client for Moody {
        async fn ask(&self, n: u64) -> Result<(), Status> {
            sleep(Duration::from_millis(1)).await;
            if n < 99 { Ok(()) } else { Err(Status::internal("not now")) }
        }
    }

    #[test]
    fn requests_are_spread_evenly() {
        let schedule = Schedule { rate: 4.0 };
        assert_eq!(schedule.count(Duration::from_secs(3)), 12);
        assert_eq!(schedule.at(0), Duration::ZERO);
        assert_eq!(schedule.at(6), Duration::from_millis(1500));
        assert_eq!(Schedule { rate: 0.1 }.count(Duration::from_secs(1)), 1);
    }

    #[tokio::test]
    async fn a_stall_is_charged_to_everybody_who_was_to_be_served_meanwhile() {
        let stall = Arc::new(Stall { until: Instant::now() + Duration::from_millis(300) });
        let load = open("stall", &stall, 100.0, Duration::from_millis(600)).await.unwrap();
        assert_eq!(load.answered, 60);
        // Half of them were meant to be sent during the stall; a caller who waits for his answer
        // would have met it once.
        assert!(load.latency_ms.max >= 290.0, "{load:?}");
        assert!(load.latency_ms.p90 >= 200.0, "{load:?}");
    }

    #[tokio::test]
    async fn callers_of_a_closed_loop_wait_for_their_answers() {
        let span = Span::Time(Duration::from_millis(40));
        let load = closed("moody", &Arc::new(Moody), 2, span).await.unwrap();
        assert!((1..=80).contains(&load.answered), "{load:?}");
        let load = closed("moody", &Arc::new(Moody), 2, Span::Requests(50)).await.unwrap();
        assert_eq!(load.answered, 50);
    }

    /// Has a place for one in two.
    struct Crowded;

    impl Client for Crowded {
        async fn ask(&self, n: u64) -> Result<(), Status> {
            if n.is_multiple_of(2) { Ok(()) } else { Err(Status::resource_exhausted("no place")) }
        }
    }

    #[tokio::test]
    async fn in_a_flood_those_who_find_no_place_are_counted_for_themselves() {
        let length = Duration::from_millis(400);
        let (taken, refused) = flood("crowd", &Arc::new(Crowded), 100.0, length).await.unwrap();
        assert_eq!((taken.answered, refused.answered), (20, 20));
        assert!((45.0..=50.0).contains(&taken.rate), "{taken:?}");
        let error = open("crowd", &Arc::new(Crowded), 100.0, length).await.unwrap_err();
        assert!(error.to_string().contains("20 refused beside 20 answers"), "{error}");
    }

    #[tokio::test]
    async fn a_load_with_a_refusal_is_none() {
        let error = closed("moody", &Arc::new(Moody), 2, Span::Requests(100)).await.unwrap_err();
        assert!(error.to_string().contains("1 errors beside 99 answers"), "{error}");
    }
}
