//! The heart of every unit: decide, save, journal, and note what the state waits for.

use uuid::Uuid;

use super::{
    aggregate::{Head, Stored, Versioned, save},
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
    let state = before.as_ref().map(|before| before.state.clone());
    let (state, events) = A::decide(state, command).map_err(Failure::Rejected)?;
    if let Some(same) = before.clone().filter(|before| events.is_empty() && before.state == state) {
        return Ok(same);
    }
    let head = advanced(cause, id, before.as_ref().map(|before| &before.head), events.len());
    let next = Versioned { state, head };
    save(tx, &next).await?;
    failpoint::at("P2");
    journal::append(tx, &told::<A>(context, cause, &next.head, &events)).await?;
    waiting::follow(tx, context, cause, before.as_ref(), &next).await?;
    Ok(next)
}

/// The row's numbers after a save that emits `events` events.
fn advanced(cause: &Cause, id: Uuid, head: Option<&Head>, events: usize) -> Head {
    let events = i64::try_from(events).unwrap_or(i64::MAX);
    match head {
        Some(head) => Head {
            revision: head.revision + 1,
            sequence: head.sequence + events,
            // Whoever has told nothing yet may still learn, once, what he belongs to.
            correlation_id: cause
                .correlation_id
                .filter(|_| head.sequence == 0 && head.correlation_id == head.id)
                .unwrap_or(head.correlation_id),
            update_time: cause.at.max(head.update_time),
            ..head.clone()
        },
        None => Head {
            id,
            revision: 1,
            sequence: events,
            correlation_id: cause.correlation_id.unwrap_or(id),
            create_time: cause.at,
            update_time: cause.at,
        },
    }
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
                correlation_id: head.correlation_id,
                causation_id: cause.causation_id,
                traceparent: cause.traceparent.clone(),
                // Of one aggregate later events are never earlier: requests may overtake each other.
                time: head.update_time,
            }
        })
        .collect()
}
