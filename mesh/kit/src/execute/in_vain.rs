//! Refuses what would begin with a question that nobody asks now, before anything is written.

use uuid::Uuid;

use super::{
    aggregate::{Stored, look},
    call::Call,
    command::expected,
    request::{Found, look_up},
};
use crate::{
    context::Context,
    decide::{Heard, Unanswered},
    peer::Ask,
    status::Refused,
    store::Failure,
};

/// While a peer fails too often to be asked: refuses a command that would ask it, with what the state
/// would say if the question was not sent. It only reads, so that many who are told to come back later
/// don't hold up those who write. Everything else is left to the transaction, also where it has changed
/// by then: a question that is not sent is undone there.
pub(super) async fn not_in_vain<A: Stored>(
    context: &Context,
    call: &Call,
    id: Uuid,
    command: &A::Command,
) -> Result<(), Failure<Refused<A::Rejection>>> {
    if !context.peers().is_any_away() {
        return Ok(());
    }
    let store = context.store();
    if let Some(key) = &call.request
        && !matches!(look_up::<A::Reply>(store, key).await.map_err(Failure::always)?, Found::New)
    {
        return Ok(());
    }
    let before = look::<A>(store, id).await.map_err(Failure::always)?;
    let (state, head) = before.map(|before| (before.state, before.head)).unzip();
    let Some(no) = foreseen(context.peers(), state, command.clone(), call.at) else {
        return Ok(());
    };
    expected(call, head.as_ref())?;
    Err(Failure::Rejected(Refused::Rule(no)))
}

/// How a command ends that would only now begin to ask a peer that is away.
fn foreseen<A: Stored>(
    peers: &dyn Ask,
    state: Option<A>,
    command: A::Command,
    at: i64,
) -> Option<A::Rejection> {
    if state.as_ref().is_some_and(|state| state.pending().is_some()) {
        return None;
    }
    let (next, _) = A::decide(state, command).ok()?;
    let waits = next.pending()?;
    if waits.unanswered == Unanswered::Finish || !peers.is_away(&waits.question) {
        return None;
    }
    let heard = A::decide(Some(next), waits.heard(Heard::NotSent, at));
    heard.and_then(|(state, _)| state.outcome()).err()
}
