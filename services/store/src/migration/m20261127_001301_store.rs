//! Stores, with the indices of their lists.

use jangteo_kit::store::schema::{Index, aggregate, name, text};
use sea_orm::{DbErr, DeriveMigrationName};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let create = aggregate(manager, "store")
            .col(name("owner"))
            .col(text("name", 100))
            .col(text("name_folded", 300))
            .take();
        manager.create_table(create).await?;
        let by_owner = &["owner", "create_time", "id"];
        Index::plain("store", "store_newest", &["create_time", "id"]).create(manager).await?;
        Index::plain("store", "store_owner", by_owner).create(manager).await
    }
}
