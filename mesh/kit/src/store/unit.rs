//! The unit of work: one transaction, tried again after conflicts, finished whoever hangs up.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture};
use sea_orm::{DatabaseConnection, DbErr, TransactionTrait};
use tokio::sync::oneshot;
use tracing::Instrument;

use super::{
    CLOSED, Failure, OPEN, Rows, Store, Tx, Write, failure::committed_nothing, open::POOL,
};
use crate::{clock, decide::backoff, telemetry};

/// How often a unit is tried before its conflict is reported: more often than a pool has
/// connections, which may all have died with their server.
pub(super) const TRIES: u32 = POOL + 2;

/// What a unit does in its transaction. It may run several times and must leave no trace but in `Tx`.
pub trait Work<T, R>: Send + 'static {
    /// Runs once in `tx`.
    fn run<'a>(&'a self, tx: &'a Tx) -> BoxFuture<'a, Result<T, Failure<R>>>;
}

impl<T, R, F> Work<T, R> for F
where
    F: for<'a> Fn(&'a Tx) -> BoxFuture<'a, Result<T, Failure<R>>> + Send + Sync + 'static,
{
    fn run<'a>(&'a self, tx: &'a Tx) -> BoxFuture<'a, Result<T, Failure<R>>> {
        self(tx)
    }
}

impl Store {
    /// Runs `work` in one transaction and commits it. The unit goes on when the caller is gone.
    ///
    /// # Errors
    /// Nothing was written, but for [`Failure::Ambiguous`].
    pub async fn unit<T, R>(
        &self,
        work: impl for<'a> Fn(&'a Tx) -> BoxFuture<'a, Result<T, Failure<R>>> + Send + Sync + 'static,
    ) -> Result<T, Failure<R>>
    where
        T: Send + 'static,
        R: Send + 'static,
    {
        match self.0.stage.load(Ordering::Acquire) {
            OPEN => {}
            CLOSED => return Err(Failure::Stopping),
            _ => return Err(Failure::Starting),
        }
        let span = telemetry::transaction(self.backend(), self.context());
        match &self.0.write {
            Write::Queue(writer) => writer.submit(work).instrument(span).await,
            Write::Pool => self.detached(self.0.writer.clone(), work).instrument(span).await,
            Write::Rows(rows) => simulated(rows, &work).await,
        }
    }

    async fn detached<T, R, W>(&self, pool: DatabaseConnection, work: W) -> Result<T, Failure<R>>
    where
        T: Send + 'static,
        R: Send + 'static,
        W: Work<T, R> + Sync,
    {
        let (answer, answered) = oneshot::channel();
        self.0.units.spawn(async move {
            // Whoever asked may be gone; what is committed is committed.
            drop(answer.send(pooled(&pool, &work).await));
        });
        answered.await.unwrap_or(Err(Failure::Stopping))
    }
}

/// Runs a unit in a transaction of its own, again after each conflict.
async fn pooled<T, R>(
    pool: &DatabaseConnection,
    work: &(impl Work<T, R> + Sync),
) -> Result<T, Failure<R>> {
    let mut tries = 1;
    loop {
        match alone(pool, work).await {
            Err(failure) if failure.is_transient() && tries < TRIES => {
                tracing::debug!(%failure, tries, "unit is tried again");
                pause(tries).await;
                tries += 1;
            }
            result => return result,
        }
    }
}

async fn alone<T, R>(
    pool: &DatabaseConnection,
    work: &(impl Work<T, R> + Sync),
) -> Result<T, Failure<R>> {
    ended(work, pool.begin().await?.into()).await
}

async fn ended<T, R>(work: &(impl Work<T, R> + Sync), tx: Tx) -> Result<T, Failure<R>> {
    match caught(work, &tx).await {
        Ok(value) => {
            tx.commit().await.map_err(uncommitted)?;
            Ok(value)
        }
        Err(failure) => {
            if let Err(error) = tx.rollback().await {
                tracing::debug!(%error, "rollback failed: the connection is dropped");
            }
            Err(failure)
        }
    }
}

/// Runs a unit on rows that lie in no SQL database, again after a lost race.
async fn simulated<T, R>(
    rows: &Arc<dyn Rows>,
    work: &(impl Work<T, R> + Sync),
) -> Result<T, Failure<R>> {
    let mut tries = 1;
    loop {
        match ended(work, Tx::of(rows)).await {
            Err(failure) if failure.is_transient() && tries < TRIES => tries += 1,
            result => return result,
        }
    }
}

/// What a failed commit comes to.
fn uncommitted<R>(error: DbErr) -> Failure<R> {
    if committed_nothing(&error) { Failure::Database(error) } else { Failure::Ambiguous(error) }
}

/// Runs `work`; a panic is a failure of this unit alone.
pub(super) async fn caught<T, R>(
    work: &(impl Work<T, R> + ?Sized),
    tx: &Tx,
) -> Result<T, Failure<R>> {
    match AssertUnwindSafe(work.run(tx)).catch_unwind().await {
        Ok(result) => result,
        Err(panic) => Err(Failure::Panicked(said(panic.as_ref()))),
    }
}

fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without words").to_owned()
}

/// A pause with jitter, so that those who collided do not meet again.
async fn pause(tries: u32) {
    let most = Duration::from_millis(200);
    tokio::time::sleep(backoff(tries, most, clock::chance()) / 8).await;
}
