//! Asks peers what states wait for, and tells the states what was heard.

use tokio::sync::oneshot;
use tonic::Status;
use tracing::{Instrument, Span};
use uuid::Uuid;

use super::{
    aggregate::{Stored, Versioned, load},
    apply::apply,
    call::{Call, CallKey, RequestKey},
    outlast::may_be_undone,
    request::{Found, Reply, look_up},
    take::say_no,
    waiting::{self, Waiting},
};
use crate::{
    clock,
    context::Context,
    decide::{Heard, Pending, Unanswered, again, left, told},
    failpoint,
    peer::{Answer, Sent},
    status,
    store::{Failure, Never, Tx},
    token,
};

/// An aggregate that waits, with what is known of its question.
pub(crate) struct Begun<A: Stored> {
    pub(crate) now: Versioned<A>,
    pub(crate) row: Waiting,
}

/// What became of an answer.
enum Step<A: Stored> {
    /// The state was told.
    Told(Box<Told<A>>),
    /// The state had moved on: what it is now.
    Late(Versioned<A>),
    /// It is no answer: the question is asked again later.
    Later,
}

/// A state that was told, whether it waits again, and what was written for it so far.
struct Told<A: Stored> {
    now: Versioned<A>,
    row: Option<Waiting>,
    token: String,
}

impl<A: Stored> Step<A> {
    /// Whether the answer left the state with the same question.
    fn still_asks(&self, waits: &Pending<A::Command>) -> bool {
        let Self::Told(told) = self else { return false };
        told.now.state.pending().is_some_and(|still| still.is(waits))
    }
}

/// What a caller is told.
type Said<A> = Result<Reply<<A as Stored>::Reply>, Status>;

/// Whoever waits for what comes of it: a person, for which request; another context, under which key.
struct Tell<A: Stored> {
    sender: oneshot::Sender<Said<A>>,
    request: Option<RequestKey>,
    key: Option<CallKey>,
}

impl<A: Stored> Tell<A> {
    /// What is to be told. Whoever has brought a request to its end has written its answer down, and that may
    /// have been somebody else: a repeat is told what stands there, and so is the first.
    async fn answer(&self, context: &Context, now: &Versioned<A>, token: &str) -> Said<A> {
        if let Some(request) = &self.request {
            match look_up(context.store(), request).await {
                Ok(Found::Done(answer)) => return answer,
                Ok(Found::New | Found::Running | Found::Reused) => {}
                Err(failure) => {
                    tracing::warn!(%failure, "an answer can't be looked up");
                    return Err(status::undecided());
                }
            }
        }
        match now.state.outcome() {
            Ok(()) => {
                let own = token::of(context.name(), A::KIND, &now.head);
                Ok(Reply { message: A::reply(now), token: token::merged(token, &own) })
            }
            Err(no) => Err(say_no(self.key.as_ref(), &no)),
        }
    }
}

/// Asks in a task of its own, and answers as soon as it is decided what comes of the request.
pub(super) async fn begin<A: Stored>(context: &Context, begun: Begun<A>, call: Call) -> Said<A> {
    let (sender, told) = oneshot::channel();
    let tell = Tell { sender, request: call.request, key: call.key };
    let driving = drive(context.clone(), begun, true, Some(tell));
    context.tasks().spawn(driving.instrument(Span::current()));
    told.await.unwrap_or_else(|_| Err(status::undecided()))
}

/// Asks what somebody else has left.
pub(crate) async fn resume<A: Stored>(context: Context, begun: Begun<A>) {
    drive(context, begun, false, None).await;
}

/// Asks one question after the other until the state waits no more. What breaks off here, whoever
/// sweeps takes up. `sure`: whoever asks is the one who wrote that the state waits.
async fn drive<A: Stored>(
    context: Context,
    mut begun: Begun<A>,
    sure: bool,
    tell: Option<Tell<A>>,
) {
    let mut tell = decided(&context, &begun.now, &begun.row.token, tell).await;
    while let Some(waits) = begun.now.state.pending() {
        let undoes = waits.unanswered == Unanswered::Finish && begun.now.state.outcome().is_err();
        failpoint::at(if undoes { "S5" } else { "S1" });
        let answer = asked(&context, &begun, &waits).await;
        failpoint::at("S3");
        let step = hear::<A>(&context, begun.now.head.id, &waits, answer, sure).await;
        failpoint::at("S4");
        let (now, row, token) = match step {
            Ok(Step::Told(told)) => (told.now, told.row, told.token),
            Ok(Step::Late(now)) => (now, None, String::new()),
            Ok(Step::Later) => {
                context.wake_sweeper();
                return;
            }
            Err(failure) => {
                tracing::warn!(%failure, key = waits.key, "an answer could not be kept");
                return;
            }
        };
        context.moved();
        tell = decided(&context, &now, &token, tell).await;
        let Some(row) = row else { return };
        begun = Begun { now, row };
    }
}

async fn asked<A: Stored>(
    context: &Context,
    begun: &Begun<A>,
    waits: &Pending<A::Command>,
) -> Answer {
    let within = left(begun.row.asking(), waits.limit, clock::now_ms());
    let asking = context.peers().ask(Sent {
        by: context.name(),
        key: waits.key.clone(),
        question: waits.question.clone(),
        within,
        limit: waits.limit,
        repeatable: waits.unanswered == Unanswered::Finish,
        correlation_id: begun.now.head.correlation_id,
    });
    if !failpoint::armed("S2") {
        return asking.await;
    }
    // It has left, and nobody knows whether it was heard.
    let asking = context.tasks().spawn(asking);
    tokio::task::yield_now().await;
    failpoint::at("S2");
    asking.await.unwrap_or(Answer::Nothing)
}

/// Tells the state what was heard, unless it waits for something else by now.
async fn hear<A: Stored>(
    context: &Context,
    id: Uuid,
    waits: &Pending<A::Command>,
    answer: Answer,
    sure: bool,
) -> Result<Step<A>, Failure<Never>> {
    let (name, most) = (context.name(), context.settings().timing.backoff_max);
    let waits = waits.clone();
    let heard = context.store().unit(move |tx| {
        let (waits, answer) = (waits.clone(), answer.clone());
        Box::pin(async move {
            let now = load::<A, _>(tx, id).await?;
            let now = now.ok_or_else(|| Failure::Inconsistent(format!("{} is gone", waits.key)))?;
            let row = waiting::known(tx, A::KIND, id).await?;
            let still = now.state.pending().is_some_and(|still| still.is(&waits));
            let Some(row) = row.filter(|_| still) else { return Ok(Step::Late(now)) };
            let at = clock::now_ms();
            let asking = row.asking();
            let wake_time = again(asking, most, clock::chance(), at);
            let later = Waiting { wake_time, ..row.clone() };
            if let Some(heard) = told(waits.unanswered, asking, answer.heard(), sure, at) {
                let step = tell(tx, name, now, row, &waits, heard, &answer).await?;
                if !step.still_asks(&waits) {
                    return Ok(step);
                }
            }
            waiting::put(tx, later).await?;
            Ok(Step::Later)
        })
    });
    heard.await
}

async fn tell<A: Stored>(
    tx: &Tx,
    context: &str,
    now: Versioned<A>,
    row: Waiting,
    waits: &Pending<A::Command>,
    heard: Heard<Vec<u8>>,
    answer: &Answer,
) -> Result<Step<A>, Failure<Never>> {
    let (id, at) = (now.head.id, clock::now_ms());
    let mut cause = row.cause(at);
    if let Answer::Yes { token, correlation_id, .. } = answer {
        cause.token = token::merged(&cause.token, token);
        cause.correlation_id = *correlation_id;
    }
    let next = apply::<A>(tx, context, &cause, id, Some(now), waits.heard(heard, at)).await;
    let next = next.map_err(|failure| failure.map(|no| unfit(&waits.key, &no)))?;
    let row = waiting::known(tx, A::KIND, id).await?;
    let row = row.filter(|row| row.call_key.is_some());
    Ok(Step::Told(Box::new(Told { now: next, row, token: cause.token })))
}

/// Answers can't be refused: a state that does is a bug, and waits on for a better program.
pub(crate) fn unfit(key: &str, no: &impl std::fmt::Display) -> Failure<Never> {
    Failure::Inconsistent(format!("an answer to {key} was refused: {no}"))
}

/// Tells the caller once it is decided what comes of his request; undoing may take longer.
async fn decided<A: Stored>(
    context: &Context,
    now: &Versioned<A>,
    token: &str,
    tell: Option<Tell<A>>,
) -> Option<Tell<A>> {
    let tell = tell?;
    if may_be_undone(&now.state) {
        return Some(tell);
    }
    let answer = tell.answer(context, now, token).await;
    // Whoever asked may be gone; the record of his request knows the answer.
    drop(tell.sender.send(answer));
    None
}
