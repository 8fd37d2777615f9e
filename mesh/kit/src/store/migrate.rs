//! Migrations under a lock: the kit's tables first, then the context's own.

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};
use sea_orm_migration::{MigrationTrait, MigratorTraitSelf};

use super::Tx;

/// A context's migrations in the order of their names.
pub type Migrations = fn() -> Vec<Box<dyn MigrationTrait>>;

struct Migrator(Migrations);

impl MigratorTraitSelf for Migrator {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        let mut all = crate::migration::all();
        all.extend((self.0)());
        all
    }
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
    let applied = Migrator(migrations).up(&tx, None).await;
    unlock(&tx).await?;
    applied.map_err(explained)?;
    tx.commit().await
}

/// One process migrates at a time. SQLite's immediate transaction is such a lock by itself.
async fn lock(tx: &Tx) -> Result<(), DbErr> {
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
async fn unlock(tx: &Tx) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::MySql {
        tx.execute_unprepared("DO RELEASE_LOCK(CONCAT(DATABASE(), '.jangteo.migrate'))").await?;
    }
    Ok(())
}

fn explained(error: DbErr) -> DbErr {
    match error {
        DbErr::Custom(text) if text.contains("its file is missing") => DbErr::Migration(format!(
            "the database was written by a newer jangteo: start that version, or restore a backup ({text})"
        )),
        error => error,
    }
}
