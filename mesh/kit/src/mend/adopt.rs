//! Takes into a journal what its own stream tells and it has forgotten.

use std::{collections::BTreeMap, sync::Arc};

use jangteo::{
    errors::Refusal,
    journal::v1::Voided,
    ops::v1::{AdoptEventsResponse, StaleAggregate},
};
use tonic::{Code, Status};
use uuid::Uuid;

use crate::{
    bus::{Bus, Part},
    clock,
    context::Context,
    decide::{Adoption, adoption},
    event::{Event, Recorded},
    journal::{self, Key},
    saga::Saga,
    status::{failed, unread},
    store::{Failure, Never, Tx},
};

/// Events of one aggregate that may be lost at most.
const MOST_LOST: i64 = 100_000;

/// Who keeps the aggregates of each kind of a context.
pub(crate) type Keepers = BTreeMap<&'static str, Arc<dyn Saga>>;

/// An event that counts as the same when it says the same.
struct Told(Event);

impl PartialEq for Told {
    fn eq(&self, other: &Self) -> bool {
        self.0.is(&other.0)
    }
}

/// Adopts what one partition of the stream tells; all events of an aggregate are in one.
pub(super) async fn partition(
    context: &Context,
    keepers: &Keepers,
    bus: &Bus,
    part: Part,
    done: &mut AdoptEventsResponse,
) -> anyhow::Result<()> {
    for (key, events) in forgotten(context, bus, part, &mut done.read).await? {
        plausible(context, &key, &events).await?;
        let (kind, id) = key.clone();
        let (state, plan) = adopted(context, keepers, key, events).await?;
        if plan.adopt.is_empty() {
            continue;
        }
        // What was written since the restore is none of the history that the state lacks.
        let state = plan.adopt.first().map_or(state, |first| state.min(first - 1));
        let count = |numbers: usize| i64::try_from(numbers).unwrap_or(i64::MAX);
        done.adopted += count(plan.adopt.len());
        done.voided += count(plan.void.len());
        done.renumbered += count(plan.renumber.len());
        done.stale.push(StaleAggregate {
            kind,
            aggregate_id: id.to_string(),
            state_sequence: state,
            history_sequence: plan.history,
        });
    }
    Ok(())
}

/// Adopts what the stream tells of one aggregate; answers how far its state was, and what was done.
pub(crate) async fn adopted(
    context: &Context,
    keepers: &Keepers,
    key: Key,
    events: Vec<Event>,
) -> Result<(i64, Adoption), Failure<Never>> {
    let name = context.name();
    let (keeper, events) = (keepers.get(key.0.as_str()).cloned(), Arc::new(events));
    let adopted = context.store().unit(move |tx| {
        let (keeper, key, events) = (keeper.clone(), key.clone(), events.clone());
        Box::pin(async move { aggregate(tx, name, keeper.as_deref(), &key, &events).await })
    });
    adopted.await
}

/// Refuses to fill more numbers than any aggregate can have lost: somebody else wrote into the stream.
async fn plausible(context: &Context, (kind, id): &Key, events: &[Event]) -> Result<(), Status> {
    let db = context.store().reader().map_err(failed)?;
    let last = journal::last(db, kind, *id).await.map_err(unread)?;
    let Some(far) = events.iter().find(|event| event.sequence > last + MOST_LOST) else {
        return Ok(());
    };
    let said = format!(
        "the stream tells of event {} of {kind} {id}, of which {last} are known: take that message \
         out of the stream, it is none of ours",
        far.sequence
    );
    Err(Refusal::new(Code::FailedPrecondition, "EVENT_IMPLAUSIBLE", said.clone())
        .precondition("EVENT_IMPLAUSIBLE", "stream", said)
        .into())
}

/// What the journal does not know, by aggregate.
async fn forgotten(
    context: &Context,
    bus: &Bus,
    part: Part,
    read: &mut i64,
) -> anyhow::Result<BTreeMap<Key, Vec<Event>>> {
    let mut forgotten: BTreeMap<Key, Vec<Event>> = BTreeMap::new();
    let mut history = bus.history(context.name(), part).await?;
    while let Some(messages) = history.next().await? {
        *read += i64::try_from(messages.len())?;
        let events = messages.into_iter().filter_map(Result::ok).collect();
        sort(&mut forgotten, journal::unknown(context.store(), context.name(), events).await?);
    }
    Ok(forgotten)
}

/// Puts events to those of their aggregates.
pub(crate) fn sort(into: &mut BTreeMap<Key, Vec<Event>>, events: Vec<Event>) {
    for event in events {
        let key = (event.kind.clone(), event.aggregate_id);
        into.entry(key).or_default().push(event);
    }
}

/// Brings one aggregate's journal together with what the stream tells of it; answers how far its
/// state was, and what was done.
async fn aggregate(
    tx: &Tx,
    context: &str,
    keeper: Option<&dyn Saga>,
    key: &Key,
    events: &[Event],
) -> Result<(i64, Adoption), Failure<Never>> {
    // The row first, as a command does.
    let state = match keeper {
        Some(keeper) => keeper.lock(tx, key.1).await?,
        None => 0,
    };
    let known = journal::known(tx, context, key).await?;
    let unacked = known.unacked.into_iter().map(|(number, event)| (number, Told(event))).collect();
    let stream: BTreeMap<i64, Told> =
        events.iter().map(|event| (event.sequence, Told(event.clone()))).collect();
    let plan = adoption(known.acked, &unacked, &stream);
    journal::renumber(tx, key, &plan.renumber).await?;
    journal::adopt(tx, &history(&plan, &stream)).await?;
    if let Some(keeper) = keeper {
        keeper.catch_up(tx, key.1, plan.last).await?;
    }
    Ok((state, plan))
}

/// What is written of it, in order.
fn history(plan: &Adoption, stream: &BTreeMap<i64, Told>) -> Vec<Event> {
    let adopted = plan.adopt.iter().map(|number| stream[number].0.clone());
    let voided = plan.void.iter().filter_map(|number| {
        let (_, next) = stream.range(number..).next()?;
        Some(void(*number, &next.0))
    });
    let mut all: Vec<Event> = adopted.chain(voided).collect();
    all.sort_by_key(|event| event.sequence);
    all
}

/// Fills a number before an event that is known.
fn void(sequence: i64, next: &Event) -> Event {
    let Recorded { type_name, payload } = Recorded::of(&Voided {});
    let causation_id: Uuid = clock::new_id();
    Event { sequence, type_name, payload, causation_id, ..next.clone() }
}
