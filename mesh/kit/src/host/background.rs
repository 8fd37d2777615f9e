//! What one context does beside answering: migrate, publish, follow, compare, tidy up.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::{
    bus::Bus,
    clock,
    context::Context,
    decide::backoff,
    execute,
    follow::{Comparer, follow},
    inbox::{Follower, Policies, resume},
    mend::Mended,
    project::{Projector, ReadModel, Sources},
    relay::Relay,
    saga::{Saga, figures, sweep},
    store::{Failure, Lease, Migrations, Never},
    work::{self, Holder},
};

/// How often old answers to request ids are forgotten.
const TIDY: Duration = Duration::from_hours(1);

/// One context in this process, with what its background work needs.
#[derive(Clone)]
pub(super) struct Hosted {
    pub(super) context: Context,
    pub(super) migrations: Migrations,
    pub(super) models: Vec<Arc<dyn ReadModel>>,
    pub(super) policies: Arc<Policies>,
    pub(super) sagas: Vec<Arc<dyn Saga>>,
}

impl Hosted {
    /// What its mending needs.
    pub(super) fn mended(&self) -> Mended {
        let keepers = self.sagas.iter().map(|saga| (saga.kind(), saga.clone())).collect();
        Mended { context: self.context.clone(), followers: self.followers(), keepers }
    }

    /// Brings the schema up to date, however long the database takes to be there.
    pub(super) async fn migrate(&self) -> anyhow::Result<()> {
        let mut tries = 0;
        loop {
            match self.context.store().migrate(self.migrations).await {
                Ok(()) => return Ok(()),
                Err(error @ sea_orm::DbErr::Migration(_)) => return Err(error.into()),
                Err(error) => {
                    tracing::error!(context = self.context.name(), %error, tries, "database is not there yet");
                }
            }
            let most = self.context.settings().timing.backoff_max;
            tokio::time::sleep(backoff(tries, most, clock::chance())).await;
            tries += 1;
        }
    }

    /// Starts the work of the replica that holds the lease. `stop` ends it; what can still be
    /// published then is published.
    pub(super) fn start(
        &self,
        node_id: Uuid,
        bus: &Bus,
        sources: &Sources,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) {
        let length = self.lease();
        let lease = Lease::new(self.context.store().clone(), node_id, length);
        // The lease outlives the work that it covers.
        let done = CancellationToken::new();
        let (holder, renewing) = work::hold(self.context.clone(), lease, length, done.clone());
        let work = TaskTracker::new();
        work.spawn(Relay::new(self.context.clone(), bus.clone()).run(holder.clone(), stop.clone()));
        work.spawn(tidy(self.context.clone(), holder.clone(), stop.clone()));
        if !self.sagas.is_empty() {
            let (context, sagas) = (self.context.clone(), self.sagas.clone());
            let leaving = self.context.leaving().clone();
            work.spawn(sweep(context, sagas, holder.clone(), leaving));
            work.spawn(figures(self.context.clone(), holder.clone(), stop.clone()));
        }
        self.follow(bus, sources, &work, &holder, stop);
        work.close();
        tasks.spawn(renewing);
        tasks.spawn(async move {
            work.wait().await;
            done.cancel();
        });
    }

    /// How long a lease lasts. A file of SQLite's has one process, which need not say so all the time.
    fn lease(&self) -> Duration {
        self.context.seldom(self.context.settings().timing.lease)
    }

    /// Follows the contexts that the policies or read models of this one follow, if any do.
    fn follow(
        &self,
        bus: &Bus,
        sources: &Sources,
        work: &TaskTracker,
        holder: &Holder,
        stop: &CancellationToken,
    ) {
        let followers = self.followers();
        if followers.is_empty() {
            return;
        }
        let aside = resume(self.context.clone(), followers.clone(), holder.clone(), stop.clone());
        work.spawn(aside);
        let comparer = Comparer::new(self.context.clone(), followers.clone(), sources.clone());
        work.spawn(comparer.run(holder.clone(), stop.clone()));
        let followed: BTreeSet<&str> =
            followers.iter().flat_map(|follower| follower.sources()).copied().collect();
        for source in followed {
            work.spawn(follow(
                self.context.clone(),
                bus.clone(),
                followers.clone(),
                source.to_owned(),
                holder.clone(),
                stop.clone(),
            ));
        }
    }

    /// All that follows other contexts for this one.
    pub(super) fn followers(&self) -> Arc<[Arc<dyn Follower>]> {
        let models = self.models.iter().cloned();
        let models = models.map(|model| Arc::new(Projector(model)) as Arc<dyn Follower>);
        let policies = (!self.policies.is_empty()).then(|| self.policies.clone());
        models.chain(policies.map(|policies| policies as Arc<dyn Follower>)).collect()
    }
}

/// Forgets the answers to request ids that are older than they are kept.
async fn tidy(context: Context, holder: Holder, stop: CancellationToken) {
    let kept = context.settings().timing.request_retention.as_millis();
    let kept = i64::try_from(kept).unwrap_or(i64::MAX);
    while !stop.is_cancelled() {
        holder.wait(&stop).await;
        let before = clock::now_ms().saturating_sub(kept);
        let forgotten = context.store().unit(move |tx| {
            Box::pin(async move { Ok::<_, Failure<Never>>(execute::forget(tx, before).await?) })
        });
        if let Err(failure) = forgotten.await {
            tracing::debug!(%failure, "old requests are kept for now");
        }
        tokio::select! { () = tokio::time::sleep(TIDY) => {}, () = stop.cancelled() => {} }
    }
}
