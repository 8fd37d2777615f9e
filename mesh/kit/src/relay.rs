//! The relay: publishes what the journal holds and the broker has not acknowledged.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    bus::Bus,
    clock,
    context::{Audit, Context},
    decide::{backoff, settled},
    event::Event,
    failpoint, journal,
    mend::audit,
    store::{Failure, Never},
    telemetry,
    work::Holder,
};

/// Rows that are read and published together at most.
const WINDOW: u64 = 512;
/// How often more than a window is counted: that takes longer the more it is.
const COUNT: Duration = Duration::from_secs(1);

/// Publishes one context's journal, for as long as this replica holds the lease.
pub(crate) struct Relay {
    context: Context,
    bus: Bus,
    /// The connection on which the broker was checked and the stream made.
    ready: u64,
    /// How many events wait, and when more than a window of them was last counted.
    waiting: u64,
    counted: Option<Instant>,
}

/// How one round went.
enum Round {
    /// Nothing to do.
    Idle,
    /// All that waited was published.
    Done,
    /// Something was published; there is more.
    Moved,
    /// The broker or the database did not let it.
    Stuck(String),
}

impl Relay {
    pub(crate) fn new(context: Context, bus: Bus) -> Self {
        Self { context, bus, ready: 0, waiting: 0, counted: None }
    }

    /// Runs until `stop`, then publishes what is left if the broker lets it.
    pub(crate) async fn run(mut self, holder: Holder, stop: CancellationToken) {
        let mut tries = 0;
        while !stop.is_cancelled() {
            if !holder.holds() {
                self.stand_by(&holder, &stop).await;
                continue;
            }
            match self.round().await {
                Round::Idle | Round::Done => {
                    tries = 0;
                    let poll = self.context.seldom(self.context.settings().timing.relay_poll);
                    tokio::select! {
                        () = self.context.relay_woken(poll) => {}
                        () = stop.cancelled() => {}
                    }
                }
                Round::Moved => tries = 0,
                Round::Stuck(why) => {
                    self.report(tries, &why);
                    self.pause(tries, &stop).await;
                    tries = tries.saturating_add(1);
                }
            }
        }
        while holder.holds() && matches!(self.round().await, Round::Moved | Round::Done) {}
    }

    /// Another replica publishes, or nobody may; whoever asks here is held to the same high water.
    async fn stand_by(&self, holder: &Holder, stop: &CancellationToken) {
        telemetry::journal_lag(self.context.name(), None);
        if let Err(why) = self.audited().await {
            tracing::debug!(context = self.context.name(), %why, "not audited");
        }
        if let Ok(db) = self.context.store().reader()
            && let Ok(waiting) = journal::backlog(db).await
        {
            self.context.set_backlog(waiting);
        }
        let look = tokio::time::sleep(self.context.settings().timing.relay_poll);
        tokio::select! { () = holder.wait(stop) => {}, () = look => {} }
    }

    async fn round(&mut self) -> Round {
        self.window().await.unwrap_or_else(|error| Round::Stuck(error.to_string()))
    }

    /// Publishes and marks one window; an error if none of it was taken.
    async fn window(&mut self) -> anyhow::Result<Round> {
        let rows = {
            let db = self.context.store().reader()?;
            journal::unpublished(db, self.context.name(), WINDOW).await?
        };
        self.measure(&rows).await?;
        if rows.is_empty() {
            // Consumers wait for the stream: it is made before there is anything to publish.
            self.prepare().await?;
            return Ok(Round::Idle);
        }
        self.prepare().await?;
        failpoint::at("P6");
        let (ids, events): (Vec<i64>, Vec<Event>) = rows.into_iter().unzip();
        let acks = self.bus.publish(&events, None).await;
        failpoint::at("P8");
        let taken = acks.iter().map(Result::is_ok);
        let window: Vec<(Uuid, bool)> =
            events.iter().map(|event| event.aggregate_id).zip(taken).collect();
        let done: Vec<i64> = settled(&window).into_iter().map(|position| ids[position]).collect();
        let (none, all) = (done.is_empty(), done.len() == ids.len());
        self.mark(done).await?;
        if let Some(why) = acks.into_iter().find_map(Result::err) {
            // The stream may be gone: it is looked at anew before the next window.
            self.ready = 0;
            if none {
                return Err(why.into());
            }
        }
        if !all || ids.len() as u64 == WINDOW {
            return Ok(Round::Moved);
        }
        // Whoever has written more since then has woken the relay.
        self.measure(&[]).await?;
        Ok(Round::Done)
    }

    /// Marks what was acknowledged, in a short transaction of its own.
    async fn mark(&self, ids: Vec<i64>) -> Result<(), Failure<Never>> {
        if ids.is_empty() {
            return Ok(());
        }
        let marked = self.context.store().unit(move |tx| {
            let ids = ids.clone();
            Box::pin(async move {
                journal::mark(tx, ids).await?;
                failpoint::at("P9");
                Ok(())
            })
        });
        marked.await
    }

    /// Checks the broker and makes the stream, once on each connection and after each failure; and reads
    /// it once, before anything is published.
    async fn prepare(&mut self) -> anyhow::Result<()> {
        let epoch = self.bus.epoch();
        if self.ready != epoch || !self.bus.is_connected() {
            self.bus.check().await?;
            self.bus.own_stream(self.context.name()).await?;
            audit(&self.context, &self.bus).await?;
            self.ready = epoch;
        }
        Ok(())
    }

    /// Tells what waits, of which these are the oldest.
    async fn measure(&mut self, oldest: &[(i64, Event)]) -> anyhow::Result<()> {
        let known = oldest.len() as u64;
        if known < WINDOW {
            (self.waiting, self.counted) = (known, None);
        } else if self.counted.is_none_or(|then| then.elapsed() >= COUNT) {
            self.waiting = journal::backlog(self.context.store().reader()?).await?;
            self.counted = Some(Instant::now());
        }
        self.context.set_backlog(self.waiting);
        let since = oldest.first().map(|(_, event)| event.time);
        telemetry::journal_lag(self.context.name(), Some((self.waiting, since)));
        Ok(())
    }

    /// Whoever does not publish answers all the same, and must not from a journal that has forgotten.
    async fn audited(&self) -> anyhow::Result<()> {
        if self.context.audit() == Audit::Passed {
            return Ok(());
        }
        self.bus.check().await?;
        audit(&self.context, &self.bus).await
    }

    fn report(&self, tries: u32, why: &str) {
        // At the start the connection takes a moment; then ever more seldom.
        if tries > 1 && tries.is_power_of_two() {
            let (context, waiting) = (self.context.name(), self.waiting);
            tracing::warn!(context, tries, waiting, why, "events wait in the journal");
        }
    }

    async fn pause(&self, tries: u32, stop: &CancellationToken) {
        let most = self.context.settings().timing.backoff_max;
        let pause = tokio::time::sleep(backoff(tries, most, clock::chance()));
        tokio::select! { () = pause => {}, () = stop.cancelled() => {} }
    }
}
