//! Executes one command in one transaction.

use tonic::{Response, Status, metadata::MetadataValue};
use uuid::Uuid;

use super::{
    aggregate::{Head, Stored, Versioned, load},
    apply::apply,
    call::{Call, RequestKey},
    cause::Cause,
    drive::{Begun, begin},
    in_vain::not_in_vain,
    outlast::{may_be_undone, repeated, unless_refused},
    request::{Found, Reply, Verdict, look_up, record},
    take::say_no,
    waiting::{self, is_decided},
};
use crate::{
    context::Context,
    failpoint,
    status::{self, Refused},
    store::{Failure, Tx},
    token,
};

/// Executes `command` on the aggregate `id` for `call` and shows what came of it. Where the state waits
/// for a peer, it is asked, and the answer comes with what was heard. What was begun is brought to its
/// end, whether or not the caller is still there.
///
/// A command that would ask what is being asked already waits for the answer: a no is its answer, too,
/// and after anything else it is executed.
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
    loop {
        match committed::<A>(context, &call, whom, &command).await? {
            Done::Answered(answer) => return respond(answer?),
            Done::Begun(begun) => return respond(begin(context, *begun, call).await?),
            Done::Running => return respond(repeated::<A>(context, &call).await?),
            Done::Asked => unless_refused::<A>(context, id, &call).await?,
        }
    }
}

async fn committed<A: Stored>(
    context: &Context,
    call: &Call,
    whom: Whom,
    command: &A::Command,
) -> Result<Done<A>, Status> {
    let (Whom::Newborn(id) | Whom::Any(id)) = whom;
    not_in_vain::<A>(context, call, id, command).await.map_err(status::refused)?;
    let (own, told, command) = (context.clone(), call.clone(), command.clone());
    let done = context.store().unit(move |tx| {
        let (own, told, command) = (own.clone(), told.clone(), command.clone());
        Box::pin(async move { run::<A>(tx, own.name(), &told, whom, command).await })
    });
    let done = match done.await {
        done @ (Err(Failure::Rejected(_)) | Ok(Done::Asked)) => {
            unless_repeated(context, call.request.as_ref(), done).await
        }
        done => done,
    };
    let done = done.map_err(status::refused)?;
    if !matches!(done, Done::Asked) {
        failpoint::at("P5");
        context.wake_relay();
        failpoint::at("P4");
    }
    Ok(done)
}

/// What a command came to.
enum Done<A: Stored> {
    /// It has an answer.
    Answered(Result<Reply<A::Reply>, Status>),
    /// It waits for a peer.
    Begun(Box<Begun<A>>),
    /// The same request was begun before and is not settled.
    Running,
    /// Nothing was done: what it would ask, another request has asked already.
    Asked,
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
    let newborn = matches!(whom, Whom::Newborn(_));
    let cause = Cause { newborn, ..Cause::of_call(call) };
    let head = before.as_ref().map(|before| before.head.clone());
    let waited = before.as_ref().and_then(|before| before.state.pending());
    let next = apply::<A>(tx, context, &cause, id, before, command).await;
    let next = next.map_err(|failure| failure.map(|no| Failure::Rejected(Refused::Rule(no))))?;
    expected(call, head.as_ref())?;
    let known = waited.zip(next.state.pending()).is_some_and(|(waited, waits)| waited.is(&waits));
    let same = head.is_some_and(|head| head.revision == next.head.revision);
    if known && same && may_be_undone(&next.state) && call.key.is_none() {
        return Ok(Done::Asked);
    }
    let done = settled(tx, context, call, &cause, known, next).await?;
    if let Some(key) = &call.request {
        record(tx, key, verdict(context, &cause, &done)?, call.at).await?;
    }
    failpoint::at("P3");
    Ok(done)
}

/// What is refused, or was asked already, may be a repeat. Nobody looks sooner: most requests come once,
/// and a repeat that is not refused by the rules finds the record of the first in its way.
async fn unless_repeated<A: Stored>(
    context: &Context,
    key: Option<&RequestKey>,
    done: Result<Done<A>, Failure<Refused<A::Rejection>>>,
) -> Result<Done<A>, Failure<Refused<A::Rejection>>> {
    let Some(key) = key else { return done };
    match look_up(context.store(), key).await.map_err(Failure::always)? {
        Found::New => done,
        Found::Done(answer) => Ok(Done::Answered(answer)),
        Found::Running => Ok(Done::Running),
        Found::Reused => Err(Failure::Rejected(Refused::RequestIdReused)),
    }
}

/// Whether the command is done, or has begun to wait. A question that is known is somebody else's.
async fn settled<A: Stored>(
    tx: &Tx,
    context: &str,
    call: &Call,
    cause: &Cause,
    known: bool,
    next: Versioned<A>,
) -> Result<Done<A>, Failure<Refused<A::Rejection>>> {
    if next.state.pending().is_some()
        && !known
        && let Some(row) = waiting::known(tx, A::KIND, next.head.id).await?
    {
        return Ok(Done::Begun(Box::new(Begun { now: next, row })));
    }
    if may_be_undone(&next.state) {
        return Err(Failure::Rejected(Refused::Asking));
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
        Done::Begun(_) | Done::Running | Done::Asked => Ok(Verdict::RUNNING),
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

pub(super) fn respond<M>(reply: Reply<M>) -> Result<Response<M>, Status> {
    let mut response = Response::new(reply.message);
    let token = MetadataValue::try_from(reply.token.as_str())
        .map_err(|_| status::bug("a consistency token is base64"))?;
    response.metadata_mut().insert(token::HEADER, token);
    Ok(response)
}
