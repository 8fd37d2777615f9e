//! Journal, requests, gates, held events, positions, leases, generations.

use sea_orm::{DbErr, DeriveMigrationName, sea_query::ColumnDef};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait};

use crate::store::schema::{Index, bytes, key, name, number, table, text, uuid};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        journal(manager).await?;
        requests(manager).await?;
        crate::failpoint::at("D1");
        gates(manager).await?;
        held(manager).await?;
        bookkeeping(manager).await
    }
}

/// The history: one row per event.
async fn journal(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut id = ColumnDef::new("id");
    id.big_integer().not_null().primary_key().auto_increment();
    let create = table(manager, "journal")
        .col(id)
        .col(name("kind"))
        .col(uuid("aggregate_id"))
        .col(number("sequence"))
        .col(text("type", 200))
        .col(bytes(manager, "payload"))
        .col(uuid("correlation_id"))
        .col(uuid("causation_id"))
        .col(text("traceparent", 64))
        .col(number("time"))
        .col(ColumnDef::new("acked_time").big_integer())
        .take();
    manager.create_table(create).await?;
    Index::unique("journal", "journal_aggregate", &["kind", "aggregate_id", "sequence"])
        .create(manager)
        .await?;
    Index::plain("journal", "journal_acked", &["acked_time", "id"]).create(manager).await
}

/// The answers to request ids.
async fn requests(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let create = table(manager, "request")
        .col(text("principal", 80))
        .col(text("method", 120))
        .col(uuid("request_id"))
        .col(bytes(manager, "body_hash"))
        .col(bytes(manager, "reply"))
        .col(text("token", 400))
        .col(number("time"))
        .primary_key(&mut key(&["principal", "method", "request_id"]))
        .take();
    manager.create_table(create).await?;
    Index::plain("request", "request_time", &["time"]).create(manager).await
}

/// How far each consumer is with each aggregate.
async fn gates(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let create = table(manager, "gate")
        .col(name("consumer"))
        .col(name("source"))
        .col(name("kind"))
        .col(uuid("aggregate_id"))
        .col(number("sequence"))
        .primary_key(&mut key(&["consumer", "source", "kind", "aggregate_id"]))
        .take();
    manager.create_table(create).await
}

/// Events behind a gap or a parked one.
async fn held(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let create = table(manager, "held")
        .col(name("consumer"))
        .col(name("source"))
        .col(name("kind"))
        .col(uuid("aggregate_id"))
        .col(number("sequence"))
        .col(bytes(manager, "event"))
        .col(ColumnDef::new("cause").text())
        .col(number("attempts"))
        .col(text("traceparent", 64))
        .col(number("time"))
        .primary_key(&mut key(&["consumer", "source", "kind", "aggregate_id", "sequence"]))
        .take();
    manager.create_table(create).await
}

/// Positions of compares, the lease, generations of read models.
async fn bookkeeping(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let position = table(manager, "position")
        .col(name("consumer"))
        .col(name("source"))
        .col(number("time"))
        .primary_key(&mut key(&["consumer", "source"]))
        .take();
    manager.create_table(position).await?;
    let lease = table(manager, "lease")
        .col(name("name").primary_key())
        .col(uuid("holder"))
        .col(number("until"))
        .take();
    manager.create_table(lease).await?;
    let read_model = table(manager, "read_model")
        .col(name("name"))
        .col(number("generation"))
        .col(name("state"))
        .col(number("change"))
        .primary_key(&mut key(&["name", "generation"]))
        .take();
    manager.create_table(read_model).await
}
