//! Compares gates with the heads of their sources and reads what they lack. This one loop closes
//! every gap: a message lost, a stream trimmed or wiped, a new consumer, a restored database.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use futures::future::join_all;
use prost_types::Timestamp;
use tokio::{
    sync::{Mutex, watch},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use super::read::{Reader, Tally, Whose};
use crate::{
    clock,
    context::Context,
    event::timestamp,
    inbox::{
        self, Consumer, Follower,
        position::{self, Positions},
    },
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
    /// Who is compared, as it was known a moment ago.
    roll: Mutex<Option<(Instant, Arc<Roll>)>>,
}

/// All consumers of a context, and how far each has compared.
struct Roll {
    consumers: Vec<(Arc<dyn Follower>, Consumer)>,
    positions: Positions,
}

impl Comparer {
    pub(crate) fn new(
        context: Context,
        followers: Arc<[Arc<dyn Follower>]>,
        sources: Sources,
    ) -> Self {
        let reader = Reader::new(context.clone(), sources);
        Self { context, followers, reader, roll: Mutex::default() }
    }

    /// Compares at start and every few seconds until `stop`; each source for itself, so that one that
    /// does not answer holds up no other.
    pub(crate) async fn run(self, holder: Holder, stop: CancellationToken) {
        // Contexts that start together need not compare together for ever.
        let phase = self.context.settings().timing.compare.mul_f64(clock::chance());
        let sources: BTreeSet<&str> =
            self.followers.iter().flat_map(|follower| follower.sources()).copied().collect();
        let serving = sources.iter().map(|source| self.keep(source, phase, &holder, &stop));
        let building = self.followers.iter().map(|one| self.build(one, phase, &holder, &stop));
        tokio::join!(join_all(serving), join_all(building), self.count(&holder, &stop));
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
            pause(self.context.settings().timing.compare * 3, stop).await;
        }
    }

    async fn parked(&self) -> Result<u64, Failure<Never>> {
        Ok(inbox::parked_count(self.context.store().reader()?).await?)
    }

    /// Compares what serves with one source.
    async fn keep(&self, source: &str, phase: Duration, holder: &Holder, stop: &CancellationToken) {
        let mut full = Instant::now() + FULL;
        let mut next = phase;
        while !stop.is_cancelled() {
            holder.wait(stop).await;
            let everything = Instant::now() >= full;
            tokio::select! {
                () = holder.lost(stop) => {}
                compared = self.serving(source, everything) => match compared {
                    Ok(()) if everything => full = Instant::now() + FULL,
                    Ok(()) => {}
                    Err(error) => tracing::warn!(source, %error, "compare broke off"),
                }
            }
            pause(next, stop).await;
            next = self.context.settings().timing.compare;
        }
    }

    /// Compares the generation of a follower that is being built, if there is one, until it takes over.
    async fn build(
        &self,
        follower: &Arc<dyn Follower>,
        phase: Duration,
        holder: &Holder,
        stop: &CancellationToken,
    ) {
        let mut next = phase;
        while !stop.is_cancelled() {
            holder.wait(stop).await;
            tokio::select! {
                () = holder.lost(stop) => {}
                built = self.building(follower) => {
                    if let Err(error) = built {
                        tracing::warn!(follower = follower.name(), %error, "rebuild broke off");
                    }
                }
            }
            pause(next, stop).await;
            next = self.context.settings().timing.compare;
        }
    }

    /// Compares everything that serves and follows `source`: a source is asked once for all of them.
    async fn serving(&self, source: &str, everything: bool) -> anyhow::Result<()> {
        let roll = self.roll().await?;
        let (known, new): (Vec<Whose<'_>>, Vec<Whose<'_>>) =
            roll.serving(source).partition(|(_, name)| roll.position(name, source).is_some());
        let new = new.into_iter().map(|whose| self.whole(whose, source, false));
        let oldest = known.iter().filter_map(|(_, name)| roll.position(name, source)).min();
        let since = oldest.filter(|_| !everything).map(|position| self.since(position));
        let (news, wholes) = tokio::join!(self.news(&known, source, since), join_all(new));
        news.and(all(wholes))
    }

    /// Compares a generation with all its sources, and lets it take over once it lacks nothing.
    async fn building(&self, follower: &Arc<dyn Follower>) -> anyhow::Result<()> {
        let roll = self.roll().await?;
        let Some(consumer) = roll.building(follower.name()) else { return Ok(()) };
        let whose = (follower, consumer.name.as_str());
        let each = follower.sources().iter().map(async |source| {
            match roll.position(&consumer.name, source) {
                Some(at) => self.news(&[whose], source, Some(self.since(at))).await,
                None => self.whole(whose, source, true).await,
            }
        });
        all(join_all(each).await)?;
        follower.compared(&self.context, consumer).await?;
        // Another one serves now, or this one is further.
        *self.roll.lock().await = None;
        Ok(())
    }

    /// Compares consumers with what has happened in a source since a time, or ever; their positions
    /// move if anything has.
    async fn news(
        &self,
        whose: &[Whose<'_>],
        source: &str,
        since: Option<Timestamp>,
    ) -> anyhow::Result<()> {
        if whose.is_empty() {
            return Ok(());
        }
        let tally = watch::Sender::new(Tally::default());
        let asked = self.reader.lacking(whose, source, since, &tally).await?;
        if since.is_some() && tally.borrow().aggregates == 0 {
            // That is as well known from where the positions are.
            return Ok(());
        }
        let consumers: Vec<_> = whose.iter().map(|(_, consumer)| (*consumer).to_owned()).collect();
        let (store, source) = (self.context.store(), source.to_owned());
        let advanced = store.unit::<_, Never>(move |tx| {
            let (consumers, source) = (consumers.clone(), source.clone());
            Box::pin(async move { Ok(position::advance(tx, &consumers, &source, asked).await?) })
        });
        Ok(advanced.await?)
    }

    /// Reads a source that a consumer has never seen.
    async fn whole(&self, whose: Whose<'_>, source: &str, building: bool) -> anyhow::Result<()> {
        let (follower, consumer) = whose;
        let asked = self.reader.all(follower, source, building).await?;
        let (consumers, source) = (vec![consumer.to_owned()], source.to_owned());
        let set = self.context.store().unit::<_, Never>(move |tx| {
            let (consumers, source) = (consumers.clone(), source.clone());
            Box::pin(async move { Ok(position::set(tx, &consumers, &source, asked).await?) })
        });
        Ok(set.await?)
    }

    /// Who is compared, and how far each has come; no older than a pause.
    async fn roll(&self) -> anyhow::Result<Arc<Roll>> {
        let mut known = self.roll.lock().await;
        let fresh = self.context.settings().timing.compare;
        if let Some((at, roll)) = &*known
            && at.elapsed() < fresh
        {
            return Ok(roll.clone());
        }
        let at = Instant::now();
        let mut consumers = vec![];
        for follower in self.followers.iter() {
            let all = follower.consumers(&self.context).await?;
            consumers.extend(all.into_iter().map(|one| (follower.clone(), one)));
        }
        let names = consumers.iter().map(|(_, consumer)| consumer.name.as_str());
        let positions = position::all(self.context.store().reader()?, names).await?;
        let roll = Arc::new(Roll { consumers, positions });
        *known = Some((at, roll.clone()));
        Ok(roll)
    }

    /// The time to ask for: a position less the margin.
    fn since(&self, position: i64) -> Timestamp {
        let margin = self.context.settings().timing.compare_margin.as_millis();
        timestamp(position.saturating_sub(i64::try_from(margin).unwrap_or(i64::MAX)))
    }
}

impl Roll {
    /// What serves and follows a source.
    fn serving(&self, source: &str) -> impl Iterator<Item = Whose<'_>> {
        let follows = move |one: &&(Arc<dyn Follower>, Consumer)| {
            one.1.building.is_none() && one.0.sources().contains(&source)
        };
        self.consumers.iter().filter(follows).map(|(of, consumer)| (of, consumer.name.as_str()))
    }

    /// The generation of a follower that is being built.
    fn building(&self, follower: &str) -> Option<&Consumer> {
        let its = self.consumers.iter().filter(|(of, _)| of.name() == follower);
        its.map(|(_, consumer)| consumer).find(|consumer| consumer.building.is_some())
    }

    fn position(&self, consumer: &str, source: &str) -> Option<i64> {
        self.positions.get(&(consumer.to_owned(), source.to_owned())).copied()
    }
}

/// One that breaks off takes nothing from the others.
fn all(compared: Vec<anyhow::Result<()>>) -> anyhow::Result<()> {
    compared.into_iter().collect()
}

/// Waits so long, or for `stop`.
async fn pause(length: Duration, stop: &CancellationToken) {
    tokio::select! { () = tokio::time::sleep(length) => {}, () = stop.cancelled() => {} }
}
