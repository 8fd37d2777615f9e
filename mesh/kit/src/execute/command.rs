//! Executes one command in one transaction.

use prost::Message;
use tonic::{Response, Status, metadata::MetadataValue};
use uuid::Uuid;

use super::{
    aggregate::{Head, Stored, Versioned, load, save},
    call::Call,
    request::{Found, Reply, look_up, record},
};
use crate::{
    context::Context,
    event::{Emitted, Event},
    failpoint, journal,
    status::{self, Refused},
    store::{Failure, Tx},
    token,
};

/// Executes `command` on the aggregate `id` for `call` and answers what `reply` makes of the result.
/// It commits or it does not, whether or not the caller is still there.
///
/// # Errors
/// The rejection, a used request id, another version than expected, or a database that can't be had.
pub async fn execute<A: Stored, M: Message + Default + Clone + 'static>(
    context: &Context,
    call: Call,
    id: Uuid,
    command: A::Command,
    reply: fn(&Versioned<A>) -> M,
) -> Result<Response<M>, Status> {
    context.admit(&call.caller)?;
    failpoint::at("P1");
    let (name, waker) = (context.name(), context.clone());
    let done = context
        .store()
        .unit(move |tx| {
            let (call, command) = (call.clone(), command.clone());
            Box::pin(async move { run(tx, name, &call, id, command, reply).await })
        })
        .await;
    let done = done.map_err(status::refused)?;
    failpoint::at("P5");
    waker.wake_relay();
    failpoint::at("P4");
    respond(done)
}

async fn run<A: Stored, M: Message + Default + Clone>(
    tx: &Tx,
    context: &str,
    call: &Call,
    id: Uuid,
    command: A::Command,
    reply: fn(&Versioned<A>) -> M,
) -> Result<Reply<M>, Failure<Refused<A::Rejection>>> {
    // Locked first: a repeat that arrives while the first one runs waits here, then finds its answer.
    let before = load::<A, _>(tx, id).await?;
    if let Some(key) = &call.request {
        match look_up(tx, key).await? {
            Found::Done(reply) => return Ok(reply),
            Found::Reused => return Err(Failure::Rejected(Refused::RequestIdReused)),
            Found::New => {}
        }
    }
    let next = decided::<A>(tx, context, call, id, before, command).await?;
    let reply = Reply { message: reply(&next), token: token::of(context, A::KIND, &next.head) };
    if let Some(key) = &call.request {
        record(tx, key, &reply, call.at).await?;
    }
    failpoint::at("P3");
    Ok(reply)
}

/// Decides, saves and journals.
async fn decided<A: Stored>(
    tx: &Tx,
    context: &str,
    call: &Call,
    id: Uuid,
    before: Option<Versioned<A>>,
    command: A::Command,
) -> Result<Versioned<A>, Failure<Refused<A::Rejection>>> {
    let (state, head) = match &before {
        Some(found) => (Some(found.state.clone()), Some(&found.head)),
        None => (None, None),
    };
    let (state, events) =
        A::decide(state, command).map_err(|no| Failure::Rejected(Refused::Rule(no)))?;
    expected(call, head)?;
    if let Some(same) = before.clone().filter(|before| events.is_empty() && before.state == state) {
        return Ok(same);
    }
    let next = Versioned { state, head: advanced(call, id, head, events.len()) };
    save(tx, &next).await?;
    failpoint::at("P2");
    let first = next.head.sequence - i64::try_from(events.len()).unwrap_or(0) + 1;
    let events: Vec<Event> = (first..)
        .zip(&events)
        .map(|(sequence, event)| envelope::<A>(context, call, &next.head, sequence, event))
        .collect();
    journal::append(tx, &events).await?;
    Ok(next)
}

fn expected<R>(call: &Call, head: Option<&Head>) -> Result<(), Failure<Refused<R>>> {
    match head.map(Head::etag) {
        Some(etag) if !call.etag.is_empty() && call.etag != etag => {
            Err(Failure::Rejected(Refused::EtagMismatch))
        }
        _ => Ok(()),
    }
}

/// The row's numbers after a save that emits `events` events.
fn advanced(call: &Call, id: Uuid, head: Option<&Head>, events: usize) -> Head {
    let events = i64::try_from(events).unwrap_or(i64::MAX);
    match head {
        Some(head) => Head {
            revision: head.revision + 1,
            sequence: head.sequence + events,
            update_time: call.at.max(head.update_time),
            ..head.clone()
        },
        None => Head {
            id,
            revision: 1,
            sequence: events,
            correlation_id: id,
            create_time: call.at,
            update_time: call.at,
        },
    }
}

fn envelope<A: Stored>(
    context: &str,
    call: &Call,
    head: &Head,
    sequence: i64,
    event: &A::Event,
) -> Event {
    let recorded = event.record();
    Event {
        context: context.to_owned(),
        kind: A::KIND.to_owned(),
        aggregate_id: head.id,
        sequence,
        type_name: recorded.type_name,
        payload: recorded.payload,
        correlation_id: head.correlation_id,
        causation_id: call.causation_id,
        traceparent: call.traceparent.clone(),
        time: call.at,
    }
}

fn respond<M>(reply: Reply<M>) -> Result<Response<M>, Status> {
    let mut response = Response::new(reply.message);
    let token = MetadataValue::try_from(reply.token.as_str())
        .map_err(|_| status::bug("a consistency token is base64"))?;
    response.metadata_mut().insert(token::HEADER, token);
    Ok(response)
}
