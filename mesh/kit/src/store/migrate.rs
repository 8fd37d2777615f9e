//! Migrations under a lock: the kit's tables first, then the context's own.
//!
//! Versions of the program run side by side while one takes over from the other. A migration therefore
//! expands the schema: the version before it works on. What takes something away comes a release after
//! the last version that needs it, and its name ends in `_contract`: versions that do not know it refuse
//! to start, and accept whatever else they do not know.

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTraitSelf, SchemaManager};

/// A context's migrations in the order of their names.
pub type Migrations = fn() -> Vec<Box<dyn MigrationTrait>>;

/// How the name of a migration ends that takes away what earlier versions need.
const CONTRACT: &str = "_contract";
const APPLIED: &str = "seaql_migrations";

struct Migrator {
    own: Migrations,
    /// What a later version has applied.
    later: Vec<Later>,
}

/// A migration of a later version, which has been applied.
#[derive(Clone)]
struct Later(String);

impl MigrationName for Later {
    fn name(&self) -> &str {
        &self.0
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Later {
    async fn up(&self, _: &SchemaManager) -> Result<(), DbErr> {
        unreachable!("what has been applied is not applied again")
    }
}

impl MigratorTraitSelf for Migrator {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        let mut all = known(self.own);
        all.extend(
            self.later.iter().cloned().map(|later| Box::new(later) as Box<dyn MigrationTrait>),
        );
        all
    }
}

/// All that this version knows.
fn known(own: Migrations) -> Vec<Box<dyn MigrationTrait>> {
    let mut all = crate::migration::all();
    all.extend(own());
    all
}

/// Applies what is pending. SQLite and PostgreSQL do it all or not at all; MariaDB commits every
/// statement, so each is written to be repeated after a crash.
pub(super) async fn run(writer: &DatabaseConnection, migrations: Migrations) -> Result<(), DbErr> {
    let immediate = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let tx = writer.begin_with_options(immediate).await?;
    lock(&tx).await?;
    let applied = apply(&tx, migrations).await;
    unlock(&tx).await?;
    applied?;
    tx.commit().await
}

async fn apply(tx: &DatabaseTransaction, own: Migrations) -> Result<(), DbErr> {
    let later = later(tx, own).await?;
    if let Some(contract) = later.iter().find(|later| later.0.ends_with(CONTRACT)) {
        return Err(DbErr::Migration(format!(
            "the database was written by a newer jangteo, which took away what this one needs ({}): \
             start that version, or restore a backup",
            contract.0
        )));
    }
    if let Some(newest) = later.last() {
        tracing::warn!(newest = newest.0, "a newer jangteo has expanded the database: working on");
    }
    Migrator { own, later }.up(tx, None).await
}

/// What has been applied and is not known here, in the order of its names.
async fn later(tx: &DatabaseTransaction, own: Migrations) -> Result<Vec<Later>, DbErr> {
    if !SchemaManager::new(tx).has_table(APPLIED).await? {
        return Ok(vec![]);
    }
    let sql = format!("SELECT version FROM {APPLIED} ORDER BY version");
    let rows = tx.query_all_raw(Statement::from_string(tx.get_database_backend(), sql)).await?;
    let applied = rows.iter().map(|row| row.try_get_by_index::<String>(0));
    let known = known(own);
    let is_known = |name: &str| known.iter().any(|migration| migration.name() == name);
    let applied = applied.collect::<Result<Vec<_>, _>>()?;
    Ok(applied.into_iter().filter(|name| !is_known(name)).map(Later).collect())
}

/// One process migrates at a time. SQLite's immediate transaction is such a lock by itself.
async fn lock(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    match tx.get_database_backend() {
        DbBackend::Postgres => {
            let sql = "SELECT pg_advisory_xact_lock(7016996765293437281)";
            tx.execute_unprepared(sql).await.map(drop)
        }
        DbBackend::MySql => {
            let sql = "SELECT GET_LOCK(CONCAT(DATABASE(), '.jangteo.migrate'), 60)";
            let row = tx.query_one_raw(Statement::from_string(DbBackend::MySql, sql)).await?;
            match row.map(|row| row.try_get_by_index::<Option<i64>>(0)).transpose()?.flatten() {
                Some(1) => Ok(()),
                _ => Err(DbErr::Custom("another process is still migrating".to_owned())),
            }
        }
        _ => Ok(()),
    }
}

/// MariaDB's lock belongs to the connection, which outlives the transaction in its pool.
async fn unlock(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::MySql {
        tx.execute_unprepared("DO RELEASE_LOCK(CONCAT(DATABASE(), '.jangteo.migrate'))").await?;
    }
    Ok(())
}
