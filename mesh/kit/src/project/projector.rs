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
    inbox::{
        self, Applied, Apply, Consumer, Follower, Letter, Remedied, Remedy, Rest, Taken, take_in,
    },
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
            let db = context.store().reader()?;
            let mut all = live::<Never>(db, self.name()).await?;
            if all.is_empty() {
                ensure_first(context, self.name()).await?;
                all = live(db, self.name()).await?;
            }
            // The one that is being built goes first: under load the other never lacks nothing.
            Ok(all.iter().rev().map(gates).collect())
        })
    }

    fn take_in<'a>(
        &'a self,
        tx: &'a Tx,
        source: &'a str,
        events: &'a [Event],
    ) -> BoxFuture<'a, Result<Taken, Failure<Never>>> {
        Box::pin(async move {
            let mut all = Taken::default();
            for generation in lock_live(tx, self.name()).await? {
                let projection = Projection::new(&*self.0, &generation);
                let name = consumer(self.name(), generation.number);
                let taken = take_in(tx, &name, source, events, &projection).await?;
                self.keep(tx, &generation, &projection).await?;
                all.applied |= taken.applied;
                all.aside |= taken.aside;
            }
            Ok(all)
        })
    }

    fn remedy<'a>(
        &'a self,
        tx: &'a Tx,
        letter: &'a Letter,
        remedy: Remedy,
    ) -> BoxFuture<'a, Result<(Remedied, Taken), Failure<Never>>> {
        Box::pin(async move {
            let Some(generation) = self.generation(tx, letter).await? else {
                return Ok((Remedied::Gone, Taken::default()));
            };
            let projection = Projection::new(&*self.0, &generation);
            let remedied = inbox::remedy(tx, letter, remedy, &projection).await?;
            self.keep(tx, &generation, &projection).await?;
            // What follows it may be much.
            Ok((remedied, Taken { applied: true, aside: true, ..Taken::default() }))
        })
    }

    fn go_on<'a>(
        &'a self,
        tx: &'a Tx,
        letter: &'a Letter,
        from: Place,
    ) -> BoxFuture<'a, Result<(Rest, Taken), Failure<Never>>> {
        Box::pin(async move {
            let Some(generation) = self.generation(tx, letter).await? else {
                return Ok((None, Taken::default()));
            };
            let projection = Projection::new(&*self.0, &generation);
            let rest = inbox::go_on(tx, letter, from, &projection).await?;
            self.keep(tx, &generation, &projection).await?;
            Ok((rest, Taken { applied: true, ..Taken::default() }))
        })
    }

    fn committed(&self, context: &Context, taken: Taken) {
        context.applied();
        if taken.aside {
            context.wake_aside();
        }
    }

    /// Lets a generation that was being built take over.
    fn compared<'a>(
        &'a self,
        context: &'a Context,
        consumer: &'a Consumer,
    ) -> BoxFuture<'a, Result<bool, Failure<Never>>> {
        Box::pin(async move {
            match consumer.building {
                Some(generation) => switch(context, self.0.clone(), generation).await,
                None => Ok(false),
            }
        })
    }
}

impl Projector {
    /// The live generation before whose gate a letter lies.
    async fn generation(
        &self,
        tx: &Tx,
        letter: &Letter,
    ) -> Result<Option<Generation>, Failure<Never>> {
        let ours = |one: &Generation| consumer(self.name(), one.number) == letter.consumer;
        Ok(lock_live(tx, self.name()).await?.into_iter().find(ours))
    }

    /// Keeps the number of the last change, if there was any.
    async fn keep(
        &self,
        tx: &Tx,
        generation: &Generation,
        projection: &Projection<'_>,
    ) -> Result<(), Failure<Never>> {
        let change = projection.change.load(Ordering::Relaxed);
        if change > generation.change {
            set_change(tx, self.0.name(), generation.number, change).await?;
        }
        Ok(())
    }
}

fn gates(generation: &Generation) -> Consumer {
    let building = (generation.stage == Stage::Building).then_some(generation.number);
    Consumer { name: consumer(&generation.name, generation.number), building }
}

/// One generation's share of a batch.
struct Projection<'a> {
    model: &'a dyn ReadModel,
    generation: i64,
    stage: Stage,
    change: AtomicI64,
}

impl<'a> Projection<'a> {
    fn new(model: &'a dyn ReadModel, generation: &Generation) -> Self {
        let change = AtomicI64::new(generation.change);
        Self { model, generation: generation.number, stage: generation.stage, change }
    }
}

impl Apply for Projection<'_> {
    /// A generation that is being built shows nothing yet, and history has long had its traces.
    fn traced(&self) -> bool {
        self.stage == Stage::Serving
    }

    /// What an event says of one read model is always little.
    fn apply<'a>(
        &'a self,
        tx: &'a Tx,
        event: &'a Event,
        _from: Place,
    ) -> BoxFuture<'a, Result<Applied, Failure<Unfit>>> {
        Box::pin(async move {
            let slot = Slot { tx, generation: self.generation, changes: &self.change };
            self.model.project(slot, event).await.map(|()| Applied::Whole)
        })
    }
}
