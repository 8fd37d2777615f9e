//! Why a unit of work came to nothing.

use std::convert::Infallible;

use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx};

/// The rejection of work that cannot be refused.
pub type Never = Infallible;

/// Why a unit of work came to nothing. `R` is what the rules say.
#[derive(Debug, thiserror::Error)]
pub enum Failure<R> {
    /// The rules say no. Nothing was written.
    #[error("rejected")]
    Rejected(R),
    /// Somebody else wrote the same key first: the unit is tried again.
    #[error("lost a race for a key")]
    Raced,
    /// The database could not do it. Nothing was written.
    #[error("database: {0}")]
    Database(#[from] DbErr),
    /// The commit was sent and not answered: it may have happened.
    #[error("commit without an answer: {0}")]
    Ambiguous(DbErr),
    /// A row that is no state of its aggregate.
    #[error("inconsistent row: {0}")]
    Inconsistent(String),
    /// The code has a bug. Nothing was written.
    #[error("panic: {0}")]
    Panicked(String),
    /// The schema is not up to date yet.
    #[error("starting")]
    Starting,
    /// The process is going away.
    #[error("stopping")]
    Stopping,
}

impl Failure<Never> {
    /// The same failure of work that can be refused.
    pub fn always<R>(self) -> Failure<R> {
        self.map(|never| match never {})
    }
}

impl<R> Failure<R> {
    /// The same failure under another kind of rejection.
    pub fn map<S>(self, rejected: impl FnOnce(R) -> Failure<S>) -> Failure<S> {
        match self {
            Self::Rejected(rejection) => rejected(rejection),
            Self::Raced => Failure::Raced,
            Self::Database(error) => Failure::Database(error),
            Self::Ambiguous(error) => Failure::Ambiguous(error),
            Self::Inconsistent(what) => Failure::Inconsistent(what),
            Self::Panicked(what) => Failure::Panicked(what),
            Self::Starting => Failure::Starting,
            Self::Stopping => Failure::Stopping,
        }
    }

    /// Whether the same unit may succeed when it is run again at once: a lost race, a deadlock,
    /// a serialisation failure, or a pooled connection that had died.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Raced => true,
            Self::Database(error) => is_conflict(error) || is_connection(error),
            _ => false,
        }
    }
}

/// An insert that may lose a race for its key: the loser's unit is tried again.
pub fn raced<R>(error: DbErr) -> Failure<R> {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Failure::Raced,
        _ => Failure::Database(error),
    }
}

/// Deadlocks, lock timeouts and serialisation failures, by each database's own codes.
fn is_conflict(error: &DbErr) -> bool {
    let Some(sqlx::Error::Database(error)) = sqlx_error(error) else { return false };
    if let Some(mariadb) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        return matches!(mariadb.number(), 1020 | 1205 | 1213);
    }
    // PostgreSQL serialization_failure and deadlock_detected; SQLite's BUSY and BUSY_SNAPSHOT.
    matches!(error.code().as_deref(), Some("40001" | "40P01" | "5" | "517"))
}

/// The connection was gone before the unit could commit, or the server was leaving and said so.
fn is_connection(error: &DbErr) -> bool {
    match sqlx_error(error) {
        Some(sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed) => true,
        Some(sqlx::Error::Database(error)) => is_farewell(error.as_ref()),
        _ => false,
    }
}

/// PostgreSQL's `idle_in_transaction_session_timeout`: it has rolled back.
const STOOD_STILL: &str = "25P03";

fn is_farewell(error: &dyn sqlx::error::DatabaseError) -> bool {
    if let Some(mariadb) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        // ER_SERVER_SHUTDOWN and ER_CONNECTION_KILLED.
        return matches!(mariadb.number(), 1053 | 1927);
    }
    // PostgreSQL admin_shutdown, crash_shutdown and cannot_connect_now.
    matches!(error.code().as_deref(), Some("57P01" | "57P02" | "57P03" | STOOD_STILL))
}

/// Whether a failed commit has surely committed nothing: the database chose another unit, had no
/// room, or had given up waiting for this one. After anything else it may have happened.
pub(super) fn committed_nothing(error: &DbErr) -> bool {
    let sqlite = |error: &sqlx::Error| {
        let sqlx::Error::Database(error) = error else { return false };
        error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some()
    };
    let database = sqlx_error(error).and_then(sqlx::Error::as_database_error);
    let stood_still = database.is_some_and(|error| error.code().as_deref() == Some(STOOD_STILL));
    is_conflict(error) || stood_still || (is_full(error) && sqlx_error(error).is_some_and(sqlite))
}

/// The database had no room to write.
pub(crate) fn is_full(error: &DbErr) -> bool {
    let Some(sqlx::Error::Database(error)) = sqlx_error(error) else { return false };
    if let Some(mariadb) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        return matches!(mariadb.number(), 1021 | 1114);
    }
    // PostgreSQL disk_full; SQLite's FULL, and IOERR_WRITE: a quota or another limit.
    matches!(error.code().as_deref(), Some("53100" | "13" | "778"))
}

fn sqlx_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error))
        | DbErr::Conn(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}
