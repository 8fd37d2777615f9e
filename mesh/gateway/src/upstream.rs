//! Where contexts are, and what to say when they are not.

use std::{collections::BTreeMap, error::Error, time::Duration};

use anyhow::Context as _;
use jangteo::errors::Refusal;
use tonic::{
    Code, ConnectError, Status, TimeoutExpired,
    transport::{Channel, Endpoint},
};

/// How long a connection may take to come about,
const CONNECT: Duration = Duration::from_secs(2);
/// how often it is asked whether it is still there while calls wait on it,
const KEEPALIVE: Duration = Duration::from_secs(10);
/// and how long that may take.
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(5);
/// When to try again.
const RETRY: Duration = Duration::from_secs(1);

/// The contexts behind the gateway.
#[derive(Clone, Debug)]
pub(crate) struct Upstreams {
    here: Channel,
    elsewhere: BTreeMap<String, Channel>,
}

impl Upstreams {
    /// Connects lazily: `here` is this process, `peers` are contexts elsewhere.
    pub(crate) fn new(here: &str, peers: &BTreeMap<String, String>) -> anyhow::Result<Self> {
        let elsewhere = peers.iter().map(|(context, url)| {
            let named = || format!("the address of {context} must be a URL, not {url}");
            Ok((context.clone(), channel(url).with_context(named)?))
        });
        let elsewhere = elsewhere.collect::<anyhow::Result<_>>()?;
        Ok(Self { here: channel(here)?, elsewhere })
    }

    /// The process that hosts a context.
    pub(crate) fn of(&self, context: &str) -> Channel {
        self.elsewhere.get(context).unwrap_or(&self.here).clone()
    }

    /// This process.
    pub(crate) fn here(&self) -> Channel {
        self.here.clone()
    }
}

fn channel(url: &str) -> anyhow::Result<Channel> {
    let endpoint = Endpoint::from_shared(url.to_owned())?.connect_timeout(CONNECT);
    let endpoint =
        endpoint.http2_keep_alive_interval(KEEPALIVE).keep_alive_timeout(KEEPALIVE_TIMEOUT);
    Ok(endpoint.connect_lazy())
}

/// What a failed call says. One that never left did nothing; of one that broke, or was cut off by the
/// client's own deadline, nobody knows.
pub(crate) fn failed(error: &(dyn Error + 'static)) -> Status {
    let caused = |is: fn(&(dyn Error + 'static)) -> bool| {
        std::iter::successors(Some(error), |error| (*error).source()).any(is)
    };
    if caused(<dyn Error>::is::<TimeoutExpired>) {
        let said = "no answer in time: it may still happen, repeat it with the same request_id";
        return Refusal::new(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", said).into();
    }
    if caused(<dyn Error>::is::<ConnectError>) {
        return away().into();
    }
    let said = "the connection broke: it may have happened, repeat it with the same request_id";
    Refusal::new(Code::Unknown, "OUTCOME_UNKNOWN", said).into()
}

/// Nothing happened, and may soon.
pub(crate) fn away() -> Refusal {
    let said = "nothing happened: the context that answers this is away, try again soon";
    Refusal::new(Code::Unavailable, "CONTEXT_UNAVAILABLE", said).retry_after(RETRY)
}

/// Whether a status is about the connection, and no word of the context's.
pub(crate) fn broke(status: &Status) -> bool {
    let cause = status.source();
    cause.is_some_and(|cause| !cause.is::<TimeoutExpired>()) && status.details().is_empty()
}

/// A status with a reason: what the context said, or what became of the call on its way.
pub(crate) fn explained(status: Status) -> Status {
    match std::error::Error::source(&status) {
        Some(_) if status.details().is_empty() => failed(&status),
        _ => status,
    }
}
