//! Notifications, and the rows of the read model that shows them, with the indices of their lists.

use jangteo_kit::store::schema::{Index, aggregate, key, name, number, table, text, uuid};
use sea_orm::{DbErr, DeriveMigrationName, sea_query::ColumnDef};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let create = aggregate(manager, "notification")
            .col(name("recipient"))
            .col(name("kind"))
            .col(text("subject", 120))
            .col(ColumnDef::new("arguments").text().not_null())
            .col(number("event_time"))
            .col(name("state"))
            .take();
        manager.create_table(create).await?;
        mine(manager).await
    }
}

/// The rows that people read.
async fn mine(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let create = table(manager, "my_notification")
        .col(number("generation"))
        .col(uuid("notification_id"))
        .col(name("recipient"))
        .col(name("kind"))
        .col(text("subject", 120))
        .col(ColumnDef::new("arguments").text().not_null())
        .col(number("event_time"))
        .col(number("state"))
        .col(number("create_time"))
        .col(number("update_time"))
        .col(number("change"))
        .primary_key(&mut key(&["generation", "notification_id"]))
        .take();
    manager.create_table(create).await?;
    let all = &["generation", "recipient", "event_time", "notification_id"];
    let of_state = &["generation", "recipient", "state", "event_time", "notification_id"];
    let changed = &["generation", "recipient", "change"];
    for index in [
        Index::plain("my_notification", "my_notification_recipient", all),
        Index::plain("my_notification", "my_notification_state", of_state),
        Index::plain("my_notification", "my_notification_change", changed),
    ] {
        index.create(manager).await?;
    }
    Ok(())
}
