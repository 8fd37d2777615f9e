//! Follows the stream of a source: each batch in one transaction, then its acks.

use std::{sync::Arc, time::Duration};

use futures::{StreamExt, future::BoxFuture};
use tokio_util::sync::CancellationToken;

use super::{
    ReadModel, Slot,
    generation::{Generation, Stage, consumer, lock_live, set_change},
    lag,
};
use crate::{
    bus::{Bus, Delivery, Subscription},
    clock,
    context::Context,
    decide::backoff,
    event::Event,
    failpoint,
    inbox::{Apply, Unfit, take_in},
    store::{Failure, Never, Tx},
    telemetry,
    work::Holder,
};

/// Follows `source` for the read models of `context` until `stop`.
pub(crate) async fn follow(
    context: Context,
    bus: Bus,
    models: Arc<Vec<Arc<dyn ReadModel>>>,
    source: String,
    holder: Holder,
    stop: CancellationToken,
) {
    let subscription = Subscription {
        consumer: context.name().to_owned(),
        ack_wait: context.settings().timing.ack_wait,
        source,
    };
    let mut tries = 0;
    while !stop.is_cancelled() {
        holder.wait(&stop).await;
        tokio::select! {
            () = holder.lost(&stop) => {}
            never = lag::watch(&context, &bus, &subscription) => match never {},
            result = consume(&context, &bus, &models, &subscription, &mut tries) => {
                if let Err(error) = result {
                    tracing::debug!(source = subscription.source, %error, "not following");
                }
            }
        }
        telemetry::consumer_lag(context.name(), &subscription.source, None);
        let pause = backoff(tries, context.settings().timing.backoff_max, clock::chance());
        tokio::select! { () = tokio::time::sleep(pause) => {}, () = stop.cancelled() => {} }
        tries = tries.saturating_add(1);
    }
}

async fn consume(
    context: &Context,
    bus: &Bus,
    models: &[Arc<dyn ReadModel>],
    subscription: &Subscription,
    tries: &mut u32,
) -> anyhow::Result<()> {
    bus.check().await?;
    let mut batches = bus.subscribe(subscription).await?;
    *tries = 0;
    while let Some(batch) = batches.next().await {
        let batch = batch?;
        failpoint::at("C1");
        let events: Vec<Event> =
            batch.iter().filter_map(|delivery| readable(context, subscription, delivery)).collect();
        match project(context, models, &subscription.source, events).await {
            Ok(()) => acknowledge(bus, &batch).await,
            Err(failure) => {
                tracing::warn!(%failure, source = subscription.source, "batch comes again");
                hand_back(bus, &batch).await;
                anyhow::bail!("{failure}");
            }
        }
    }
    Ok(())
}

/// A message that is no event can't be parked: nobody knows whose it would be.
fn readable(context: &Context, from: &Subscription, delivery: &Delivery) -> Option<Event> {
    match &delivery.event {
        Ok(event) => Some(event.clone()),
        Err(error) => {
            tracing::error!(%error, "message is no event: passed over");
            telemetry::unreadable(context.name(), &from.source);
            None
        }
    }
}

async fn acknowledge(bus: &Bus, batch: &[Delivery]) {
    failpoint::at("C4");
    for (position, delivery) in batch.iter().enumerate() {
        delivery.ack().await;
        if position + 1 < batch.len() {
            bus.failpoint("C6").await;
        }
    }
    bus.failpoint("C5").await;
}

async fn hand_back(bus: &Bus, batch: &[Delivery]) {
    for delivery in batch {
        delivery.hand_back(Duration::from_secs(1)).await;
        bus.failpoint("C8").await;
    }
}

/// Applies events of `source` to every live generation of every model that follows it.
pub(super) async fn project(
    context: &Context,
    models: &[Arc<dyn ReadModel>],
    source: &str,
    events: Vec<Event>,
) -> Result<(), Failure<Never>> {
    if events.is_empty() {
        return Ok(());
    }
    let events = Arc::new(events);
    for model in models.iter().filter(|model| model.sources().contains(&source)) {
        let (model, source, events) = (model.clone(), source.to_owned(), events.clone());
        let applied = context.store().unit(move |tx| {
            let (model, source, events) = (model.clone(), source.clone(), events.clone());
            Box::pin(async move { project_into(tx, &*model, &source, &events).await })
        });
        applied.await?;
    }
    context.applied();
    Ok(())
}

async fn project_into(
    tx: &Tx,
    model: &dyn ReadModel,
    source: &str,
    events: &[Event],
) -> Result<(), Failure<Never>> {
    for generation in lock_live(tx, model.name()).await? {
        let projection = Projection::new(model, &generation);
        let name = consumer(model.name(), generation.number);
        take_in(tx, &name, source, events, &projection).await?;
        let change = projection.change.load(std::sync::atomic::Ordering::Relaxed);
        if change > generation.change {
            set_change(tx, model.name(), generation.number, change).await?;
        }
    }
    failpoint::at("C3");
    Ok(())
}

/// One generation's share of a batch.
struct Projection<'a> {
    model: &'a dyn ReadModel,
    generation: i64,
    stage: Stage,
    change: std::sync::atomic::AtomicI64,
}

impl<'a> Projection<'a> {
    fn new(model: &'a dyn ReadModel, generation: &Generation) -> Self {
        let change = std::sync::atomic::AtomicI64::new(generation.change);
        Self { model, generation: generation.number, stage: generation.stage, change }
    }
}

impl Apply for Projection<'_> {
    /// A generation that is being built shows nothing yet, and history has long had its traces.
    fn traced(&self) -> bool {
        self.stage == Stage::Serving
    }

    fn apply<'a>(
        &'a self,
        tx: &'a Tx,
        event: &'a Event,
    ) -> BoxFuture<'a, Result<(), Failure<Unfit>>> {
        let change = 1 + self.change.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.model.project(Slot { tx, generation: self.generation, change }, event)
    }
}
