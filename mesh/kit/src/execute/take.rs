//! Questions of other contexts: each is answered once, whatever comes first, last or twice.

use prost::Message;
use tonic::{Code, Response, Status, metadata::MetadataValue};
use uuid::Uuid;

use jangteo::errors::{DOMAIN, Refusal};

use super::{
    aggregate::{Stored, Versioned, load},
    answer::{Known, Standing, Yes, keep_no, keep_yes, kill, look_up, standing},
    apply::apply,
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
    let own = context.clone();
    context.outlive(async move { taken::<A>(&own, call, id, command).await }).await
}

async fn taken<A: Stored>(
    context: &Context,
    call: Call,
    id: Uuid,
    command: A::Command,
) -> Result<Response<A::Reply>, Status> {
    failpoint::at("P1");
    let (name, key, at) = (context.name(), keyed(&call)?, call.at);
    let done = context.store().unit(move |tx| {
        let (call, command) = (call.clone(), command.clone());
        Box::pin(async move { run::<A>(tx, name, &call, id, command).await })
    });
    let known = match done.await {
        Ok(known) => known,
        // Asking again may help: that is no answer.
        Err(Failure::Rejected(rule)) if is_passing(&rule) => return Err(refusal(&rule).into()),
        Err(Failure::Rejected(rule)) => refuse(context, &key, no(&rule), at).await?,
        Err(failure) => return Err(refused(failure)),
    };
    context.moved();
    answered::<A>(&key, known)
}

async fn run<A: Stored>(
    tx: &Tx,
    context: &str,
    call: &Call,
    id: Uuid,
    command: A::Command,
) -> Result<Known, Failure<A::Rejection>> {
    let before = load::<A, _>(tx, id).await?;
    let Some(key) = &call.key else { return Ok(Known::Reused) };
    if let Some(known) = look_up(tx, key).await? {
        return Ok(known);
    }
    let cause = Cause { asks: false, ..Cause::of_call(call) };
    let next = apply::<A>(tx, context, &cause, id, before, command).await?;
    let yes = Yes {
        reply: A::reply(&next).encode_to_vec(),
        token: waiting::token_of::<A>(context, &cause, &next),
        correlation_id: next.head.correlation_id,
    };
    keep_yes(tx, key, yes.clone(), call.at).await?;
    failpoint::at("P3");
    Ok(Known::Yes(yes))
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
    let own = context.clone();
    let undone = context.outlive(async move { undone::<A>(&own, call, id, command).await });
    undone.await.map(|()| Response::new(M::default()))
}

async fn undone<A: Stored>(
    context: &Context,
    call: Call,
    id: Uuid,
    command: A::Command,
) -> Result<(), Status> {
    let (name, key) = (context.name(), keyed(&call)?);
    let done = context.store().unit(move |tx| {
        let (call, key, command) = (call.clone(), key.clone(), command.clone());
        Box::pin(async move {
            let before = load::<A, _>(tx, id).await?;
            let standing = standing(tx, &key).await?;
            if standing == Standing::Dead {
                return Ok(());
            }
            if standing == Standing::Taken {
                // What was taken is there, if only since the look before.
                let before = Some(before.ok_or(Failure::Raced)?);
                let cause = Cause { asks: false, ..Cause::of_call(&call) };
                apply::<A>(tx, name, &cause, id, before, command).await?;
            }
            kill(tx, &key, standing != Standing::New, call.at).await?;
            failpoint::at("P3");
            Ok(())
        })
    });
    done.await.map_err(refused)?;
    context.moved();
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

fn answered<A: Stored>(key: &CallKey, known: Known) -> Result<Response<A::Reply>, Status> {
    match known {
        Known::Yes(yes) => {
            let message = A::Reply::decode(yes.reply.as_slice())
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
