//! Compares gates with the heads of their sources and reads what they lack. This one loop closes
//! every gap: a message lost, a stream trimmed or wiped, a new consumer, a restored database.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::{quiet::Quiet, read::Reader};
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
    quiet: Quiet,
}

impl Comparer {
    pub(crate) fn new(
        context: Context,
        followers: Arc<[Arc<dyn Follower>]>,
        sources: Sources,
    ) -> Self {
        let reader = Reader::new(context.clone(), sources);
        Self { context, followers, reader, quiet: Quiet::default() }
    }

    /// Compares at start and every few seconds until `stop`; each follower for itself, so that a
    /// source that does not answer holds up only those that follow it.
    pub(crate) async fn run(self, holder: Holder, stop: CancellationToken) {
        let each = self.followers.iter().map(|one| self.keep(one, &holder, &stop));
        tokio::join!(join_all(each), self.count(&holder, &stop));
    }

    /// Tells how many events are parked, as long as this process is the one that follows.
    async fn count(&self, holder: &Holder, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            if !holder.holds() {
                telemetry::dead_letters(self.context.name(), None);
                holder.wait(stop).await;
            }
            match self.parked().await {
                Ok(parked) => telemetry::dead_letters(self.context.name(), Some(parked)),
                Err(error) => tracing::warn!(%error, "parked events can't be counted"),
            }
            self.pause(3, stop).await;
        }
    }

    async fn parked(&self) -> Result<u64, Failure<Never>> {
        Ok(inbox::parked_count(self.context.store().reader()?).await?)
    }

    async fn keep(&self, follower: &Arc<dyn Follower>, holder: &Holder, stop: &CancellationToken) {
        let mut full = tokio::time::Instant::now() + FULL;
        while !stop.is_cancelled() {
            holder.wait(stop).await;
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
            self.pause(1, stop).await;
        }
    }

    /// Waits for so many times the pause between two compares, or for `stop`.
    async fn pause(&self, times: u32, stop: &CancellationToken) {
        let pause = tokio::time::sleep(self.context.settings().timing.compare * times);
        tokio::select! { () = pause => {}, () = stop.cancelled() => {} }
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
                compared = self.all_sources(follower, &consumer, everything) => compared?,
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
    ) -> anyhow::Result<bool> {
        let positions = position::all(self.context.store().reader()?, &consumer.name).await?;
        let each = follower.sources().iter().map(async |source| {
            let position = positions.get(*source).copied();
            let compared = match position {
                Some(at) if !everything => self.news(follower, consumer, source, at).await,
                _ => self.whole(follower, consumer, source, position).await,
            };
            if let Err(error) = &compared {
                tracing::warn!(follower = follower.name(), source, %error, "compare broke off");
            }
            compared.is_ok()
        });
        Ok(join_all(each).await.into_iter().all(|compared| compared))
    }

    /// Compares one consumer with what has happened in a source since its position, which moves when
    /// everything is done.
    async fn news(
        &self,
        follower: &Arc<dyn Follower>,
        consumer: &Consumer,
        source: &str,
        position: i64,
    ) -> anyhow::Result<()> {
        let since = self.since(position);
        if consumer.building.is_none() && self.is_quiet(source, since).await? {
            // That is as well known from where the position is.
            return Ok(());
        }
        let whose = (follower, consumer.name.as_str());
        let since = Some(timestamp(since));
        let asked = self.reader.lacking(whose, source, since, &watch::Sender::default()).await?;
        Ok(self.moved(consumer.name.clone(), source.to_owned(), asked).await?)
    }

    /// Whether nothing has happened in a source since a time, as of half a pause ago.
    async fn is_quiet(&self, source: &str, since: i64) -> Result<bool, Status> {
        let fresh = self.context.settings().timing.compare / 2;
        let ask = async || self.reader.is_quiet(source, timestamp(since)).await;
        self.quiet.since(source, since, fresh, ask).await
    }

    /// Reads a source that a consumer has never seen; compares one with it that has.
    async fn whole(
        &self,
        follower: &Arc<dyn Follower>,
        consumer: &Consumer,
        source: &str,
        position: Option<i64>,
    ) -> anyhow::Result<()> {
        let whose = (follower, consumer.name.as_str());
        let asked = match position {
            None => self.reader.all(follower, source, consumer.building.is_some()).await?,
            Some(_) => self.reader.lacking(whose, source, None, &watch::Sender::default()).await?,
        };
        Ok(self.moved(consumer.name.clone(), source.to_owned(), asked).await?)
    }

    /// The time to ask for, in ms: the position less the margin, on a whole pause, so that those who
    /// have compared a moment apart ask the same.
    fn since(&self, position: i64) -> i64 {
        let ms = |it: Duration| i64::try_from(it.as_millis()).unwrap_or(i64::MAX / 2);
        let timing = &self.context.settings().timing;
        let since = position - ms(timing.compare_margin);
        since - since.rem_euclid(ms(timing.compare).max(1))
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
