//! Items, with the indices of their lists.

use jangteo_kit::store::schema::{Index, aggregate, name, number, text};
use sea_orm::{DbErr, DeriveMigrationName, sea_query::ColumnDef};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let create = aggregate(manager, "item")
            .col(name("owner"))
            .col(text("name", 100))
            .col(text("name_folded", 300))
            .col(number("price_krw"))
            .col(name("state"))
            .col(ColumnDef::new("rental_id").uuid())
            .col(ColumnDef::new("renter").string_len(64))
            .col(ColumnDef::new("paid").big_integer())
            .col(ColumnDef::new("withheld").big_integer())
            .take();
        manager.create_table(create).await?;
        Index::plain("item", "item_newest", &["create_time", "id"]).create(manager).await?;
        Index::plain("item", "item_owner", &["owner", "create_time", "id"]).create(manager).await?;
        Index::plain("item", "item_state", &["state", "create_time", "id"]).create(manager).await
    }
}
