//! Where contexts are, and what to say when they are not.

use std::{
    collections::BTreeMap,
    error::Error,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context as _;
use jangteo::errors::Refusal;
use jangteo_kit::{peer::endpoint, server};
use tonic::{
    Code, ConnectError, Status, TimeoutExpired,
    transport::{Channel, Endpoint},
};

/// How often a connection is asked whether it is still there while calls wait on it,
const KEEPALIVE: Duration = Duration::from_secs(10);
/// and how long that may take.
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(5);
/// The most calls on one connection: fewer than a context takes.
const CALLS: usize = 100;
/// The most connections to one context.
const CONNECTIONS: usize = 40;
/// How much of a reply may be on its way, in bytes. All calls of a connection together stay below its
/// own window: a client that does not read stalls nobody else.
const WINDOW: u32 = 64 * 1024;
/// When to try again, and for how long a context that can't be reached is not tried.
const RETRY: Duration = Duration::from_secs(1);

/// The contexts behind the gateway.
#[derive(Debug)]
pub(crate) struct Upstreams {
    here: Arc<Upstream>,
    elsewhere: BTreeMap<String, Arc<Upstream>>,
}

impl Upstreams {
    /// Connects lazily: `here` is this process, `peers` are contexts elsewhere.
    pub(crate) fn new(here: &str, peers: &BTreeMap<String, String>) -> anyhow::Result<Self> {
        let elsewhere = peers.iter().map(|(context, url)| {
            let upstream = Upstream::new(url).with_context(|| format!("the address of {context}"));
            Ok((context.clone(), Arc::new(upstream?)))
        });
        let elsewhere = elsewhere.collect::<anyhow::Result<_>>()?;
        Ok(Self { here: Arc::new(Upstream::new(here)?), elsewhere })
    }

    /// The process that hosts a context.
    pub(crate) fn of(&self, context: &str) -> &Arc<Upstream> {
        self.elsewhere.get(context).unwrap_or(&self.here)
    }

    /// This process.
    pub(crate) fn here(&self) -> &Arc<Upstream> {
        &self.here
    }
}

/// A process, and the connections to it: as many as the calls to it need.
#[derive(Debug)]
pub(crate) struct Upstream {
    endpoint: Endpoint,
    /// For what must not wait behind calls.
    aside: Channel,
    lines: Mutex<Vec<Line>>,
    /// Until when it is not tried, since it could not be reached.
    rests: Mutex<Option<Instant>>,
}

#[derive(Clone, Debug)]
struct Line {
    channel: Channel,
    calls: Arc<AtomicUsize>,
}

/// A call's place on a connection, until it is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) channel: Channel,
    calls: Arc<AtomicUsize>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.calls.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Upstream {
    fn new(url: &str) -> anyhow::Result<Self> {
        let most = WINDOW * u32::try_from(CALLS).unwrap_or(u32::MAX);
        let endpoint = endpoint(url)?
            .http2_keep_alive_interval(KEEPALIVE)
            .keep_alive_timeout(KEEPALIVE_TIMEOUT)
            .initial_stream_window_size(WINDOW)
            .initial_connection_window_size(most);
        let aside = endpoint.connect_lazy();
        Ok(Self { endpoint, aside, lines: Mutex::default(), rests: Mutex::default() })
    }

    /// The connection for questions about its health.
    pub(crate) fn aside(&self) -> Channel {
        self.aside.clone()
    }

    /// A place for one call, on the connection that has the fewest.
    pub(crate) fn seat(&self) -> Result<Seat, Status> {
        if self.rests.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(is_to_come) {
            return Err(away().into());
        }
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let calls = |line: &Line| line.calls.load(Ordering::Relaxed);
        let best = lines.iter().min_by_key(|line| calls(line)).filter(|line| calls(line) < CALLS);
        let line = match best {
            Some(line) => line.clone(),
            None if lines.len() < CONNECTIONS => {
                let line = Line { channel: self.endpoint.connect_lazy(), calls: Arc::default() };
                lines.push(line.clone());
                line
            }
            None => return Err(crowded().into()),
        };
        line.calls.fetch_add(1, Ordering::Relaxed);
        Ok(Seat { channel: line.channel, calls: line.calls })
    }

    /// What a failed call says. One that never left did nothing; of one that broke, or was cut off by
    /// the client's own deadline, nobody knows.
    pub(crate) fn failed(&self, error: &(dyn Error + 'static)) -> Status {
        if caused(error, <dyn Error>::is::<TimeoutExpired>) {
            let said = "no answer in time: it may still happen, repeat it with the same request_id";
            return Refusal::new(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", said).into();
        }
        if caused(error, <dyn Error>::is::<ConnectError>) {
            let until = Instant::now().checked_add(RETRY);
            *self.rests.lock().unwrap_or_else(PoisonError::into_inner) = until;
            return away().into();
        }
        let said = "the connection broke: it may have happened, repeat it with the same request_id";
        Refusal::new(Code::Unknown, "OUTCOME_UNKNOWN", said).into()
    }

    /// A status with a reason: what the context said, or what became of the call on its way.
    pub(crate) fn explained(&self, status: Status) -> Status {
        match status.source() {
            _ if !status.details().is_empty() => status,
            Some(_) => self.failed(&status),
            None => {
                let (code, said) = (status.code(), status.message());
                Refusal::new(code, server::reason(code), said).into()
            }
        }
    }
}

fn is_to_come(time: Instant) -> bool {
    time > Instant::now()
}

fn caused(error: &(dyn Error + 'static), is: fn(&(dyn Error + 'static)) -> bool) -> bool {
    std::iter::successors(Some(error), |error| (*error).source()).any(is)
}

/// Nothing happened, and may soon.
pub(crate) fn away() -> Refusal {
    let said = "nothing happened: the context that answers this is away, try again soon";
    Refusal::new(Code::Unavailable, "CONTEXT_UNAVAILABLE", said).retry_after(RETRY)
}

fn crowded() -> Refusal {
    let said = "nothing happened: there are too many calls at once, try again soon";
    Refusal::new(Code::ResourceExhausted, "TOO_MANY_CALLS", said).retry_after(RETRY)
}

/// Whether a status is about the connection, and no word of the context's.
pub(crate) fn broke(status: &Status) -> bool {
    let cause = status.source();
    cause.is_some_and(|cause| !cause.is::<TimeoutExpired>()) && status.details().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_connection_is_not_asked_for_more() {
        let upstream = Upstream::new("http://127.0.0.1:1").unwrap();
        let mut seats: Vec<Seat> = (0..CALLS).map(|_| upstream.seat().unwrap()).collect();
        assert_eq!(upstream.lines.lock().unwrap().len(), 1);
        seats.push(upstream.seat().unwrap());
        assert_eq!(upstream.lines.lock().unwrap().len(), 2);
        // Whoever goes makes room.
        seats.truncate(50);
        assert!((0..150).map(|_| upstream.seat()).all(|seat| seat.is_ok()));
        assert_eq!(upstream.lines.lock().unwrap().len(), 2);
        let all: Vec<_> = (0..CALLS * CONNECTIONS).map(|_| upstream.seat()).collect();
        let refused = all.iter().filter_map(|seat| seat.as_ref().err()).count();
        assert_eq!(refused, 50, "those that sit already are counted");
    }

    #[test]
    fn only_plain_urls_are_addresses() {
        for url in ["post:50051", "https://post:50051", "http://", "/post", "127.0.0.1:1"] {
            assert!(Upstream::new(url).is_err(), "{url}");
        }
    }
}
