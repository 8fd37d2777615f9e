//! Opens connections, durable ones: WAL with `synchronous=FULL`, READ COMMITTED on MariaDB.

use std::{num::NonZero, path::Path, time::Duration};

use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr, sqlx};
use tracing::log::LevelFilter;

use crate::config::without_secret;

/// How long a unit waits for a connection before the database counts as gone.
const ACQUIRE: Duration = Duration::from_secs(3);
/// Connections of a pool: enough to overlap commits, few enough for many replicas.
pub(super) const POOL: u32 = 10;
/// What a process holds that stands still in the middle of a transaction, others get as soon as its lease
/// has run out: a unit never waits for anything but its database.
const FROZEN: &str = "SET idle_in_transaction_session_timeout = '3s'";

/// The connection that writes and the one that reads; the same pool but for SQLite.
pub(super) async fn connect(url: &str) -> Result<(DatabaseConnection, DatabaseConnection), DbErr> {
    match url.split_once("://").map_or("", |(scheme, _)| scheme) {
        "sqlite" => sqlite(url).await,
        "postgres" | "postgresql" | "mysql" | "mariadb" => {
            let pool = open(pool(url)).await?;
            Ok((pool.clone(), pool))
        }
        other => Err(DbErr::Custom(format!(
            "unknown database `{other}`: use sqlite://, postgres:// or mysql://"
        ))),
    }
}

/// A driver quotes the URL that it cannot read, and there is a password in it.
async fn open(options: ConnectOptions) -> Result<DatabaseConnection, DbErr> {
    let url = options.get_url().to_owned();
    Database::connect(options).await.map_err(|error| {
        let text = error.to_string();
        if !text.contains(&url) {
            return error;
        }
        DbErr::Custom(text.replace(&url, &without_secret(&url)))
    })
}

async fn sqlite(url: &str) -> Result<(DatabaseConnection, DatabaseConnection), DbErr> {
    let path = url.trim_start_matches("sqlite://");
    if let Some(folder) = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .map_err(|error| DbErr::Custom(format!("cannot make {}: {error}", folder.display())))?;
    }
    // The writer creates the file; readers must find it, and must never write.
    let writer = open(file(url, 1, false)).await?;
    let reader = open(file(url, readers(), true)).await?;
    Ok((writer, reader))
}

/// Readers of a SQLite file beside its writer. What they do is to compute: more than there are cores
/// would only wait for each other, and one alone would be held up by a long query.
fn readers() -> u32 {
    let cores = std::thread::available_parallelism().map_or(2, NonZero::get);
    u32::try_from(cores).unwrap_or(u32::MAX).clamp(2, 8)
}

fn file(url: &str, connections: u32, read: bool) -> ConnectOptions {
    let mut options = base(url, connections);
    options.map_sqlx_sqlite_opts(move |sqlite| {
        sqlite
            .create_if_missing(!read)
            .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
            .synchronous(sqlx::sqlite::SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5))
            .foreign_keys(true)
            .pragma("query_only", if read { "ON" } else { "OFF" })
    });
    options
}

fn pool(url: &str) -> ConnectOptions {
    let mut options = base(url, POOL);
    options
        .map_sqlx_mysql_opts(|mysql| mysql.charset("utf8mb4").collation("utf8mb4_bin"))
        .map_sqlx_mysql_pool_opts(|pool| {
            pool.after_connect(|connection, _| {
                Box::pin(async move {
                    let isolation = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
                    sqlx::Executor::execute(&mut *connection, isolation).await?;
                    Ok(())
                })
            })
        })
        .map_sqlx_postgres_pool_opts(|pool| {
            pool.after_connect(|connection, _| {
                Box::pin(async move {
                    sqlx::Executor::execute(&mut *connection, FROZEN).await?;
                    Ok(())
                })
            })
        })
        // A pooled connection that sat idle may have died with its server.
        .test_before_acquire_if_idle_for(Duration::from_secs(5));
    options
}

fn base(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url.replacen("mariadb://", "mysql://", 1));
    options
        .max_connections(connections)
        .acquire_timeout(ACQUIRE)
        .connect_lazy(true)
        .test_before_acquire(false)
        .sqlx_logging_level(LevelFilter::Trace)
        .sqlx_slow_statements_logging_settings(LevelFilter::Warn, Duration::from_secs(1));
    options
}
