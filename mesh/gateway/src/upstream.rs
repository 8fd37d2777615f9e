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
use jangteo_kit::{peer::Way, server};
use tonic::{Code, ConnectError, Status, TimeoutExpired};

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
    url: String,
    /// For what must not wait behind calls.
    aside: Way,
    lines: Mutex<Vec<Line>>,
    /// Until when it is not tried, since it could not be reached.
    rests: Mutex<Option<Instant>>,
}

#[derive(Clone, Debug)]
struct Line {
    way: Way,
    calls: Arc<AtomicUsize>,
}

/// A call's place on a connection, until it is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) way: Way,
    calls: Arc<AtomicUsize>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.calls.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Upstream {
    fn new(url: &str) -> anyhow::Result<Self> {
        let (url, aside) = (url.to_owned(), way(url)?);
        Ok(Self { url, aside, lines: Mutex::default(), rests: Mutex::default() })
    }

    /// The connection for questions about its health.
    pub(crate) fn aside(&self) -> Way {
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
                let way = way(&self.url).map_err(|error| Status::internal(error.to_string()))?;
                let line = Line { way, calls: Arc::default() };
                lines.push(line.clone());
                line
            }
            None => return Err(crowded().into()),
        };
        line.calls.fetch_add(1, Ordering::Relaxed);
        Ok(Seat { way: line.way, calls: line.calls })
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

/// A connection of its own.
fn way(url: &str) -> anyhow::Result<Way> {
    let most = WINDOW * u32::try_from(CALLS).unwrap_or(u32::MAX);
    Way::windowed(url, [WINDOW, most])
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
}
