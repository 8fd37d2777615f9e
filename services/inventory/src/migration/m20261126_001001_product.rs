//! Products, with the indices of their lists.

use jangteo_kit::store::schema::{Index, aggregate, bytes, name, number, text};
use sea_orm::{DbErr, DeriveMigrationName};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let create = aggregate(manager, "product")
            .col(name("owner"))
            .col(text("name", 100))
            .col(text("name_folded", 300))
            .col(text("spec", 100))
            .col(number("price_krw"))
            .col(number("on_hand"))
            .col(name("state"))
            .col(bytes(manager, "held"))
            .take();
        manager.create_table(create).await?;
        let by_owner = &["owner", "create_time", "id"];
        Index::plain("product", "product_newest", &["create_time", "id"]).create(manager).await?;
        Index::plain("product", "product_owner", by_owner).create(manager).await?;
        let by_state = &["state", "create_time", "id"];
        Index::plain("product", "product_state", by_state).create(manager).await
    }
}
