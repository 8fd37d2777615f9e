//! Questions of other contexts: each is answered once, whatever comes first, last or twice.

use prost::Message;
use tonic::{Code, Response, Status, metadata::MetadataValue};
use uuid::Uuid;

use jangteo::errors::{DOMAIN, Refusal};

use super::{
    aggregate::{Stored, Versioned, load, load_all},
    answer::{Known, Standing, Yes, keep_no, keep_yes, kill, look_up, standing},
    apply::{apply, belonging},
    call::{Call, CallKey},
    cause::Cause,
    waiting,
};
use crate::{
    context::Context,
    decide::No,
    failpoint,
    peer::{CALL_KEY, CORRELATION},
    status::{self, Kind, Reject, refusal, refused},
    store::{Failure, Tx},
    token,
};

/// Executes `command` for a question that takes something, and keeps the answer, yes or no, under the
/// key of the call ([`Call::keyed`]). After [`undo`] the key is dead and the answer is no.
///
/// # Errors
/// The no, which names its call. Any other error is no answer.
pub async fn take<A: Stored>(
    context: &Context,
    call: Call,
    id: Uuid,
    command: A::Command,
) -> Result<Response<A::Reply>, Status> {
    let shown = |taken: &[Versioned<A>]| Ok(taken.iter().map(A::reply).next().unwrap_or_default());
    take_all(context, call, vec![(id, command)], shown).await
}

/// The same of several aggregates, at least one, each under another id: all of them or none. `reply` is
/// shown what they have become, in the order in which they were told, and may still refuse.
///
/// # Errors
/// Those of [`take`].
pub async fn take_all<A: Stored, M: Message + Default + 'static>(
    context: &Context,
    call: Call,
    told: Vec<(Uuid, A::Command)>,
    reply: impl Fn(&[Versioned<A>]) -> Result<M, A::Rejection> + Clone + Send + Sync + 'static,
) -> Result<Response<M>, Status> {
    let own = context.clone();
    context.outlive(async move { taken(&own, call, told, reply).await }).await
}

async fn taken<A: Stored, M: Message + Default>(
    context: &Context,
    call: Call,
    told: Vec<(Uuid, A::Command)>,
    reply: impl Fn(&[Versioned<A>]) -> Result<M, A::Rejection> + Clone + Send + Sync + 'static,
) -> Result<Response<M>, Status> {
    failpoint::at("P1");
    let (name, key, at) = (context.name(), keyed(&call)?, call.at);
    let done = context.store().unit(move |tx| {
        let (call, told, reply) = (call.clone(), told.clone(), reply.clone());
        Box::pin(async move { run(tx, name, &call, told, reply).await })
    });
    let known = match done.await {
        Ok(known) => known,
        // Asking again may help: that is no answer.
        Err(Failure::Rejected(rule)) if is_passing(&rule) => return Err(refusal(&rule).into()),
        Err(Failure::Rejected(rule)) => refuse(context, &key, no(&rule), at).await?,
        Err(failure) => return Err(refused(failure)),
    };
    context.moved();
    answered(&key, known)
}

async fn run<A: Stored, M: Message>(
    tx: &Tx,
    context: &str,
    call: &Call,
    told: Vec<(Uuid, A::Command)>,
    reply: impl Fn(&[Versioned<A>]) -> Result<M, A::Rejection>,
) -> Result<Known, Failure<A::Rejection>> {
    let mut before = load_all::<A, _>(tx, told.iter().map(|(id, _)| *id)).await?;
    let Some(key) = &call.key else { return Ok(Known::Reused) };
    if let Some(known) = look_up(tx, key).await? {
        return Ok(known);
    }
    let cause = Cause { asks: false, ..Cause::of_call(call) };
    let mut all = Vec::with_capacity(told.len());
    for (id, command) in told {
        all.push(apply::<A>(tx, context, &cause, id, before.remove(&id), command).await?);
    }
    let yes = yes(context, &cause, &all, &reply(&all).map_err(Failure::Rejected)?);
    keep_yes(tx, key, yes.clone(), call.at).await?;
    failpoint::at("P3");
    Ok(Known::Yes(yes))
}

fn yes<A: Stored>(context: &str, cause: &Cause, all: &[Versioned<A>], reply: &impl Message) -> Yes {
    let tokens = all.iter().map(|one| waiting::token_of::<A>(context, cause, one));
    let token = tokens.reduce(|one, other| token::merged(&one, &other)).unwrap_or_default();
    let belongs = all.first().map(|one| belonging::<A>(cause, &one.head)).unwrap_or_default();
    Yes { reply: reply.encode_to_vec(), token, correlation_id: belongs }
}

/// Keeps a no in a commit of its own, after what led to it was rolled back.
async fn refuse(context: &Context, key: &CallKey, no: No, at: i64) -> Result<Known, Status> {
    let key = key.clone();
    let kept = context.store().unit(move |tx| {
        let (key, no) = (key.clone(), no.clone());
        Box::pin(async move {
            if let Some(known) = look_up(tx, &key).await? {
                return Ok(known);
            }
            keep_no(tx, &key, &no, at).await?;
            Ok(Known::No(no))
        })
    });
    kept.await.map_err(status::failed)
}

/// Undoes what was taken under the key of the call, whether that came, comes late, or never comes.
/// `command` cannot be refused; where nothing was taken it is not executed.
///
/// # Errors
/// It is not done yet: ask again.
pub async fn undo<A: Stored, M: Default>(
    context: &Context,
    call: Call,
    id: Uuid,
    command: A::Command,
) -> Result<Response<M>, Status> {
    undo_all::<A, M>(context, call, vec![(id, command)]).await
}

/// The same of several aggregates, each under another id.
///
/// # Errors
/// Those of [`undo`].
pub async fn undo_all<A: Stored, M: Default>(
    context: &Context,
    call: Call,
    told: Vec<(Uuid, A::Command)>,
) -> Result<Response<M>, Status> {
    let own = context.clone();
    let undone = context.outlive(async move { undone::<A>(&own, call, told).await });
    undone.await.map(|()| Response::new(M::default()))
}

async fn undone<A: Stored>(
    context: &Context,
    call: Call,
    told: Vec<(Uuid, A::Command)>,
) -> Result<(), Status> {
    let (name, key) = (context.name(), keyed(&call)?);
    let done = context.store().unit(move |tx| {
        let (call, key, told) = (call.clone(), key.clone(), told.clone());
        Box::pin(async move { let_go::<A>(tx, name, &call, &key, told).await })
    });
    done.await.map_err(refused)?;
    context.moved();
    Ok(())
}

async fn let_go<A: Stored>(
    tx: &Tx,
    context: &str,
    call: &Call,
    key: &CallKey,
    told: Vec<(Uuid, A::Command)>,
) -> Result<(), Failure<A::Rejection>> {
    let mut before = load_all::<A, _>(tx, told.iter().map(|(id, _)| *id)).await?;
    let standing = standing(tx, key).await?;
    if standing == Standing::Dead {
        return Ok(());
    }
    if standing == Standing::Taken {
        let cause = Cause { asks: false, ..Cause::of_call(call) };
        for (id, command) in told {
            // What was taken is there, if only since the look before.
            let before = Some(before.remove(&id).ok_or(Failure::Raced)?);
            apply::<A>(tx, context, &cause, id, before, command).await?;
        }
    }
    kill(tx, key, standing != Standing::New, call.at).await?;
    failpoint::at("P3");
    Ok(())
}

/// Executes `command` for a question that cannot be refused: its commit is its answer. What the state
/// waits for after it is asked by whoever sweeps. `id` is named by the key of the call.
///
/// # Errors
/// It is not done yet: ask again.
pub async fn accept<A: Stored, M: Default>(
    context: &Context,
    call: Call,
    id: Uuid,
    command: A::Command,
) -> Result<Response<M>, Status> {
    let own = context.clone();
    let accepted = context.outlive(async move { accepted::<A>(&own, call, id, command).await });
    accepted.await.map(|()| Response::new(M::default()))
}

async fn accepted<A: Stored>(
    context: &Context,
    call: Call,
    id: Uuid,
    command: A::Command,
) -> Result<(), Status> {
    let name = context.name();
    let done = context.store().unit(move |tx| {
        let (call, command) = (call.clone(), command.clone());
        Box::pin(async move {
            let before = load::<A, _>(tx, id).await?;
            let cause = Cause { asks: false, ..Cause::of_call(&call) };
            apply::<A>(tx, name, &cause, id, before, command).await?;
            failpoint::at("P3");
            Ok(())
        })
    });
    done.await.map_err(refused)?;
    context.moved();
    Ok(())
}

/// Answers a question that takes nothing: what was found, or the rule that says no.
///
/// # Errors
/// The no, which names its call.
pub fn check<A: Stored>(
    call: &Call,
    found: Result<Versioned<A>, A::Rejection>,
) -> Result<Response<A::Reply>, Status> {
    let key = keyed(call)?;
    let found = found.map_err(|rule| told(&key, &no(&rule)))?;
    let mut response = Response::new(A::reply(&found));
    belongs(&mut response, found.head.correlation_id)?;
    Ok(response)
}

fn keyed(call: &Call) -> Result<CallKey, Status> {
    call.key.clone().ok_or_else(|| status::bug("a question between contexts has a key"))
}

/// Whether a rule may say something else soon.
fn is_passing(rule: &impl Reject) -> bool {
    matches!(rule.kind(), Kind::Aborted | Kind::Unavailable | Kind::Exhausted)
}

/// A rule that said no, as it is told to whoever asked: a no to a question of another context names its
/// call, and is final by that.
pub(super) fn say_no(key: Option<&CallKey>, rule: &impl Reject) -> Status {
    key.map_or_else(|| refusal(rule).into(), |key| told(key, &no(rule)))
}

fn no(rule: &impl Reject) -> No {
    No {
        code: Code::from(rule.kind()) as i32,
        reason: rule.reason().to_owned(),
        message: rule.to_string(),
        retry_after_ms: rule.retry_after().and_then(|after| after.as_millis().try_into().ok()),
    }
}

fn answered<M: Message + Default>(key: &CallKey, known: Known) -> Result<Response<M>, Status> {
    match known {
        Known::Yes(yes) => {
            let message = M::decode(yes.reply.as_slice())
                .map_err(|error| status::bug(&format!("answer to {}: {error}", key.key)))?;
            let mut response = Response::new(message);
            belongs(&mut response, yes.correlation_id)?;
            let token = MetadataValue::try_from(yes.token.as_str())
                .map_err(|_| status::bug("a consistency token is base64"))?;
            response.metadata_mut().insert(token::HEADER, token);
            Ok(response)
        }
        Known::No(no) => Err(told(key, &no)),
        Known::Dead => {
            let said = "the call was undone: it is not taken up again";
            Err(Refusal::new(Code::FailedPrecondition, "CALL_UNDONE", said)
                .precondition("CALL_UNDONE", DOMAIN, said)
                .metadata(CALL_KEY, key.key.as_str())
                .into())
        }
        Known::Reused => {
            let said = "this call_key was used for another question";
            Err(Refusal::new(Code::InvalidArgument, "CALL_KEY_REUSED", said)
                .violation("call_key", "CALL_KEY_REUSED", said)
                .into())
        }
    }
}

fn told(key: &CallKey, no: &No) -> Status {
    refusal(no).metadata(CALL_KEY, key.key.as_str()).into()
}

fn belongs<M>(response: &mut Response<M>, correlation_id: Uuid) -> Result<(), Status> {
    let value = MetadataValue::try_from(correlation_id.to_string())
        .map_err(|_| status::bug("an id is ASCII"))?;
    response.metadata_mut().insert(CORRELATION, value);
    Ok(())
}
