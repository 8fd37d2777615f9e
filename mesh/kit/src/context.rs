//! What a context's handlers stand on: its database, and the way to wake the relay.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};
use std::time::Duration;

use sea_orm::DbBackend;
use tokio::{
    sync::{Notify, watch},
    task::JoinError,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{Code, Status};
use tracing::Instrument as _;

use jangteo::errors::Refusal;

use crate::{
    auth::Caller,
    config::Settings,
    peer::Ask,
    server::load::place,
    store::{Failure, Never, Store},
};

const POISON: &str = "nothing panics while it holds this lock";

/// Whether a context's journal knows everything that its own stream tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audit {
    /// The stream was not read yet: the broker may be away.
    Pending,
    /// It does.
    Passed,
    /// It does not: the database was restored from an older copy.
    Behind,
}

/// One context in this process. Cheap to clone.
#[derive(Clone)]
pub struct Context(Arc<Inner>);

struct Inner {
    store: Store,
    settings: Arc<Settings>,
    peers: Arc<dyn Ask>,
    /// What goes on when whoever asked is gone.
    tasks: TaskTracker,
    relay: Notify,
    sweeper: Notify,
    aside: Notify,
    /// Counts what was brought to its end.
    settled: watch::Sender<u64>,
    backlog: AtomicU64,
    audit: Mutex<Audit>,
    applied: watch::Sender<u64>,
    leaving: CancellationToken,
}

impl Context {
    /// A context on its database that asks `peers`: a process makes them for its services, a test for
    /// itself.
    pub fn new(store: Store, settings: Arc<Settings>, peers: Arc<dyn Ask>) -> Self {
        Self(Arc::new(Inner {
            store,
            settings,
            peers,
            tasks: TaskTracker::new(),
            relay: Notify::new(),
            sweeper: Notify::new(),
            aside: Notify::new(),
            settled: watch::Sender::new(0),
            backlog: AtomicU64::new(0),
            audit: Mutex::new(Audit::Pending),
            applied: watch::Sender::new(0),
            leaving: CancellationToken::new(),
        }))
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

    /// How often one looks who is woken as well. A file of SQLite's has one process: nobody else writes what
    /// somebody here would have to find by looking.
    pub(crate) fn seldom(&self, often: Duration) -> Duration {
        if self.0.store.backend() == DbBackend::Sqlite { 8 * often } else { often }
    }

    /// Events were committed: the relay need not wait for its poll.
    pub(crate) fn wake_relay(&self) {
        self.0.relay.notify_one();
    }

    /// Something was committed that nobody waits for: what it set going need not wait for a poll.
    pub(crate) fn moved(&self) {
        self.wake_relay();
        self.wake_sweeper();
        self.0.settled.send_modify(|count| *count += 1);
    }

    /// Something has to be looked at sooner than whoever sweeps may think.
    pub(crate) fn wake_sweeper(&self) {
        self.0.sweeper.notify_one();
    }

    /// Waits until something may have to be swept, at most this long.
    pub(crate) async fn sweeper_woken(&self, most: Duration) {
        // Either way the sweeper looks for itself.
        drop(tokio::time::timeout(most, self.0.sweeper.notified()).await);
    }

    /// Events were set aside.
    pub(crate) fn wake_aside(&self) {
        self.0.aside.notify_one();
    }

    /// Waits until events may have been set aside, at most this long.
    pub(crate) async fn aside_woken(&self, most: Duration) {
        // Either way whoever waits looks for himself.
        drop(tokio::time::timeout(most, self.0.aside.notified()).await);
    }

    /// Tells when something in this process was brought to its end.
    pub(crate) fn settled(&self) -> watch::Receiver<u64> {
        self.0.settled.subscribe()
    }

    /// The way to other contexts.
    pub(crate) fn peers(&self) -> &dyn Ask {
        &*self.0.peers
    }

    /// Tasks that outlive their callers.
    pub(crate) fn tasks(&self) -> &TaskTracker {
        &self.0.tasks
    }

    /// Does `work` to its end, whether or not the caller still waits for it; until then it has the
    /// caller's place.
    pub async fn outlive<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> T {
        let place = place();
        let work = async move {
            let done = work.await;
            drop(place);
            done
        };
        match self.0.tasks.spawn(work.in_current_span()).await.map_err(JoinError::try_into_panic) {
            Ok(done) => done,
            Err(Ok(panic)) => std::panic::resume_unwind(panic),
            // Only the end of the runtime ends a task early, and then there is nobody to answer.
            Err(Err(_)) => std::future::pending().await,
        }
    }

    /// Waits for the tasks that still run; what they leave is taken up at the next start.
    pub(crate) async fn finish(&self) {
        self.0.tasks.close();
        self.0.tasks.wait().await;
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

    /// The process goes away: whoever watches is told to watch elsewhere, and nothing is begun that
    /// would have to be waited for.
    pub(crate) fn leave(&self) {
        self.0.leaving.cancel();
    }

    /// Tells when the process goes away.
    pub(crate) fn leaving(&self) -> &CancellationToken {
        &self.0.leaving
    }

    /// The relay counted the events that no ack is known of.
    pub(crate) fn set_backlog(&self, events: u64) {
        self.0.backlog.store(events, Ordering::Relaxed);
    }

    /// Whether its journal knows everything that its own stream tells.
    pub(crate) fn audit(&self) -> Audit {
        *self.0.audit.lock().expect(POISON)
    }

    /// The stream was read.
    pub(crate) fn set_audit(&self, audit: Audit) {
        *self.0.audit.lock().expect(POISON) = audit;
    }

    /// Refuses whatever builds on a journal that has forgotten events.
    pub(crate) fn trusted(&self) -> Result<(), Status> {
        if self.audit() != Audit::Behind {
            return Ok(());
        }
        let said = format!(
            "the database of {} was restored from an older copy: an operator mends it with `jangteo adopt {}`",
            self.name(),
            self.name()
        );
        Err(Refusal::new(Code::Unavailable, "DATABASE_BEHIND_BROKER", said)
            .retry_after(self.0.settings.timing.backoff_max)
            .into())
    }

    /// Lets a command in unless the journal has grown beyond its high water and a person asks.
    /// What other contexts ask always passes: they finish what has begun. Nobody's passes where the
    /// journal has forgotten events: new ones would get their numbers.
    pub(crate) fn admit(&self, caller: &Caller) -> Result<(), Status> {
        self.trusted()?;
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

    /// The same as [`Changes::wait`], also while the process goes away: for what is soon over.
    pub async fn wait_on(&mut self, most: Duration) {
        // Nobody changes anything any more if it fails; then the time is all there is to wait for.
        drop(tokio::time::timeout(most, self.applied.changed()).await);
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
