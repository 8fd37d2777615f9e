//! Follows the stream of a source: each batch in one transaction, then its acks.

use std::{sync::Arc, time::Duration};

use futures::StreamExt;
use tokio_util::sync::CancellationToken;

use super::lag;
use crate::{
    bus::{Bus, Delivery, Subscription},
    clock,
    context::Context,
    decide::backoff,
    event::Event,
    failpoint,
    inbox::{Follower, take},
    telemetry,
    work::Holder,
};

/// Follows `source` for all of a context that follows it, until `stop`.
pub(crate) async fn follow(
    context: Context,
    bus: Bus,
    followers: Arc<[Arc<dyn Follower>]>,
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
            result = consume(&context, &bus, &followers, &subscription, &mut tries) => {
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
    followers: &[Arc<dyn Follower>],
    subscription: &Subscription,
    tries: &mut u32,
) -> anyhow::Result<()> {
    bus.check().await?;
    for follower in followers {
        // Each is there before a message comes: what nobody takes in would be acknowledged all the same.
        follower.consumers(context).await?;
    }
    let mut batches = bus.subscribe(subscription).await?;
    *tries = 0;
    while let Some(batch) = batches.next().await {
        let batch = batch?;
        failpoint::at("C1");
        let events: Vec<Event> =
            batch.iter().filter_map(|delivery| readable(context, subscription, delivery)).collect();
        match take(context, followers, &subscription.source, events).await {
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
