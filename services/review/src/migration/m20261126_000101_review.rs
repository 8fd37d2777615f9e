//! Reviews, with the indices of their lists.

use jangteo_kit::store::schema::{Index, aggregate, name, text, uuid};
use sea_orm::{DbErr, DeriveMigrationName, sea_query::ColumnDef};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let create = aggregate(manager, "review")
            .col(uuid("item_id"))
            .col(text("item_name", 100))
            .col(name("renter"))
            .col(name("owner"))
            .col(name("state"))
            .col(ColumnDef::new("score").integer())
            .col(ColumnDef::new("failed").text())
            .take();
        manager.create_table(create).await?;
        for index in [
            Index::plain("review", "review_renter", &["renter", "create_time", "id"]),
            Index::plain("review", "review_owner", &["owner", "create_time", "id"]),
            Index::plain("review", "review_state", &["state", "create_time", "id"]),
        ] {
            index.create(manager).await?;
        }
        Ok(())
    }
}
