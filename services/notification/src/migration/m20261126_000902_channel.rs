//! Channels, and what goes through them, with the indices of their lists.

use jangteo_kit::store::schema::{Index, aggregate, name, uuid};
use sea_orm::{DbErr, DeriveMigrationName, sea_query::ColumnDef};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        channels(manager).await?;
        dispatches(manager).await
    }
}

async fn channels(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let create = aggregate(manager, "channel")
        .col(name("owner"))
        .col(name("language"))
        .col(name("state"))
        .col(ColumnDef::new("address").string_len(500))
        .col(ColumnDef::new("secret").string_len(100))
        .col(ColumnDef::new("delete_time").big_integer())
        .take();
    manager.create_table(create).await?;
    let all = &["owner", "create_time", "id"];
    let open = &["owner", "state", "id"];
    Index::plain("channel", "channel_owner", all).create(manager).await?;
    Index::plain("channel", "channel_state", open).create(manager).await
}

async fn dispatches(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let create = aggregate(manager, "dispatch")
        .col(uuid("channel_id"))
        .col(name("owner"))
        .col(ColumnDef::new("notification_id").uuid())
        .col(ColumnDef::new("attempts").integer().not_null())
        .col(name("state"))
        .col(ColumnDef::new("wake_time").big_integer())
        .col(ColumnDef::new("failure").text())
        .take();
    manager.create_table(create).await?;
    let all = &["channel_id", "create_time", "id"];
    let of_state = &["channel_id", "state", "create_time", "id"];
    Index::plain("dispatch", "dispatch_channel", all).create(manager).await?;
    Index::plain("dispatch", "dispatch_state", of_state).create(manager).await
}
