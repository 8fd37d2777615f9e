//! Events for tests, and a database of each kind to project them into.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jangteo_kit::{
    event::Event,
    project::{ReadModel, Slot, Unfit},
    store::{Failure, Store},
};
pub(crate) use jangteo_testing::STORY;
use jangteo_testing::{mariadb, postgres, scratch};
use prost::Name;
use uuid::Uuid;

/// The generation that they are projected into.
pub(crate) const GENERATION: i64 = 3;

/// An event as its context publishes it, a second after the one before it of the same aggregate.
pub(crate) fn event(aggregate: u128, sequence: i64, message: &impl Name) -> Event {
    jangteo_testing::event(Uuid::from_u128(aggregate), sequence, message, 1000 * sequence)
}

/// A read model on a database of its own.
pub(crate) struct Sample {
    pub(crate) store: Store,
    model: Arc<dyn ReadModel>,
    changes: Arc<AtomicI64>,
}

impl Sample {
    async fn on(url: &str, model: impl ReadModel) -> Self {
        let store = Store::connect("view", url).await.unwrap();
        store.migrate(crate::migration::all).await.unwrap();
        Self { store, model: Arc::new(model), changes: Arc::default() }
    }

    /// Projects events; answers why they don't fit, and then nothing of them is kept.
    pub(crate) async fn project(&self, events: Vec<Event>) -> Result<(), String> {
        let (model, changes) = (self.model.clone(), self.changes.clone());
        let projected = self.store.unit(move |tx| {
            let (model, changes, events) = (model.clone(), changes.clone(), events.clone());
            Box::pin(async move {
                for event in &events {
                    let slot = Slot { tx, generation: GENERATION, changes: &changes };
                    model.project(slot, event).await?;
                }
                Ok(())
            })
        });
        projected.await.map_err(|failure| match failure {
            Failure::Rejected(Unfit(why)) => why,
            failure => panic!("{failure}"),
        })
    }

    /// The number of the last change.
    pub(crate) fn changes(&self) -> i64 {
        self.changes.load(Ordering::Relaxed)
    }

    /// Removes what was projected.
    pub(crate) async fn clear(&self) {
        let model = self.model.clone();
        let cleared = self.store.unit(move |tx| {
            let model = model.clone();
            Box::pin(async move { Ok::<_, Failure<Unfit>>(model.clear(tx, GENERATION).await?) })
        });
        cleared.await.unwrap();
    }
}

/// Runs a test on a database of each kind.
pub(crate) async fn on_each_database<M: ReadModel + Copy>(model: M, test: impl AsyncFn(&Sample)) {
    let dir = scratch::directory("view").unwrap();
    for url in [
        format!("sqlite://{}/view.db", dir.path().display()),
        postgres::database().await.unwrap(),
        mariadb::database().await.unwrap(),
    ] {
        let sample = Sample::on(&url, model).await;
        test(&sample).await;
        sample.store.close().await;
    }
}
