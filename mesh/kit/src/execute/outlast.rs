//! Waits for what comes of a request that was begun before: the same one, or another that has asked what
//! this one would ask.

use std::time::Duration;

use tokio::time::{Instant, timeout};
use tonic::{Code, Status};
use uuid::Uuid;

use jangteo::errors::Refusal;

use super::{
    aggregate::{Stored, look},
    call::{Call, MARGIN, RequestKey},
    request::{Found, Reply, Verdict, look_up, record},
};
use crate::{
    clock,
    context::Context,
    decide::Unanswered,
    status::{self, Refused, refusal},
    store::{Failure, Never},
};

/// How long one waits for a request that runs, where the caller does not say.
const PATIENCE: Duration = Duration::from_secs(5);
/// Another replica may settle it: look by oneself as often as this.
const LOOK: Duration = Duration::from_millis(50);

/// Whether what has been asked for may still come to nothing.
pub(super) fn may_be_undone<A: Stored>(state: &A) -> bool {
    state.pending().is_some_and(|waits| waits.unanswered == Unanswered::Undo)
}

/// Waits for what comes of a request that was begun before, as long as its caller does.
pub(super) async fn repeated<A: Stored>(
    context: &Context,
    call: &Call,
) -> Result<Reply<A::Reply>, Status> {
    let Some(key) = &call.request else { return Err(running()) };
    let answer = awaited(context, call, || recorded::<A>(context, key)).await;
    answer.unwrap_or_else(|| Err(running()))
}

async fn recorded<A: Stored>(
    context: &Context,
    key: &RequestKey,
) -> Result<Option<Result<Reply<A::Reply>, Status>>, Failure<Never>> {
    Ok(match look_up(context.store(), key).await? {
        Found::Done(answer) => Some(answer),
        Found::New | Found::Running | Found::Reused => None,
    })
}

fn running() -> Status {
    let said = "this request is still running: ask again with the same request_id";
    Refusal::new(Code::Aborted, "REQUEST_RUNNING", said).retry_after(LOOK).into()
}

/// Waits until it is decided what comes of the question that an aggregate asks, as long as the caller
/// does.
///
/// # Errors
/// The no that everybody is told who has asked for the same; or it is not decided in time.
pub(super) async fn unless_refused<A: Stored>(
    context: &Context,
    id: Uuid,
    call: &Call,
) -> Result<(), Status> {
    let heard = awaited(context, call, || decided::<A>(context, id)).await;
    let asking = || status::refused(Failure::Rejected(Refused::<A::Rejection>::Asking));
    let Err(no) = heard.ok_or_else(asking)? else { return Ok(()) };
    let no = refusal(&no).into();
    if let Some(key) = &call.request {
        kept(context, key.clone(), &no).await;
    }
    Err(no)
}

async fn decided<A: Stored>(
    context: &Context,
    id: Uuid,
) -> Result<Option<Result<(), A::Rejection>>, Failure<Never>> {
    let now = look::<A>(context.store(), id).await?;
    Ok(now.filter(|now| !may_be_undone(&now.state)).map(|now| now.state.outcome()))
}

/// Keeps a no for repeats. Where it can't be kept, a repeat finds out by itself.
async fn kept(context: &Context, key: RequestKey, no: &Status) {
    let no = no.clone();
    let kept = context.store().unit(move |tx| {
        let (key, no) = (key.clone(), no.clone());
        Box::pin(async move { record::<Never>(tx, &key, Verdict::no(&no), clock::now_ms()).await })
    });
    match kept.await {
        Ok(()) | Err(Failure::Rejected(_)) => {}
        Err(failure) => tracing::warn!(%failure, "a shared answer can't be kept"),
    }
}

/// Looks until there is something to be seen, as long as the caller waits.
async fn awaited<T, F>(context: &Context, call: &Call, look: impl Fn() -> F) -> Option<T>
where
    F: Future<Output = Result<Option<T>, Failure<Never>>>,
{
    let left = |it: Instant| it.saturating_duration_since(Instant::now());
    let patience = call.deadline.map_or(PATIENCE, left).saturating_sub(MARGIN);
    let deadline = Instant::now() + patience;
    loop {
        let mut settled = context.settled();
        match look().await {
            Ok(Some(seen)) => return Some(seen),
            Ok(None) => {}
            // Whatever keeps it from being read says nothing of what was begun: it runs on.
            Err(failure) => tracing::warn!(%failure, "what runs can't be looked up"),
        }
        if Instant::now() >= deadline {
            return None;
        }
        // Either way it is looked at again.
        drop(timeout(LOOK, settled.changed()).await);
    }
}
