//! Takes events in through their gates, in the transaction of their effects.

use std::{collections::BTreeMap, panic::AssertUnwindSafe};

use futures::{FutureExt, future::BoxFuture};
use sea_orm::DbErr;
use tracing::{Instrument, Span};

use super::{
    gates::{self, GateKey, Gates},
    held,
};
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
pub enum Applied {
    /// All of it.
    Whole,
    /// As much as one transaction may do; the next one goes on from here.
    Until(Place),
}

/// A consumer at work in one transaction: what events do that go through its gates.
pub trait Effect: Send + Sync {
    /// Whose gates they are.
    fn consumer(&self) -> &str;

    /// Whether it is part of the traces that its events come from.
    fn traced(&self) -> bool;

    /// Applies one event, in order, from a place in it on.
    fn apply<'a>(
        &'a self,
        tx: &'a Tx,
        event: &'a Event,
        from: Place,
    ) -> BoxFuture<'a, Result<Applied, Failure<Unfit>>>;

    /// Writes what is written once for all events; tells whether some own aggregate was changed.
    fn finish<'a>(&'a self, tx: &'a Tx) -> BoxFuture<'a, Result<bool, Failure<Never>>>;
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

/// How an event is kept from leaving half of its effects where it can't be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guard {
    /// By a savepoint of its own: it is parked, or set aside, and the others go on.
    Savepoint,
    /// By the transaction, which comes to nothing. That saves two statements for each event, and
    /// nearly all can be applied.
    Transaction,
}

/// One consumer's way through events of one source.
pub(super) struct Intake<'a> {
    pub(super) tx: &'a Tx,
    pub(super) source: &'a str,
    pub(super) effect: &'a dyn Effect,
    pub(super) guard: Guard,
}

/// Events of one source, by their aggregates.
type Batch<'a> = BTreeMap<Key, Vec<&'a Event>>;

/// Takes a batch of events of `source` in for each consumer: applies, holds or ignores each of them.
///
/// # Errors
/// The database can't be reached; an event is [`Unfit`], under [`Guard::Transaction`] only.
pub(super) async fn take_in(
    tx: &Tx,
    source: &str,
    events: &[Event],
    effects: &[Box<dyn Effect + '_>],
    guard: Guard,
) -> Result<Taken, Failure<Unfit>> {
    let mut batch = Batch::new();
    for event in events {
        batch.entry((event.kind.clone(), event.aggregate_id)).or_default().push(event);
    }
    let consumers: Vec<&str> = effects.iter().map(|effect| effect.consumer()).collect();
    let keys: Vec<Key> = batch.keys().cloned().collect();
    let mut gates = gates::lock(tx, &consumers, source, &keys).await?;
    if gates.iter().any(|((_, key), gate)| brings_news(gate, &batch[key])) {
        failpoint::at("C2");
    }
    let mut taken = Taken::default();
    let mut moved = vec![];
    for effect in effects {
        let intake = Intake { tx, source, effect: &**effect, guard };
        taken.aside |= intake.batch(&batch, &mut gates, &mut moved).await?;
    }
    taken.applied = !moved.is_empty();
    gates::move_to(tx, source, &moved).await?;
    for effect in effects {
        taken.changed |=
            effect.finish(tx).await.map_err(|failure| failure.map(|no| match no {}))?;
    }
    Ok(taken)
}

/// Whether any of these events goes through the gate now, and is no mere copy.
fn brings_news(gate: &Gate, events: &[&Event]) -> bool {
    events.iter().any(|event| gate.arrival(event.sequence) == Arrival::Apply)
}

impl Intake<'_> {
    /// Takes a batch in, and notes how far its gates are then; tells whether something was set aside.
    async fn batch(
        &self,
        batch: &Batch<'_>,
        gates: &mut Gates,
        moved: &mut Vec<(GateKey, i64)>,
    ) -> Result<bool, Failure<Unfit>> {
        let mut aside = false;
        for (key, events) in batch {
            let at = (self.effect.consumer().to_owned(), key.clone());
            let mut gate = gates.remove(&at).unwrap_or_default();
            let before = gate.last;
            for event in events {
                self.arrived(key, &mut gate, event).await?;
            }
            if gate.last > before {
                moved.push((at, gate.last));
            }
            aside |= gate.next_held().is_some();
        }
        Ok(aside)
    }

    async fn arrived(
        &self,
        key: &Key,
        gate: &mut Gate,
        event: &Event,
    ) -> Result<(), Failure<Unfit>> {
        match gate.arrival(event.sequence) {
            Arrival::Ignore => Ok(()),
            Arrival::Hold => {
                gate.hold(event.sequence);
                Ok(held::put(self.tx, self.effect.consumer(), event, None).await?)
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
    pub(super) async fn follow_up(&self, key: &Key, gate: &mut Gate) -> Result<(), Failure<Unfit>> {
        for _ in 0..BEHIND {
            let Some(sequence) = gate.next_held() else { break };
            let event =
                held::read(self.tx, self.effect.consumer(), self.source, key, sequence).await?;
            if !self.among_others(gate, &event).await? {
                break;
            }
            held::remove(self.tx, self.effect.consumer(), self.source, key, sequence).await?;
        }
        Ok(())
    }

    /// Applies the next event in the transaction of a batch and tells whether it went through. One
    /// that is more than a transaction may do leaves no trace in this one: it is set aside.
    async fn among_others(&self, gate: &mut Gate, event: &Event) -> Result<bool, Failure<Unfit>> {
        let next = self.next(gate, event, None).await?;
        if let Next::Stays(_) = next {
            gate.hold(event.sequence);
            held::put(self.tx, self.effect.consumer(), event, None).await?;
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
    ) -> Result<Rest, Failure<Unfit>> {
        let mut gate = self.locked(key).await?;
        if gate.next_held() != Some(sequence) {
            // Another replica was faster.
            return Ok(None);
        }
        let event = held::read(self.tx, self.effect.consumer(), self.source, key, sequence).await?;
        match self.next(&mut gate, &event, Some(from)).await? {
            Next::Stays(place) => Ok(Some((sequence, place))),
            Next::Parked => Ok(None),
            Next::Through => {
                held::remove(self.tx, self.effect.consumer(), self.source, key, sequence).await?;
                self.follow_up(key, &mut gate).await?;
                self.moved(key, &gate).await?;
                Ok(gate.next_held().map(|next| (next, Place::default())))
            }
        }
    }

    /// The gate before one aggregate, locked.
    pub(super) async fn locked(&self, key: &Key) -> Result<Gate, DbErr> {
        let consumer = [self.effect.consumer()];
        let gates = gates::lock(self.tx, &consumer, self.source, std::slice::from_ref(key)).await?;
        Ok(gates.into_values().next().unwrap_or_default())
    }

    /// Writes how far the gate before one aggregate is now.
    pub(super) async fn moved(&self, key: &Key, gate: &Gate) -> Result<(), DbErr> {
        let at = (self.effect.consumer().to_owned(), key.clone());
        gates::move_to(self.tx, self.source, &[(at, gate.last)]).await
    }

    /// Applies the next event, or parks its aggregate. `alone` says from where,
    /// if nothing else is done in this transaction.
    async fn next(
        &self,
        gate: &mut Gate,
        event: &Event,
        alone: Option<Place>,
    ) -> Result<Next, Failure<Unfit>> {
        if gate.passes_over(event.sequence) {
            gate.applied();
            return Ok(Next::Through);
        }
        let span = if self.effect.traced() {
            telemetry::process(self.effect.consumer(), event)
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
    ) -> Result<Next, Failure<Unfit>> {
        let applied = match self.guard {
            Guard::Savepoint => self.under_savepoint(event, alone).await,
            Guard::Transaction => self.without(event).await,
        };
        match applied {
            Ok(Applied::Whole) => {
                gate.applied();
                Ok(Next::Through)
            }
            Ok(Applied::Until(place)) => Ok(Next::Stays(place)),
            Err(
                Failure::Rejected(Unfit(cause))
                | Failure::Panicked(cause)
                | Failure::Inconsistent(cause),
            ) if self.guard == Guard::Savepoint => {
                tracing::error!(consumer = self.effect.consumer(), event.id = %event.id(), event.r#type = event.type_name, cause, "aggregate is parked");
                gate.park();
                held::put(self.tx, self.effect.consumer(), event, Some(&cause)).await?;
                failpoint::at("C7");
                Ok(Next::Parked)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Applies an event without a savepoint: what it is more than a transaction may do is undone with
    /// all the rest.
    async fn without(&self, event: &Event) -> Result<Applied, Failure<Unfit>> {
        match self.effect.apply(self.tx, event, Place::default()).await? {
            Applied::Whole => Ok(Applied::Whole),
            Applied::Until(_) => {
                Err(Failure::Rejected(Unfit("more than one transaction may do".to_owned())))
            }
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
