//! Compares gates with the heads of their sources and reads what they lack. This one loop closes
//! every gap: a message lost, a stream trimmed or wiped, a new consumer, a restored database.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use prost_types::Timestamp;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::read::Reader;
use crate::{
    context::Context,
    event::timestamp,
    inbox::{self, Consumer, Follower, position},
    project::Sources,
    store::{Failure, Never},
    telemetry,
    work::Holder,
};

/// How often everything is compared from the beginning.
const FULL: Duration = Duration::from_hours(24);

/// Compares what follows in one context.
pub(crate) struct Comparer {
    context: Context,
    followers: Arc<[Arc<dyn Follower>]>,
    reader: Reader,
}

impl Comparer {
    pub(crate) fn new(
        context: Context,
        followers: Arc<[Arc<dyn Follower>]>,
        sources: Sources,
    ) -> Self {
        let reader = Reader::new(context.clone(), sources);
        Self { context, followers, reader }
    }

    /// Compares at start and every few seconds until `stop`; each follower for itself, so that a
    /// source that does not answer holds up only those that follow it.
    pub(crate) async fn run(self, holder: Holder, stop: CancellationToken) {
        join_all(self.followers.iter().map(|one| self.keep(one, &holder, &stop))).await;
    }

    async fn keep(&self, follower: &Arc<dyn Follower>, holder: &Holder, stop: &CancellationToken) {
        let mut full = tokio::time::Instant::now() + FULL;
        while !stop.is_cancelled() {
            if !holder.holds() {
                telemetry::dead_letters(self.context.name(), None);
                holder.wait(stop).await;
            }
            let everything = tokio::time::Instant::now() >= full;
            tokio::select! {
                () = holder.lost(stop) => {}
                result = self.follower(follower, everything) => match result {
                    Ok(true) if everything => full = tokio::time::Instant::now() + FULL,
                    Ok(_) => {}
                    Err(error) => {
                        tracing::warn!(follower = follower.name(), %error, "compare broke off");
                    }
                }
            }
            let pause = tokio::time::sleep(self.context.settings().timing.compare);
            tokio::select! { () = pause => {}, () = stop.cancelled() => {} }
        }
    }

    /// Tells whether every consumer of it was compared with all its sources.
    async fn follower(
        &self,
        follower: &Arc<dyn Follower>,
        everything: bool,
    ) -> anyhow::Result<bool> {
        let mut whole = true;
        for consumer in follower.consumers(&self.context).await? {
            let compared = tokio::select! {
                compared = self.all_sources(follower, &consumer, everything) => compared,
                built = self.built(follower), if consumer.building.is_none() => {
                    built?;
                    false
                }
            };
            if !compared {
                whole = false;
            } else if follower.compared(&self.context, &consumer).await? {
                break;
            }
        }
        let parked = inbox::parked_count(self.context.store().reader()?).await?;
        telemetry::dead_letters(self.context.name(), Some(parked));
        Ok(whole)
    }

    /// Waits until a generation is being built: under load a compare of the one that serves lasts as
    /// long as the load, and a rebuild would not even begin.
    async fn built(&self, follower: &Arc<dyn Follower>) -> anyhow::Result<()> {
        loop {
            tokio::time::sleep(self.context.settings().timing.compare).await;
            let consumers = follower.consumers(&self.context).await?;
            if consumers.iter().any(|one| one.building.is_some()) {
                return Ok(());
            }
        }
    }

    /// Compares one consumer with each of its sources; one that is away, or not there yet, takes
    /// nothing from the others. Tells whether all were compared.
    async fn all_sources(
        &self,
        follower: &Arc<dyn Follower>,
        consumer: &Consumer,
        everything: bool,
    ) -> bool {
        let each = follower.sources().iter().map(async |source| {
            let compared = self.source(follower, consumer, source, everything).await;
            if let Err(error) = &compared {
                tracing::warn!(follower = follower.name(), source, %error, "compare broke off");
            }
            compared.is_ok()
        });
        join_all(each).await.into_iter().all(|compared| compared)
    }

    /// Compares one consumer with one source; the position moves when everything is done.
    async fn source(
        &self,
        follower: &Arc<dyn Follower>,
        consumer: &Consumer,
        source: &str,
        everything: bool,
    ) -> anyhow::Result<()> {
        let db = self.context.store().reader()?;
        let whose = (follower, consumer.name.as_str());
        let position = position::get(db, &consumer.name, source).await?;
        let asked = match position {
            None => self.reader.all(follower, source, consumer.building.is_some()).await?,
            Some(at) => {
                let (since, tally) =
                    ((!everything).then(|| self.since(at)), watch::Sender::default());
                let asked = self.reader.lacking(whose, source, since, &tally).await?;
                if tally.borrow().aggregates == 0 {
                    // Nothing has happened since: that is as well known from where it is.
                    return Ok(());
                }
                asked
            }
        };
        self.moved(consumer.name.clone(), source.to_owned(), asked).await?;
        Ok(())
    }

    /// The time to ask for: the position less the margin.
    fn since(&self, position: i64) -> Timestamp {
        let margin = self.context.settings().timing.compare_margin.as_millis();
        timestamp(position - i64::try_from(margin).unwrap_or(i64::MAX / 2))
    }

    async fn moved(
        &self,
        consumer: String,
        source: String,
        time: i64,
    ) -> Result<(), Failure<Never>> {
        let moved = self.context.store().unit(move |tx| {
            let (consumer, source) = (consumer.clone(), source.clone());
            Box::pin(async move { Ok(position::set(tx, &consumer, &source, time).await?) })
        });
        moved.await
    }
}
