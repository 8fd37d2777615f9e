//! Where a case happens: a fresh database with a store on it.

use std::time::Duration;

use jangteo_kit::store::Store;
use jangteo_testing::{mariadb, postgres, scratch};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database as Connect, DatabaseConnection, DbBackend,
    Statement, TryGetable,
};
use tempfile::TempDir;

use crate::sample;

/// How long anything may take that will happen.
pub(crate) const SOON: Duration = Duration::from_secs(30);

/// The databases that jangteo runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Database {
    Sqlite,
    Postgres,
    MariaDb,
}

/// Runs each case on one database, in a module of this name.
macro_rules! on {
    ($module:ident $database:ident: $($case:ident),+ $(,)?) => {
        mod $module {
            use crate::place::{Database, Place};
            $(#[tokio::test]
            async fn $case() {
                super::$case(Place::on(Database::$database).await).await;
            })+
        }
    };
}

/// Runs each case on every database.
macro_rules! on_all {
    ($($case:ident),+ $(,)?) => {
        crate::place::on!(sqlite Sqlite: $($case),+);
        crate::place::on!(postgres Postgres: $($case),+);
        crate::place::on!(mariadb MariaDb: $($case),+);
    };
}

/// Runs each case on the databases that run units beside each other.
macro_rules! on_servers {
    ($($case:ident),+ $(,)?) => {
        crate::place::on!(postgres_server Postgres: $($case),+);
        crate::place::on!(mariadb_server MariaDb: $($case),+);
    };
}

pub(crate) use {on, on_all, on_servers};

/// A fresh database that nobody else has. Its file goes away with it.
pub(crate) struct Place {
    pub(crate) database: Database,
    pub(crate) url: String,
    dir: TempDir,
}

impl Place {
    pub(crate) async fn on(database: Database) -> Self {
        let dir = scratch::directory("store").unwrap();
        let url = match database {
            Database::Sqlite => format!("sqlite://{}/sample.db", dir.path().display()),
            Database::Postgres => postgres::database().await.unwrap(),
            Database::MariaDb => mariadb::database().await.unwrap(),
        };
        Self { database, url, dir }
    }

    /// A store with the sample's tables.
    pub(crate) async fn store(&self) -> Store {
        store_at(&self.url).await
    }

    /// A connection beside the store's own.
    pub(crate) async fn outside(&self) -> DatabaseConnection {
        outside_of(&self.url).await
    }

    /// A file beside the database's.
    pub(crate) fn file(&self, name: &str) -> std::path::PathBuf {
        self.dir.path().join(name)
    }
}

/// A store with the sample's tables on the database of a URL.
pub(crate) async fn store_at(url: &str) -> Store {
    let store = Store::connect("sample", url).await.unwrap();
    store.migrate(sample::migrations).await.unwrap();
    store
}

/// A connection that belongs to no store.
pub(crate) async fn outside_of(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Connect::connect(options).await.unwrap()
}

/// The one value that a query answers.
pub(crate) async fn ask<T: TryGetable>(db: &impl sea_orm::ConnectionTrait, sql: &str) -> T {
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await;
    row.unwrap().expect("the query has a row").try_get_by_index(0).unwrap()
}

/// How many rows a table has.
pub(crate) async fn count(store: &Store, table: &str) -> i64 {
    ask(store.reader().unwrap(), &format!("SELECT COUNT(*) FROM {table}")).await
}

/// The number by which the server knows the connection of `db`.
pub(crate) async fn connection_id(db: &impl sea_orm::ConnectionTrait) -> i64 {
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => "SELECT CAST(pg_backend_pid() AS BIGINT)",
        _ => "SELECT CAST(CONNECTION_ID() AS SIGNED)",
    };
    ask(db, sql).await
}

/// Kills a connection of somebody else.
pub(crate) async fn kill(outside: &DatabaseConnection, connection: i64) {
    let sql = match outside.get_database_backend() {
        DbBackend::Postgres => format!("SELECT pg_terminate_backend({connection})"),
        _ => format!("KILL {connection}"),
    };
    outside.execute_unprepared(&sql).await.unwrap();
}
