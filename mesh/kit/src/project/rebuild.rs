//! Rebuilding: a new generation is filled beside the one that serves, and takes over when it knows
//! no less.

use std::sync::Arc;

use super::{
    ReadModel,
    generation::{self, Generation, Stage, add, consumer, lock_live, newest, set_stage},
    position,
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

/// Lets a generation that has compared every source take over, if it knows no less than the old
/// one; tells whether it did.
pub(super) async fn switch(
    context: &Context,
    model: Arc<dyn ReadModel>,
    number: i64,
) -> Result<bool, Failure<Never>> {
    let switched = context.store().unit(move |tx| {
        let model = model.clone();
        Box::pin(async move { take_over(tx, &*model, number).await })
    });
    let switched = switched.await?;
    if switched {
        failpoint::at("V3");
        context.applied();
    }
    Ok(switched)
}

async fn take_over(tx: &Tx, model: &dyn ReadModel, number: i64) -> Result<bool, Failure<Never>> {
    let new = consumer(model.name(), number);
    for old in lock_live(tx, model.name()).await? {
        if old.stage != Stage::Serving {
            continue;
        }
        let gone = consumer(model.name(), old.number);
        let behind = inbox::behind(tx, &gone, &new).await?;
        if !may_switch(Progress { compared: true, behind }) {
            let (model, generation) = (model.name(), number);
            tracing::info!(model, generation, behind, "generation knows less than the old one yet");
            return Ok(false);
        }
        set_stage(tx, model.name(), old.number, Stage::Gone).await?;
        model.clear(tx, old.number).await?;
        inbox::clear(tx, &gone).await?;
        position::clear(tx, &gone).await?;
    }
    set_stage(tx, model.name(), number, Stage::Serving).await?;
    failpoint::at("V2");
    tracing::info!(model = model.name(), generation = number, "generation takes over");
    Ok(true)
}
