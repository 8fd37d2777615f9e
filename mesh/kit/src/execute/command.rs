//! Executes one command in one transaction.

use std::time::Duration;

use tokio::time::{Instant, timeout};
use tonic::{Code, Response, Status, metadata::MetadataValue};
use uuid::Uuid;

use jangteo::errors::Refusal;

use super::{
    aggregate::{Head, Stored, Versioned, load},
    apply::apply,
    call::{Call, MARGIN, RequestKey},
    cause::Cause,
    drive::{Begun, begin},
    in_vain::not_in_vain,
    request::{Found, Reply, Verdict, look_up, record},
    take::say_no,
    waiting::{self, is_decided},
};
use crate::{
    context::Context,
    decide::{Pending, Unanswered},
    failpoint,
    status::{self, Refused},
    store::{Failure, Never, Tx},
    token,
};

/// Executes `command` on the aggregate `id` for `call` and shows what came of it. Where the state waits
/// for a peer, it is asked, and the answer comes with what was heard. What was begun is brought to its
/// end, whether or not the caller is still there.
///
/// For a question of another context ([`Call::keyed`]) the state itself is the answer, and its key names
/// the aggregate: asked again, the same aggregate says the same.
///
/// # Errors
/// The rejection, a peer's no, a used request id, another version than expected, or a database that
/// can't be had.
pub async fn execute<A: Stored>(
    context: &Context,
    call: Call,
    id: Uuid,
    command: A::Command,
) -> Result<Response<A::Reply>, Status> {
    admitted::<A>(context, call, Whom::Any(id), command).await
}

/// The same for an aggregate that the command bears, under an id that was made for it just now
/// ([`crate::clock::new_id`]): nothing is there that had to be looked for.
///
/// # Errors
/// Those of [`execute`].
pub async fn create<A: Stored>(
    context: &Context,
    call: Call,
    id: Uuid,
    command: A::Command,
) -> Result<Response<A::Reply>, Status> {
    admitted::<A>(context, call, Whom::Newborn(id), command).await
}

/// Whom a command is for.
#[derive(Clone, Copy)]
enum Whom {
    Newborn(Uuid),
    Any(Uuid),
}

async fn admitted<A: Stored>(
    context: &Context,
    call: Call,
    whom: Whom,
    command: A::Command,
) -> Result<Response<A::Reply>, Status> {
    context.admit(&call.caller)?;
    let own = context.clone();
    context.outlive(async move { executed::<A>(&own, call, whom, command).await }).await
}

async fn executed<A: Stored>(
    context: &Context,
    call: Call,
    whom: Whom,
    command: A::Command,
) -> Result<Response<A::Reply>, Status> {
    failpoint::at("P1");
    let (Whom::Newborn(id) | Whom::Any(id)) = whom;
    not_in_vain::<A>(context, &call, id, &command).await.map_err(status::refused)?;
    let (key, question, deadline) = (call.request.clone(), call.key.clone(), call.deadline);
    let own = context.clone();
    let done = context.store().unit(move |tx| {
        let (own, call, command) = (own.clone(), call.clone(), command.clone());
        Box::pin(async move { run::<A>(tx, own.name(), &call, whom, command).await })
    });
    let done = match done.await {
        Err(Failure::Rejected(no)) => unless_repeated::<A>(context, key.as_ref(), no).await,
        done => done,
    };
    let done = done.map_err(status::refused)?;
    failpoint::at("P5");
    context.wake_relay();
    failpoint::at("P4");
    match done {
        Done::Answered(answer) => respond(answer?),
        Done::Begun(begun) => respond(begin(context, *begun, question).await?),
        Done::Running => respond(repeated::<A>(context, key, deadline).await?),
    }
}

/// How long a repeat waits for a request that runs, where its caller does not say.
const PATIENCE: Duration = Duration::from_secs(5);
/// Another replica may settle it: look by oneself as often as this.
const LOOK: Duration = Duration::from_millis(50);

/// What a command came to.
enum Done<A: Stored> {
    /// It has an answer.
    Answered(Result<Reply<A::Reply>, Status>),
    /// It waits for a peer.
    Begun(Box<Begun<A>>),
    /// The same request was begun before and is not settled.
    Running,
}

async fn run<A: Stored>(
    tx: &Tx,
    context: &str,
    call: &Call,
    whom: Whom,
    command: A::Command,
) -> Result<Done<A>, Failure<Refused<A::Rejection>>> {
    let (id, before) = match whom {
        Whom::Newborn(id) => (id, None),
        Whom::Any(id) => (id, load::<A, _>(tx, id).await?),
    };
    let cause = Cause::of_call(call);
    let head = before.as_ref().map(|before| before.head.clone());
    let waited = before.as_ref().and_then(|before| before.state.pending());
    let next = apply::<A>(tx, context, &cause, id, before, command).await;
    let next = next.map_err(|failure| failure.map(|no| Failure::Rejected(Refused::Rule(no))))?;
    expected(call, head.as_ref())?;
    let done = settled(tx, context, call, &cause, waited, next).await?;
    if let Some(key) = &call.request {
        record(tx, key, verdict(context, &cause, &done)?, call.at).await?;
    }
    failpoint::at("P3");
    Ok(done)
}

/// What is refused may have been answered before. Nobody looks sooner: most requests come once, and a
/// repeat that is not refused by the rules finds the record of the first in its way.
async fn unless_repeated<A: Stored>(
    context: &Context,
    key: Option<&RequestKey>,
    no: Refused<A::Rejection>,
) -> Result<Done<A>, Failure<Refused<A::Rejection>>> {
    let Some(key) = key else { return Err(Failure::Rejected(no)) };
    let db = context.store().reader().map_err(|failure| failure.map(|never| match never {}))?;
    match look_up(db, key).await? {
        Found::New => Err(Failure::Rejected(no)),
        Found::Done(answer) => Ok(Done::Answered(answer)),
        Found::Running => Ok(Done::Running),
        Found::Reused => Err(Failure::Rejected(Refused::RequestIdReused)),
    }
}

/// Whether the command is done, or has begun to wait. A question that waited before is somebody else's.
async fn settled<A: Stored>(
    tx: &Tx,
    context: &str,
    call: &Call,
    cause: &Cause,
    waited: Option<Pending<A::Command>>,
    next: Versioned<A>,
) -> Result<Done<A>, Failure<Refused<A::Rejection>>> {
    if let Some(waits) = next.state.pending() {
        let known = waited.is_some_and(|waited| waited.is(&waits));
        if !known && let Some(row) = waiting::find(tx, A::KIND, next.head.id).await? {
            return Ok(Done::Begun(Box::new(Begun { now: next, row })));
        }
        if waits.unanswered == Unanswered::Undo {
            // What would be answered may yet be undone.
            return Err(Failure::Rejected(Refused::Asking));
        }
    }
    Ok(Done::Answered(match next.state.outcome() {
        Ok(()) => {
            let token = waiting::token_of::<A>(context, cause, &next);
            Ok(Reply { message: A::reply(&next), token })
        }
        Err(no) => Err(say_no(call.key.as_ref(), &no)),
    }))
}

/// What the record of the request says. What begins needs time for its first question.
fn verdict<A: Stored>(
    context: &str,
    cause: &Cause,
    done: &Done<A>,
) -> Result<Verdict, Failure<Refused<A::Rejection>>> {
    match done {
        Done::Answered(Ok(reply)) => Ok(Verdict::yes(&reply.message, reply.token.clone())),
        Done::Answered(Err(no)) => Ok(Verdict::no(no)),
        Done::Begun(begun) if begun.row.deadline.is_some_and(|deadline| deadline <= cause.at) => {
            Err(Failure::Rejected(Refused::NoTime))
        }
        Done::Begun(begun) if is_decided(&begun.now.state) => {
            let token = waiting::token_of::<A>(context, cause, &begun.now);
            Ok(Verdict::yes(&A::reply(&begun.now), token))
        }
        Done::Begun(_) | Done::Running => Ok(Verdict::RUNNING),
    }
}

pub(super) fn expected<R>(call: &Call, head: Option<&Head>) -> Result<(), Failure<Refused<R>>> {
    match head.map(Head::etag) {
        Some(etag) if !call.etag.is_empty() && call.etag != etag => {
            Err(Failure::Rejected(Refused::EtagMismatch))
        }
        _ => Ok(()),
    }
}

/// Waits for what comes of a request that was begun before, as long as its caller does.
async fn repeated<A: Stored>(
    context: &Context,
    key: Option<RequestKey>,
    deadline: Option<Instant>,
) -> Result<Reply<A::Reply>, Status> {
    let Some(key) = key else { return Err(running()) };
    let patience = deadline.map_or(PATIENCE, |it| it.saturating_duration_since(Instant::now()));
    let deadline = Instant::now() + patience.saturating_sub(MARGIN);
    loop {
        let mut settled = context.settled();
        // Whatever keeps its record from being read says nothing of the request: it runs on.
        match recorded::<A>(context, &key).await {
            Ok(Found::Done(answer)) => return answer,
            Ok(Found::New | Found::Running | Found::Reused) => {}
            Err(failure) => tracing::warn!(%failure, "a running request can't be looked up"),
        }
        if Instant::now() >= deadline {
            return Err(running());
        }
        // Either way it is looked at again.
        drop(timeout(LOOK, settled.changed()).await);
    }
}

async fn recorded<A: Stored>(
    context: &Context,
    key: &RequestKey,
) -> Result<Found<A::Reply>, Failure<Never>> {
    look_up(context.store().reader()?, key).await
}

fn running() -> Status {
    let said = "this request is still running: ask again with the same request_id";
    Refusal::new(Code::Aborted, "REQUEST_RUNNING", said).retry_after(LOOK).into()
}

pub(super) fn respond<M>(reply: Reply<M>) -> Result<Response<M>, Status> {
    let mut response = Response::new(reply.message);
    let token = MetadataValue::try_from(reply.token.as_str())
        .map_err(|_| status::bug("a consistency token is base64"))?;
    response.metadata_mut().insert(token::HEADER, token);
    Ok(response)
}
