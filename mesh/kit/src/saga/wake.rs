//! Wakes one aggregate whose time has come.

use std::{marker::PhantomData, sync::Arc};

use futures::{FutureExt, future::BoxFuture};
use sea_orm::DatabaseConnection;
use tracing::Instrument;
use uuid::Uuid;

use super::operate::{Asks, Denied, aborted, retried};
use crate::{
    clock,
    context::Context,
    decide::{Heard, Pending, Turn, turn},
    execute::{
        Begun, Cause, Head, Stored, Versioned, Waiting, apply, awaited, find, load, put, remove,
        resume, save, unfit,
    },
    failpoint,
    store::{Failure, Never, Row, Tx},
    telemetry,
};

/// Keeps the aggregates of one kind going.
pub(crate) trait Saga: Send + Sync {
    /// Their kind.
    fn kind(&self) -> &'static str;

    /// Does what is due now, and answers what takes longer: to ask a peer.
    fn wake(
        &self,
        context: Context,
        id: Uuid,
    ) -> BoxFuture<'static, Result<Asking, Failure<Never>>>;

    /// The question that one waits for now, as its state says it.
    fn asks<'a>(
        &'a self,
        db: &'a DatabaseConnection,
        id: Uuid,
    ) -> BoxFuture<'a, Result<Option<Asks>, Failure<Never>>>;

    /// Has what must be finished done at once.
    fn retry(&self, context: Context, id: Uuid) -> BoxFuture<'static, Result<(), Failure<Denied>>>;

    /// Gives up what one asks, as if its deadline had passed; answers what that makes it ask.
    fn abort(
        &self,
        context: Context,
        id: Uuid,
    ) -> BoxFuture<'static, Result<Asking, Failure<Denied>>>;

    /// An older state of one under the numbers of its newest row: what a simulation plants.
    fn aged(&self, older: &Row, newest: &Row) -> Option<Row>;

    /// Locks one, and tells the sequence of the last event that its state knows of; 0: there is none.
    fn lock<'a>(&'a self, tx: &'a Tx, id: Uuid) -> BoxFuture<'a, Result<i64, Failure<Never>>>;

    /// Lets one go on behind an event that its state does not know of, if there is one.
    fn catch_up<'a>(
        &'a self,
        tx: &'a Tx,
        id: Uuid,
        sequence: i64,
    ) -> BoxFuture<'a, Result<(), Failure<Never>>>;
}

/// What asking a peer takes; nothing to ask: nothing.
pub(crate) type Asking = Option<BoxFuture<'static, ()>>;

struct Of<A>(PhantomData<fn() -> A>);

/// The saga of an aggregate.
pub(crate) fn of<A: Stored>() -> Arc<dyn Saga> {
    Arc::new(Of::<A>(PhantomData))
}

impl<A: Stored> Saga for Of<A> {
    fn kind(&self) -> &'static str {
        A::KIND
    }

    fn wake(
        &self,
        context: Context,
        id: Uuid,
    ) -> BoxFuture<'static, Result<Asking, Failure<Never>>> {
        async move {
            let name = context.name();
            let woken = context.store().unit(move |tx| Box::pin(woken::<A>(tx, name, id))).await?;
            context.moved();
            Ok(asking(context, woken))
        }
        .boxed()
    }

    fn asks<'a>(
        &'a self,
        db: &'a DatabaseConnection,
        id: Uuid,
    ) -> BoxFuture<'a, Result<Option<Asks>, Failure<Never>>> {
        async move { Ok(find::<A, Never>(db, id).await?.and_then(|now| Asks::of(&now.state))) }
            .boxed()
    }

    fn retry(&self, context: Context, id: Uuid) -> BoxFuture<'static, Result<(), Failure<Denied>>> {
        async move {
            context.store().unit(move |tx| Box::pin(retried::<A>(tx, id))).await?;
            context.moved();
            Ok(())
        }
        .boxed()
    }

    fn abort(
        &self,
        context: Context,
        id: Uuid,
    ) -> BoxFuture<'static, Result<Asking, Failure<Denied>>> {
        async move {
            let name = context.name();
            let aborted = context.store().unit(move |tx| Box::pin(aborted::<A>(tx, name, id)));
            let begun = aborted.await?;
            context.moved();
            Ok(asking(context, begun))
        }
        .boxed()
    }

    fn aged(&self, older: &Row, newest: &Row) -> Option<Row> {
        let state = older.downcast_ref::<Versioned<A>>()?.state.clone();
        let head = newest.downcast_ref::<Versioned<A>>()?.head.clone();
        Some(Arc::new(Versioned { state, head }))
    }

    fn lock<'a>(&'a self, tx: &'a Tx, id: Uuid) -> BoxFuture<'a, Result<i64, Failure<Never>>> {
        async move { Ok(load::<A, _>(tx, id).await?.map_or(0, |now| now.head.sequence)) }.boxed()
    }

    fn catch_up<'a>(
        &'a self,
        tx: &'a Tx,
        id: Uuid,
        sequence: i64,
    ) -> BoxFuture<'a, Result<(), Failure<Never>>> {
        async move {
            let Some(now) = load::<A, _>(tx, id).await? else { return Ok(()) };
            let head = Head { sequence, revision: now.head.revision + 1, ..now.head };
            let saved = save(tx, &Versioned { state: now.state, head }).await;
            saved.map_err(|failure| failure.map(|no: A::Rejection| unfit(ADOPTION, &no)))
        }
        .boxed()
    }
}

/// Asks what has begun, in the trace that it belongs to.
fn asking<A: Stored>(context: Context, begun: Option<Begun<A>>) -> Asking {
    let begun = begun?;
    let span = telemetry::resume(A::KIND, &begun.row.traceparent);
    Some(resume(context, begun).instrument(span).boxed())
}

/// Moves an aggregate whose time has come; answers what it waits for and has to be asked.
async fn woken<A: Stored>(
    tx: &Tx,
    context: &str,
    id: Uuid,
) -> Result<Option<Begun<A>>, Failure<Never>> {
    let now = load::<A, _>(tx, id).await?;
    let Some(row) = awaited(tx, A::KIND, id).await? else { return Ok(None) };
    let at = clock::now_ms();
    match now.map(|now| (now.state.pending(), now.state.due(), now)) {
        Some((Some(waits), _, now)) => turned(tx, context, now, row, &waits, at).await,
        Some((None, Some((time, command)), now)) if time <= at => {
            let begun = fired(tx, context, &row.cause(at), now, command).await?;
            failpoint::at("S6");
            Ok(begun)
        }
        Some((None, Some((time, _)), _)) => {
            put(tx, Waiting { wake_time: time, ..row }).await?;
            Ok(None)
        }
        Some((None, None, _)) | None => {
            remove(tx, A::KIND, id).await?;
            Ok(None)
        }
    }
}

/// Asks a question, or gives it up.
async fn turned<A: Stored>(
    tx: &Tx,
    context: &str,
    now: Versioned<A>,
    row: Waiting,
    waits: &Pending<A::Command>,
    at: i64,
) -> Result<Option<Begun<A>>, Failure<Never>> {
    match turn(waits.unanswered, row.asking(), waits.limit, at) {
        Turn::Wait => Ok(None),
        Turn::Ask(asking) => {
            let (attempts, wake_time) = (asking.attempts.into(), asking.wake);
            let row = Waiting { wake_time, attempts, ..row };
            put(tx, row.clone()).await?;
            Ok(Some(Begun { now, row }))
        }
        Turn::GiveUp => given_up(tx, context, now, &row, waits, at).await,
    }
}

/// Tells a state that nobody has answered; answers what it waits for then and has to be asked.
pub(super) async fn given_up<A: Stored>(
    tx: &Tx,
    context: &str,
    now: Versioned<A>,
    row: &Waiting,
    waits: &Pending<A::Command>,
    at: i64,
) -> Result<Option<Begun<A>>, Failure<Never>> {
    let command = waits.heard(Heard::Nothing, at);
    let now = told::<A>(tx, context, &row.cause(at), now, command, &waits.key).await?;
    begun(tx, now).await
}

/// Fires a timer. One that changes nothing would fire for ever: that is a bug.
async fn fired<A: Stored>(
    tx: &Tx,
    context: &str,
    cause: &Cause,
    now: Versioned<A>,
    command: A::Command,
) -> Result<Option<Begun<A>>, Failure<Never>> {
    let before = now.head.revision;
    let now = told::<A>(tx, context, cause, now, command, TIMER).await?;
    if now.head.revision == before {
        return Err(Failure::Inconsistent(format!("{TIMER} of {} changed nothing", now.head.id)));
    }
    begun(tx, now).await
}

const TIMER: &str = "the timer";
const ADOPTION: &str = "the adoption of its events";

async fn told<A: Stored>(
    tx: &Tx,
    context: &str,
    cause: &Cause,
    now: Versioned<A>,
    command: A::Command,
    by: &str,
) -> Result<Versioned<A>, Failure<Never>> {
    let id = now.head.id;
    let next = apply::<A>(tx, context, cause, id, Some(now), command).await;
    next.map_err(|failure| failure.map(|no| unfit(by, &no)))
}

/// What it waits for now, if it does.
async fn begun<A: Stored>(tx: &Tx, now: Versioned<A>) -> Result<Option<Begun<A>>, Failure<Never>> {
    let row = awaited(tx, A::KIND, now.head.id).await?;
    Ok(row.filter(|row| row.call_key.is_some()).map(|row| Begun { now, row }))
}
