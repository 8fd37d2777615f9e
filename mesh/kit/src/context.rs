//! What a context's handlers stand on: its database, and the way to wake the relay.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};

use jangteo::errors::Refusal;

use crate::{
    auth::Caller,
    config::Settings,
    store::{Failure, Never, Store},
};

/// One context in this process. Cheap to clone.
#[derive(Clone)]
pub struct Context(Arc<Inner>);

struct Inner {
    store: Store,
    settings: Arc<Settings>,
    relay: Notify,
    backlog: AtomicU64,
    applied: watch::Sender<u64>,
    leaving: CancellationToken,
}

impl Context {
    /// A context on its database: a process makes them for its services, a test for itself.
    pub fn new(store: Store, settings: Arc<Settings>) -> Self {
        let applied = watch::Sender::new(0);
        let (relay, backlog, leaving) =
            (Notify::new(), AtomicU64::new(0), CancellationToken::new());
        Self(Arc::new(Inner { store, settings, relay, backlog, applied, leaving }))
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.0.store.context()
    }

    /// Its database.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The settings of the process.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Events were committed: the relay need not wait for its poll.
    pub(crate) fn wake_relay(&self) {
        self.0.relay.notify_one();
    }

    /// Waits for [`Context::wake_relay`], at most this long.
    pub(crate) async fn relay_woken(&self, most: Duration) {
        // Either way the relay looks for itself.
        drop(tokio::time::timeout(most, self.0.relay.notified()).await);
    }

    /// Read models changed: whoever watches should look.
    pub(crate) fn applied(&self) {
        self.0.applied.send_modify(|count| *count += 1);
    }

    /// Tells of each change of the read models in this process.
    pub fn changes(&self) -> Changes {
        Changes { applied: self.0.applied.subscribe(), leaving: self.0.leaving.clone() }
    }

    /// The process goes away: whoever watches is told to watch elsewhere.
    pub(crate) fn leave(&self) {
        self.0.leaving.cancel();
    }

    /// The relay counted the events that no ack is known of.
    pub(crate) fn set_backlog(&self, events: u64) {
        self.0.backlog.store(events, Ordering::Relaxed);
    }

    /// Lets a command in unless the journal has grown beyond its high water and a person asks.
    /// What other contexts ask always passes: they finish what has begun.
    pub(crate) fn admit(&self, caller: &Caller) -> Result<(), Status> {
        let full = self.0.backlog.load(Ordering::Relaxed) >= self.0.settings.journal_high_water;
        if !full || matches!(caller, Caller::Service { .. }) {
            return Ok(());
        }
        let said = "too many events wait for the broker: try again when it is back";
        Err(Refusal::new(Code::ResourceExhausted, "JOURNAL_FULL", said)
            .retry_after(self.0.settings.timing.backoff_max)
            .into())
    }
}

/// Tells of changes of the read models in this process; another replica's are found by looking.
pub struct Changes {
    applied: watch::Receiver<u64>,
    leaving: CancellationToken,
}

impl Changes {
    /// What has changed so far is about to be read.
    pub fn looking(&mut self) {
        self.applied.mark_unchanged();
    }

    /// Waits for a change since [`Changes::looking`], at most this long; woken or not, whoever waits
    /// looks again.
    ///
    /// # Errors
    /// [`Failure::Stopping`]: the process goes away.
    pub async fn wait(&mut self, most: Duration) -> Result<(), Failure<Never>> {
        tokio::select! {
            () = self.leaving.cancelled() => Err(Failure::Stopping),
            _ = tokio::time::timeout(most, self.applied.changed()) => Ok(()),
        }
    }
}
