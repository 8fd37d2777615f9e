//! Takes events in through their gates, in the transaction of their effects.

use std::collections::BTreeMap;

use futures::{FutureExt, future::BoxFuture};
use sea_orm::TransactionTrait;
use std::panic::AssertUnwindSafe;
use tracing::{Instrument, Span};

use super::{
    gates::{self, Key},
    held,
};
use crate::{
    decide::{Arrival, Gate},
    event::Event,
    failpoint,
    store::{Failure, Never, Tx},
    telemetry,
};

/// Why an event can't be applied, ever, by this program: its aggregate is parked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unfit(pub String);

/// What applying an event does.
pub(crate) trait Apply: Sync {
    /// Whether it is part of the traces that its events come from.
    fn traced(&self) -> bool;

    /// Applies one event, in order.
    fn apply<'a>(
        &'a self,
        tx: &'a Tx,
        event: &'a Event,
    ) -> BoxFuture<'a, Result<(), Failure<Unfit>>>;
}

/// One consumer's way through a batch of one source.
struct Intake<'a> {
    tx: &'a Tx,
    consumer: &'a str,
    source: &'a str,
    effect: &'a dyn Apply,
}

/// Takes a batch of events of `source` in for `consumer`: applies, holds or ignores each.
pub(crate) async fn take_in(
    tx: &Tx,
    consumer: &str,
    source: &str,
    events: &[Event],
    effect: &dyn Apply,
) -> Result<(), Failure<Never>> {
    let mut by_aggregate: BTreeMap<Key, Vec<&Event>> = BTreeMap::new();
    for event in events {
        by_aggregate.entry((event.kind.clone(), event.aggregate_id)).or_default().push(event);
    }
    let keys = by_aggregate.keys().cloned().collect();
    let mut gates = gates::lock(tx, consumer, source, keys).await?;
    failpoint::at("C2");
    let intake = Intake { tx, consumer, source, effect };
    for (key, events) in by_aggregate {
        let mut gate = gates.remove(&key).unwrap_or_default();
        let before = gate.last;
        for event in events {
            intake.arrived(&key, &mut gate, event).await?;
        }
        if gate.last > before {
            gates::move_to(tx, consumer, source, &key, gate.last).await?;
        }
    }
    Ok(())
}

impl Intake<'_> {
    async fn arrived(
        &self,
        key: &Key,
        gate: &mut Gate,
        event: &Event,
    ) -> Result<(), Failure<Never>> {
        match gate.arrival(event.sequence) {
            Arrival::Ignore => Ok(()),
            Arrival::Hold => {
                gate.hold(event.sequence);
                Ok(held::put(self.tx, self.consumer, event, None).await?)
            }
            Arrival::Apply => {
                self.next(gate, event).await?;
                while let Some(sequence) = gate.next_held() {
                    let event =
                        held::take(self.tx, self.consumer, self.source, key, sequence).await?;
                    self.next(gate, &event).await?;
                }
                Ok(())
            }
        }
    }

    /// Applies the next event under a savepoint, or parks its aggregate.
    async fn next(&self, gate: &mut Gate, event: &Event) -> Result<(), Failure<Never>> {
        let span = if self.effect.traced() {
            telemetry::process(self.consumer, event)
        } else {
            Span::none()
        };
        self.settle(gate, event).instrument(span).await
    }

    async fn settle(&self, gate: &mut Gate, event: &Event) -> Result<(), Failure<Never>> {
        match self.under_savepoint(event).await {
            Ok(()) => {
                gate.applied();
                Ok(())
            }
            Err(
                Failure::Rejected(Unfit(cause))
                | Failure::Panicked(cause)
                | Failure::Inconsistent(cause),
            ) => {
                tracing::error!(consumer = self.consumer, event.id = %event.id(), event.r#type = event.type_name, cause, "aggregate is parked");
                gate.park();
                Ok(held::put(self.tx, self.consumer, event, Some(&cause)).await?)
            }
            Err(failure) => Err(failure.map(|Unfit(cause)| Failure::Inconsistent(cause))),
        }
    }

    async fn under_savepoint(&self, event: &Event) -> Result<(), Failure<Unfit>> {
        let savepoint = self.tx.begin().await?;
        let applied = AssertUnwindSafe(self.effect.apply(&savepoint, event)).catch_unwind().await;
        let applied = applied.unwrap_or_else(|_| Err(Failure::Panicked("panic".to_owned())));
        match applied {
            Ok(()) => Ok(savepoint.commit().await?),
            Err(failure) => {
                savepoint.rollback().await?;
                Err(failure)
            }
        }
    }
}
