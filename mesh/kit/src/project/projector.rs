//! Fills every live generation of a read model from one batch.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use futures::future::BoxFuture;

use super::{
    ReadModel, Slot,
    generation::{Generation, Stage, consumer, live, lock_live, set_change},
    rebuild::{ensure_first, switch},
};
use crate::{
    context::Context,
    decide::Place,
    event::{Event, Unfit},
    inbox::{Applied, Consumer, Effect, Effects, Follower},
    store::{Failure, Never, Tx},
};

/// A read model as it follows its sources: each generation is a consumer of its own.
pub(crate) struct Projector(pub(crate) Arc<dyn ReadModel>);

impl Follower for Projector {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn sources(&self) -> &[&'static str] {
        self.0.sources()
    }

    fn consumers<'a>(
        &'a self,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Vec<Consumer>, Failure<Never>>> {
        Box::pin(async move {
            let mut all = live(context.store(), self.name()).await?;
            if all.is_empty() {
                ensure_first(context, self.name()).await?;
                all = live(context.store(), self.name()).await?;
            }
            // The one that is being built goes first: under load the other never lacks nothing.
            Ok(all.iter().rev().map(gates).collect())
        })
    }

    fn effects<'a>(
        &'a self,
        tx: &'a Tx,
        _source: &'a str,
    ) -> BoxFuture<'a, Result<Effects<'a>, Failure<Never>>> {
        Box::pin(async move {
            let live = lock_live(tx, self.name()).await?;
            let one =
                |generation| Box::new(Projection::new(&*self.0, generation)) as Box<dyn Effect>;
            Ok(live.into_iter().map(one).collect())
        })
    }

    /// Lets a generation that was being built take over.
    fn compared<'a>(
        &'a self,
        context: &'a Context,
        consumer: &'a Consumer,
    ) -> BoxFuture<'a, Result<(), Failure<Never>>> {
        Box::pin(async move {
            match consumer.building {
                Some(generation) => switch(context, self.0.clone(), generation).await,
                None => Ok(()),
            }
        })
    }
}

fn gates(generation: &Generation) -> Consumer {
    let building = (generation.stage == Stage::Building).then_some(generation.number);
    Consumer { name: consumer(&generation.name, generation.number), building }
}

/// One generation at work in a transaction.
struct Projection<'a> {
    model: &'a dyn ReadModel,
    generation: Generation,
    consumer: String,
    change: AtomicI64,
}

impl<'a> Projection<'a> {
    fn new(model: &'a dyn ReadModel, generation: Generation) -> Self {
        let change = AtomicI64::new(generation.change);
        let consumer = consumer(model.name(), generation.number);
        Self { model, generation, consumer, change }
    }
}

impl Effect for Projection<'_> {
    fn consumer(&self) -> &str {
        &self.consumer
    }

    /// A generation that is being built shows nothing yet, and history has long had its traces.
    fn traced(&self) -> bool {
        self.generation.stage == Stage::Serving
    }

    /// What an event says of one read model is always little.
    fn apply<'a>(
        &'a self,
        tx: &'a Tx,
        event: &'a Event,
        _from: Place,
    ) -> BoxFuture<'a, Result<Applied, Failure<Unfit>>> {
        Box::pin(async move {
            let slot = Slot { tx, generation: self.generation.number, changes: &self.change };
            self.model.project(slot, event).await.map(|()| Applied::Whole)
        })
    }

    /// Keeps the number of the last change, if there was any.
    fn finish<'a>(&'a self, tx: &'a Tx) -> BoxFuture<'a, Result<bool, Failure<Never>>> {
        Box::pin(async move {
            let change = self.change.load(Ordering::Relaxed);
            if change > self.generation.change {
                set_change(tx, self.model.name(), self.generation.number, change).await?;
            }
            Ok(false)
        })
    }
}
