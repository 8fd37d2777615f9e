//! Rebuilding: a new generation is filled beside the one that serves, and takes over when it knows
//! no less.

use std::sync::Arc;

use super::{
    ReadModel,
    generation::{self, Generation, Stage, add, consumer, lock_live, newest, set_stage},
};
use crate::{
    context::Context,
    decide::{Progress, may_switch},
    failpoint, inbox,
    store::{Failure, Never, Tx},
};

/// The first generation serves from the beginning: there is nothing older.
pub(super) async fn ensure_first(
    context: &Context,
    model: &'static str,
) -> Result<(), Failure<Never>> {
    let first = context.store().unit(move |tx| {
        Box::pin(async move {
            if newest(tx, model).await? == 0 {
                add(tx, model, 1, Stage::Serving).await?;
            }
            Ok(())
        })
    });
    first.await
}

/// Starts a new generation, or tells of the one that is being built.
///
/// # Errors
/// The database can't be reached.
pub async fn start_rebuild(
    context: &Context,
    model: &'static str,
) -> Result<Generation, Failure<Never>> {
    let started = context.store().unit(move |tx| {
        Box::pin(async move {
            let live = lock_live(tx, model).await?;
            if let Some(building) = live.into_iter().find(|one| one.stage == Stage::Building) {
                return Ok(building);
            }
            let number = newest(tx, model).await? + 1;
            add(tx, model, number, Stage::Building).await?;
            Ok(Generation { name: model.to_owned(), number, stage: Stage::Building, change: 0 })
        })
    });
    started.await
}

/// One generation; none where there never was one of this number.
///
/// # Errors
/// The database can't be reached.
pub async fn find_generation(
    context: &Context,
    model: &str,
    number: i64,
) -> Result<Option<Generation>, Failure<Never>> {
    generation::find(context.store().reader()?, model, number).await
}

/// How far a generation is: the aggregates that it knows something of, and while it is built those
/// that the serving one knows more of.
///
/// # Errors
/// The database can't be reached.
pub async fn extent(
    context: &Context,
    generation: &Generation,
) -> Result<(u64, u64), Failure<Never>> {
    let db = context.store().reader()?;
    let own = consumer(&generation.name, generation.number);
    let known = inbox::count(db, &own).await?;
    if generation.stage != Stage::Building {
        return Ok((known, 0));
    }
    let serving = generation::serving(db, &generation.name).await?.number;
    let behind = inbox::behind(db, &consumer(&generation.name, serving), &own).await?;
    Ok((known, behind))
}

/// Lets a generation that has compared every source take over, if it knows no less than the old
/// one.
pub(super) async fn switch(
    context: &Context,
    model: Arc<dyn ReadModel>,
    number: i64,
) -> Result<(), Failure<Never>> {
    let switched = context.store().unit(move |tx| {
        let model = model.clone();
        Box::pin(async move { take_over(tx, &*model, number).await })
    });
    if switched.await? {
        failpoint::at("V3");
        context.applied();
    }
    Ok(())
}

async fn take_over(tx: &Tx, model: &dyn ReadModel, number: i64) -> Result<bool, Failure<Never>> {
    let new = consumer(model.name(), number);
    let live = lock_live(tx, model.name()).await?;
    let built = |one: &Generation| one.number == number && one.stage == Stage::Building;
    if !live.iter().any(built) {
        // Another replica was faster.
        return Ok(false);
    }
    for old in live {
        if old.stage != Stage::Serving {
            continue;
        }
        let gone = consumer(model.name(), old.number);
        let behind = match tx.rows() {
            Some(rows) => inbox::simulated::behind(rows, &gone, &new),
            None => inbox::behind(tx, &gone, &new).await?,
        };
        if !may_switch(Progress { compared: true, behind }) {
            let (model, generation) = (model.name(), number);
            tracing::info!(model, generation, behind, "generation knows less than the old one yet");
            return Ok(false);
        }
        set_stage(tx, model.name(), old.number, Stage::Gone).await?;
        model.clear(tx, old.number).await?;
        inbox::clear(tx, &gone).await?;
    }
    set_stage(tx, model.name(), number, Stage::Serving).await?;
    failpoint::at("V2");
    tracing::info!(model = model.name(), generation = number, "generation takes over");
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures::future::BoxFuture;
    use jangteo_testing::scratch;
    use sea_orm::DbErr;

    use super::*;
    use crate::{
        event::{Event, Unfit},
        project::Slot,
        store::Store,
    };

    const NAME: &str = "nothing";

    /// Holds nothing, and counts how often that is removed.
    #[derive(Default)]
    struct Nothing(AtomicU32);

    impl ReadModel for Nothing {
        fn name(&self) -> &'static str {
            NAME
        }

        fn sources(&self) -> &'static [&'static str] {
            &[]
        }

        fn project<'a>(
            &'a self,
            _slot: Slot<'a>,
            _event: &'a Event,
        ) -> BoxFuture<'a, Result<(), Failure<Unfit>>> {
            Box::pin(async { Ok(()) })
        }

        fn clear<'a>(&'a self, _tx: &'a Tx, _generation: i64) -> BoxFuture<'a, Result<(), DbErr>> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Box::pin(async { Ok(()) })
        }
    }

    async fn takes_over(store: &Store, model: &Arc<Nothing>, number: i64) -> bool {
        let model = model.clone();
        let taken = store.unit(move |tx| {
            let model = model.clone();
            Box::pin(async move { take_over(tx, &*model, number).await })
        });
        taken.await.unwrap()
    }

    #[tokio::test]
    async fn a_late_replica_does_not_empty_what_serves_already() {
        let dir = scratch::directory("rebuild").unwrap();
        let url = format!("sqlite://{}/nothing.db", dir.path().display());
        let store = Store::connect("sample", &url).await.unwrap();
        store.migrate(Vec::new).await.unwrap();
        let begun: Result<(), Failure<Never>> = store
            .unit(move |tx| {
                Box::pin(async move {
                    add(tx, NAME, 1, Stage::Serving).await?;
                    Ok(add(tx, NAME, 2, Stage::Building).await?)
                })
            })
            .await;
        begun.unwrap();
        let model = Arc::new(Nothing::default());
        assert!(takes_over(&store, &model, 2).await);
        for late in [2, 1, 3] {
            assert!(!takes_over(&store, &model, late).await, "{late}");
        }
        assert_eq!(model.0.load(Ordering::Relaxed), 1, "only the first one is removed");
        store.close().await;
    }
}
