//! What is waited for, answers to other contexts, requests that still run.

use sea_orm::{
    DbBackend, DbErr, DeriveMigrationName,
    sea_query::{ColumnDef, Table},
};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait};

use crate::store::schema::{Index, add_column, bytes, key, name, number, table, text, uuid};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        waiting(manager).await?;
        answers(manager).await?;
        requests(manager).await
    }
}

/// One row per aggregate that waits for a peer or for a time.
async fn waiting(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let create = table(manager, "waiting")
        .col(name("kind"))
        .col(uuid("aggregate_id"))
        .col(number("wake_time"))
        .col(ColumnDef::new("call_key").string_len(200))
        .col(number("attempts"))
        .col(ColumnDef::new("deadline").big_integer())
        .col(ColumnDef::new("until").big_integer())
        .col(uuid("causation_id"))
        .col(text("traceparent", 64))
        .col(token())
        .col(ColumnDef::new("principal").string_len(80))
        .col(ColumnDef::new("method").string_len(120))
        .col(ColumnDef::new("request_id").uuid())
        .primary_key(&mut key(&["kind", "aggregate_id"]))
        .take();
    manager.create_table(create).await?;
    Index::plain("waiting", "waiting_wake", &["wake_time"]).create(manager).await
}

/// What other contexts were answered under the keys of their calls.
async fn answers(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let create = table(manager, "answer")
        .col(text("caller", 80))
        .col(text("call_key", 200))
        .col(bytes(manager, "body_hash"))
        .col(name("verdict"))
        .col(bytes(manager, "reply"))
        .col(token())
        .col(uuid("correlation_id"))
        .col(number("time"))
        .primary_key(&mut key(&["caller", "call_key"]))
        .take();
    manager.create_table(create).await
}

/// A request may run for a while, and come to a refusal.
async fn requests(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut verdict = name("verdict");
    add_column(manager, "request", verdict.default("yes")).await?;
    // SQLite does not mind how long a text is, and has no way to say otherwise.
    if manager.get_database_backend() != DbBackend::Sqlite {
        manager.alter_table(Table::alter().table("request").modify_column(token()).take()).await?;
    }
    Ok(())
}

/// A token names all that a chain of calls has written.
fn token() -> ColumnDef {
    ColumnDef::new("token").text().not_null().take()
}
