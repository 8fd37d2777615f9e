//! The heart of every unit: decide, save, journal, and note what the state waits for.

use sea_orm::DbErr;
use uuid::Uuid;

use super::{
    aggregate::{Head, Stored, Versioned, observe, save},
    cause::Cause,
    waiting,
};
use crate::{
    event::{Emitted, Event},
    failpoint, journal,
    store::{Failure, Tx},
};

/// Executes one command on an aggregate that the transaction has loaded with its lock.
pub(crate) async fn apply<A: Stored>(
    tx: &Tx,
    context: &str,
    cause: &Cause,
    id: Uuid,
    before: Option<Versioned<A>>,
    command: A::Command,
) -> Result<Versioned<A>, Failure<A::Rejection>> {
    let Some(rows) = tx.rows() else { return done(tx, context, cause, id, before, command).await };
    let (was, told) = (before.clone(), command.clone());
    let next = done(tx, context, cause, id, before, command).await;
    observe(rows, was.as_ref(), &told, next.as_ref().ok());
    next
}

async fn done<A: Stored>(
    tx: &Tx,
    context: &str,
    cause: &Cause,
    id: Uuid,
    before: Option<Versioned<A>>,
    command: A::Command,
) -> Result<Versioned<A>, Failure<A::Rejection>> {
    let state = before.as_ref().map(|before| before.state.clone());
    let (state, events) = A::decide(state, command).map_err(Failure::Rejected)?;
    if let Some(same) = before.clone().filter(|before| events.is_empty() && before.state == state) {
        return Ok(same);
    }
    let head = match before.as_ref().map(|before| &before.head) {
        Some(head) => advanced(cause, head, events.len()),
        None => born(cause, id, history::<A>(tx, cause, id).await?, events.len()),
    };
    let next = Versioned { state, head };
    save(tx, &next).await?;
    failpoint::at("P2");
    journal::append(tx, &told::<A>(context, cause, &next.head, &events)).await?;
    waiting::follow(tx, context, cause, before.as_ref(), &next).await?;
    Ok(next)
}

/// The last event that is known of an aggregate that is not there. There are some if its database was
/// restored and has taken its history back: one that is born again under an id that something else names
/// goes on behind them.
async fn history<A: Stored>(tx: &Tx, cause: &Cause, id: Uuid) -> Result<i64, DbErr> {
    if cause.newborn { Ok(0) } else { journal::last_before(tx, A::KIND, id).await }
}

/// The numbers of a newborn that emits `events` events, behind those of its history.
fn born(cause: &Cause, id: Uuid, history: i64, events: usize) -> Head {
    Head {
        id,
        revision: 1,
        sequence: history + i64::try_from(events).unwrap_or(i64::MAX),
        correlation_id: cause.correlation_id.unwrap_or(id),
        create_time: cause.at,
        update_time: cause.at,
    }
}

/// The row's numbers after a save that emits `events` events.
fn advanced(cause: &Cause, head: &Head, events: usize) -> Head {
    Head {
        revision: head.revision + 1,
        sequence: head.sequence + i64::try_from(events).unwrap_or(i64::MAX),
        // Whoever has told nothing yet may still learn, once, what he belongs to.
        correlation_id: cause
            .correlation_id
            .filter(|_| head.sequence == 0 && head.correlation_id == head.id)
            .unwrap_or(head.correlation_id),
        update_time: cause.at.max(head.update_time),
        ..head.clone()
    }
}

/// What a save belongs to.
pub(super) fn belonging<A: Stored>(cause: &Cause, head: &Head) -> Uuid {
    cause.correlation_id.filter(|_| A::SHARED).unwrap_or(head.correlation_id)
}

/// The events of a save, the last of which has the head's sequence.
fn told<A: Stored>(context: &str, cause: &Cause, head: &Head, events: &[A::Event]) -> Vec<Event> {
    let first = head.sequence - i64::try_from(events.len()).unwrap_or(0) + 1;
    (first..)
        .zip(events)
        .map(|(sequence, event)| {
            let recorded = event.record();
            Event {
                context: context.to_owned(),
                kind: A::KIND.to_owned(),
                aggregate_id: head.id,
                sequence,
                type_name: recorded.type_name,
                payload: recorded.payload,
                correlation_id: belonging::<A>(cause, head),
                causation_id: cause.causation_id,
                traceparent: cause.traceparent.clone(),
                // Of one aggregate later events are never earlier: requests may overtake each other.
                time: head.update_time,
            }
        })
        .collect()
}
