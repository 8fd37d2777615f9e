//! The entries of timelines, and the people whom they name.

use jangteo_kit::store::schema::{Index, key, name, number, table, text, uuid};
use sea_orm::{DbErr, DeriveMigrationName};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        entries(manager).await?;
        people(manager).await
    }
}

async fn entries(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let create = table(manager, "timeline_entry")
        .col(number("generation"))
        .col(uuid("event_id"))
        .col(uuid("correlation_id"))
        .col(number("time"))
        .col(name("context"))
        .col(name("kind"))
        .col(uuid("aggregate_id"))
        .col(number("sequence"))
        .col(text("event", 200))
        .col(uuid("causation_id"))
        .primary_key(&mut key(&["generation", "event_id"]))
        .take();
    manager.create_table(create).await?;
    let order =
        &["generation", "correlation_id", "time", "context", "kind", "aggregate_id", "sequence"];
    Index::plain("timeline_entry", "timeline_entry_order", order).create(manager).await
}

async fn people(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let create = table(manager, "timeline_person")
        .col(number("generation"))
        .col(uuid("event_id"))
        .col(name("person"))
        .col(uuid("correlation_id"))
        .primary_key(&mut key(&["generation", "event_id", "person"]))
        .take();
    manager.create_table(create).await?;
    let named = &["generation", "correlation_id", "person"];
    Index::plain("timeline_person", "timeline_person_named", named).create(manager).await
}
