//! SQLite's one writer: it drains its queue and commits what waits together, each unit under a
//! savepoint, so that one disk sync serves many and one failure harms nobody else. A unit that waits
//! alone needs no savepoint.

use std::{collections::VecDeque, num::NonZeroUsize, sync::Mutex};

use futures::future::BoxFuture;
use sea_orm::{
    DatabaseConnection, DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;

use super::{
    Failure, Tx,
    failure::committed_nothing,
    unit::{TRIES, Work, caught},
};

/// Units that wait at most; more wait for a place.
const QUEUE: usize = 1024;

/// The way to the writer task.
pub(super) struct Writer {
    queue: Mutex<Option<mpsc::Sender<Box<dyn Job>>>>,
}

impl Writer {
    /// At most `most` units share a commit.
    pub(super) fn start(
        connection: DatabaseConnection,
        most: NonZeroUsize,
        tasks: &TaskTracker,
    ) -> Self {
        let (queue, jobs) = mpsc::channel(QUEUE);
        tasks.spawn(drain(connection, most.get(), jobs));
        Self { queue: Mutex::new(Some(queue)) }
    }

    /// No further units; those that wait are still done.
    pub(super) fn stop(&self) {
        drop(self.queue.lock().expect("nothing panics while it holds this lock").take());
    }

    pub(super) async fn submit<T, R, W>(&self, work: W) -> Result<T, Failure<R>>
    where
        T: Send + 'static,
        R: Send + 'static,
        W: Work<T, R> + Sync,
    {
        let queue = self.queue.lock().expect("nothing panics while it holds this lock").clone();
        let Some(queue) = queue else { return Err(Failure::Stopping) };
        let (answer, answered) = oneshot::channel();
        let unit = Unit { work, result: None, answer };
        if queue.send(Box::new(unit)).await.is_err() {
            return Err(Failure::Stopping);
        }
        drop(queue);
        answered.await.unwrap_or(Err(Failure::Stopping))
    }
}

/// A unit whose types the writer need not know.
trait Job: Send {
    /// Runs under a savepoint of its own.
    fn run<'a>(&'a mut self, group: &'a Tx) -> BoxFuture<'a, Outcome>;
    /// Runs in a transaction of its own; tells how that has to end.
    fn run_alone<'a>(&'a mut self, tx: &'a Tx) -> BoxFuture<'a, End>;
    /// Tells the caller, once the group is committed or not.
    fn settle(self: Box<Self>, committed: Result<(), Commit>);
}

/// What a unit did to its group.
enum Outcome {
    /// It is done, or undone under its savepoint.
    Settled,
    /// It could not be undone by itself: nobody knows what is left of the group.
    Broken,
}

/// How the transaction of a unit has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Commit,
    Rollback,
    /// Rolled back, and run again: it lost a race.
    Again,
}

/// How a group failed.
#[derive(Clone)]
enum Commit {
    /// One unit broke it: nothing was committed.
    Parted,
    /// The database would not have it: nothing was committed.
    Refused(DbErr),
    /// The commit was not answered well.
    Unknown(DbErr),
}

struct Unit<T, R, W> {
    work: W,
    result: Option<Result<T, Failure<R>>>,
    answer: oneshot::Sender<Result<T, Failure<R>>>,
}

impl<T, R, W> Job for Unit<T, R, W>
where
    T: Send + 'static,
    R: Send + 'static,
    W: Work<T, R> + Sync,
{
    fn run<'a>(&'a mut self, group: &'a Tx) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let (result, outcome) = saved(&self.work, group).await;
            self.result = Some(result);
            outcome
        })
    }

    fn run_alone<'a>(&'a mut self, tx: &'a Tx) -> BoxFuture<'a, End> {
        Box::pin(async move {
            let result = caught(&self.work, tx).await;
            let end = match &result {
                Ok(_) => End::Commit,
                Err(Failure::Raced) => End::Again,
                Err(_) => End::Rollback,
            };
            self.result = Some(result);
            end
        })
    }

    fn settle(self: Box<Self>, committed: Result<(), Commit>) {
        let result = match (committed, self.result) {
            (Ok(()), Some(result)) => result,
            // What was rejected is rejected, whatever became of the others.
            (Err(_), Some(Err(failure))) => Err(failure),
            (Err(Commit::Unknown(error)), _) => Err(Failure::Ambiguous(error)),
            (Err(Commit::Refused(error)), _) => Err(Failure::Database(error)),
            (_, None) | (Err(Commit::Parted), _) => Err(Failure::Stopping),
        };
        // Whoever asked may be gone; what is committed is committed.
        drop(self.answer.send(result));
    }
}

/// Runs `work` under a savepoint, again after a lost race.
async fn saved<T, R>(work: &impl Work<T, R>, group: &Tx) -> (Result<T, Failure<R>>, Outcome) {
    let mut tries = 1;
    loop {
        match under_savepoint(work, group).await {
            (Err(Failure::Raced), Outcome::Settled) if tries < TRIES => tries += 1,
            ended => return ended,
        }
    }
}

async fn under_savepoint<T, R>(
    work: &impl Work<T, R>,
    group: &Tx,
) -> (Result<T, Failure<R>>, Outcome) {
    let savepoint = match group.begin().await {
        Ok(savepoint) => savepoint,
        Err(error) => return (Err(error.into()), Outcome::Broken),
    };
    let (result, ended) = match caught(work, &savepoint).await {
        Ok(value) => match savepoint.commit().await {
            Ok(()) => (Ok(value), true),
            Err(error) => (Err(error.into()), false),
        },
        Err(failure) => (Err(failure), savepoint.rollback().await.is_ok()),
    };
    (result, if ended { Outcome::Settled } else { Outcome::Broken })
}

/// The writer task.
async fn drain(
    connection: DatabaseConnection,
    most: usize,
    mut jobs: mpsc::Receiver<Box<dyn Job>>,
) {
    let mut group = Vec::with_capacity(most);
    while jobs.recv_many(&mut group, most).await > 0 {
        commit(&connection, std::mem::take(&mut group)).await;
    }
}

/// Commits a group; where one unit breaks it, each is done alone.
async fn commit(connection: &DatabaseConnection, group: Vec<Box<dyn Job>>) {
    let mut waiting = VecDeque::from([group]);
    while let Some(mut group) = waiting.pop_front() {
        let result = match &mut group[..] {
            [job] => alone(connection, job.as_mut()).await,
            group => together(connection, group).await,
        };
        if group.len() > 1 && matches!(result, Err(Commit::Parted)) {
            waiting.extend(group.into_iter().map(|job| vec![job]));
            continue;
        }
        for job in group {
            job.settle(result.clone());
        }
    }
}

async fn together(
    connection: &DatabaseConnection,
    group: &mut [Box<dyn Job>],
) -> Result<(), Commit> {
    let tx = begin(connection).await?;
    for job in group.iter_mut() {
        if let Outcome::Broken = job.run(&tx).await {
            drop(tx);
            renew(connection).await;
            return Err(Commit::Parted);
        }
    }
    end(connection, tx).await
}

/// Runs a unit in a transaction of its own, again after a lost race.
async fn alone(connection: &DatabaseConnection, job: &mut dyn Job) -> Result<(), Commit> {
    let mut tries = 1;
    loop {
        let tx = begin(connection).await?;
        let outcome = job.run_alone(&tx).await;
        if outcome == End::Commit {
            return end(connection, tx).await;
        }
        if tx.rollback().await.is_err() {
            renew(connection).await;
        }
        if outcome == End::Rollback || tries == TRIES {
            return Ok(());
        }
        tries += 1;
    }
}

async fn begin(connection: &DatabaseConnection) -> Result<Tx, Commit> {
    let immediate = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    connection.begin_with_options(immediate).await.map(Tx::from).map_err(Commit::Refused)
}

async fn end(connection: &DatabaseConnection, tx: Tx) -> Result<(), Commit> {
    match tx.commit().await {
        Ok(()) => Ok(()),
        Err(error) => {
            renew(connection).await;
            let refused = committed_nothing(&error);
            Err(if refused { Commit::Refused(error) } else { Commit::Unknown(error) })
        }
    }
}

/// Replaces the connection, and thereby undoes what was not committed. SQLite ends a transaction by
/// itself when the disk is full, and the connection's count of savepoints is wrong from then on.
async fn renew(connection: &DatabaseConnection) {
    let closed = match connection.get_sqlite_connection_pool().acquire().await {
        Ok(doubtful) => doubtful.close().await,
        Err(error) => Err(error),
    };
    if let Err(error) = closed {
        tracing::warn!(%error, "connection was not replaced");
    }
}
