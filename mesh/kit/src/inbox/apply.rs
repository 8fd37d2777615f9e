//! Takes events in through their gates, in the transaction of their effects.

use std::{collections::BTreeMap, panic::AssertUnwindSafe};

use futures::{FutureExt, future::BoxFuture};
use sea_orm::TransactionTrait;
use tracing::{Instrument, Span};

use super::{gates, held};
use crate::{
    decide::{Arrival, BEHIND, Gate, Place},
    event::{Event, Unfit},
    failpoint,
    journal::Key,
    store::{Failure, Never, Tx},
    telemetry,
};

/// How much of an event was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Applied {
    /// All of it.
    Whole,
    /// As much as one transaction may do; the next one goes on from here.
    Until(Place),
}

/// What applying an event does.
pub(crate) trait Apply: Sync {
    /// Whether it is part of the traces that its events come from.
    fn traced(&self) -> bool;

    /// Applies one event, in order, from a place in it on.
    fn apply<'a>(
        &'a self,
        tx: &'a Tx,
        event: &'a Event,
        from: Place,
    ) -> BoxFuture<'a, Result<Applied, Failure<Unfit>>>;
}

/// Where the next transaction goes on with what was set aside: with the event of this sequence, from
/// this place in it on. None: nothing is left that could go through.
pub type Rest = Option<(i64, Place)>;

/// What came of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Some event was applied.
    pub applied: bool,
    /// Something could go through its gate and is more than a transaction may do: it is set aside.
    pub aside: bool,
    /// Some own aggregate was changed.
    pub changed: bool,
}

/// What became of the event that is next at its gate.
enum Next {
    /// It went through.
    Through,
    /// It stays before the gate; in a transaction of its own it goes on from here.
    Stays(Place),
    /// It can't be applied.
    Parked,
}

/// One consumer's way through events of one source.
pub(super) struct Intake<'a> {
    pub(super) tx: &'a Tx,
    pub(super) consumer: &'a str,
    pub(super) source: &'a str,
    pub(super) effect: &'a dyn Apply,
}

/// Takes a batch of events of `source` in for `consumer`: applies, holds or ignores each.
pub(crate) async fn take_in(
    tx: &Tx,
    consumer: &str,
    source: &str,
    events: &[Event],
    effect: &dyn Apply,
) -> Result<Taken, Failure<Never>> {
    let mut by_aggregate: BTreeMap<Key, Vec<&Event>> = BTreeMap::new();
    for event in events {
        by_aggregate.entry((event.kind.clone(), event.aggregate_id)).or_default().push(event);
    }
    let keys = by_aggregate.keys().cloned().collect();
    let mut gates = gates::lock(tx, consumer, source, keys).await?;
    if by_aggregate.iter().any(|(key, events)| brings_news(gates.get(key), events)) {
        failpoint::at("C2");
    }
    let intake = Intake { tx, consumer, source, effect };
    let mut taken = Taken::default();
    for (key, events) in by_aggregate {
        let mut gate = gates.remove(&key).unwrap_or_default();
        let before = gate.last;
        for event in events {
            intake.arrived(&key, &mut gate, event).await?;
        }
        if gate.last > before {
            taken.applied = true;
            gates::move_to(tx, consumer, source, &key, gate.last).await?;
        }
        taken.aside |= gate.next_held().is_some();
    }
    Ok(taken)
}

/// Whether any of these events goes through the gate now, and is no mere copy.
fn brings_news(gate: Option<&Gate>, events: &[&Event]) -> bool {
    let gate = gate.cloned().unwrap_or_default();
    events.iter().any(|event| gate.arrival(event.sequence) == Arrival::Apply)
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
                if self.among_others(gate, event).await? {
                    self.follow_up(key, gate).await?;
                }
                Ok(())
            }
        }
    }

    /// Applies what was held for an event that went through, as much as one transaction may.
    pub(super) async fn follow_up(&self, key: &Key, gate: &mut Gate) -> Result<(), Failure<Never>> {
        for _ in 0..BEHIND {
            let Some(sequence) = gate.next_held() else { break };
            let event = held::read(self.tx, self.consumer, self.source, key, sequence).await?;
            if !self.among_others(gate, &event).await? {
                break;
            }
            held::remove(self.tx, self.consumer, self.source, key, sequence).await?;
        }
        Ok(())
    }

    /// Applies the next event in the transaction of a batch and tells whether it went through. One
    /// that is more than a transaction may do leaves no trace in this one: it is set aside.
    async fn among_others(&self, gate: &mut Gate, event: &Event) -> Result<bool, Failure<Never>> {
        let next = self.next(gate, event, None).await?;
        if let Next::Stays(_) = next {
            gate.hold(event.sequence);
            held::put(self.tx, self.consumer, event, None).await?;
        }
        Ok(matches!(next, Next::Through))
    }

    /// Goes on with an event that was set aside, in a transaction of its own; tells with which one
    /// and from where the next one goes on, if there is more.
    pub(super) async fn alone(
        &self,
        key: &Key,
        sequence: i64,
        from: Place,
    ) -> Result<Rest, Failure<Never>> {
        let keys = vec![key.clone()];
        let gates = gates::lock(self.tx, self.consumer, self.source, keys).await?;
        let mut gate = gates.get(key).cloned().unwrap_or_default();
        if gate.next_held() != Some(sequence) {
            // Another replica was faster.
            return Ok(None);
        }
        let event = held::read(self.tx, self.consumer, self.source, key, sequence).await?;
        match self.next(&mut gate, &event, Some(from)).await? {
            Next::Stays(place) => Ok(Some((sequence, place))),
            Next::Parked => Ok(None),
            Next::Through => {
                held::remove(self.tx, self.consumer, self.source, key, sequence).await?;
                self.follow_up(key, &mut gate).await?;
                gates::move_to(self.tx, self.consumer, self.source, key, gate.last).await?;
                Ok(gate.next_held().map(|next| (next, Place::default())))
            }
        }
    }

    /// Applies the next event under a savepoint, or parks its aggregate. `alone` says from where,
    /// if nothing else is done in this transaction.
    async fn next(
        &self,
        gate: &mut Gate,
        event: &Event,
        alone: Option<Place>,
    ) -> Result<Next, Failure<Never>> {
        if gate.passes_over(event.sequence) {
            gate.applied();
            return Ok(Next::Through);
        }
        let span = if self.effect.traced() {
            telemetry::process(self.consumer, event)
        } else {
            Span::none()
        };
        self.settle(gate, event, alone).instrument(span).await
    }

    async fn settle(
        &self,
        gate: &mut Gate,
        event: &Event,
        alone: Option<Place>,
    ) -> Result<Next, Failure<Never>> {
        match self.under_savepoint(event, alone).await {
            Ok(Applied::Whole) => {
                gate.applied();
                Ok(Next::Through)
            }
            Ok(Applied::Until(place)) => Ok(Next::Stays(place)),
            Err(
                Failure::Rejected(Unfit(cause))
                | Failure::Panicked(cause)
                | Failure::Inconsistent(cause),
            ) => {
                tracing::error!(consumer = self.consumer, event.id = %event.id(), event.r#type = event.type_name, cause, "aggregate is parked");
                gate.park();
                held::put(self.tx, self.consumer, event, Some(&cause)).await?;
                failpoint::at("C7");
                Ok(Next::Parked)
            }
            Err(failure) => Err(failure.map(|Unfit(cause)| Failure::Inconsistent(cause))),
        }
    }

    async fn under_savepoint(
        &self,
        event: &Event,
        alone: Option<Place>,
    ) -> Result<Applied, Failure<Unfit>> {
        let savepoint = self.tx.begin().await?;
        let from = alone.unwrap_or_default();
        let applied = AssertUnwindSafe(self.effect.apply(&savepoint, event, from));
        let applied = applied.catch_unwind().await;
        match applied.unwrap_or_else(|_| Err(Failure::Panicked("panic".to_owned()))) {
            Ok(Applied::Until(place)) if alone.is_none() => {
                savepoint.rollback().await?;
                Ok(Applied::Until(place))
            }
            Ok(applied) => {
                savepoint.commit().await?;
                Ok(applied)
            }
            Err(failure) => {
                let rolled_back = savepoint.rollback().await;
                // A deadlock has rolled back everything already, and its unit is tried again.
                if !failure.is_transient() {
                    rolled_back?;
                }
                Err(failure)
            }
        }
    }
}
