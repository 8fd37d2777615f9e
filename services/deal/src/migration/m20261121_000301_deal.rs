//! Deals, with the indices of their lists.

use jangteo_kit::store::schema::{Index, aggregate, name, text, uuid};
use sea_orm::{DbErr, DeriveMigrationName, sea_query::ColumnDef};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let create = aggregate(manager, "deal")
            .col(uuid("offer_id"))
            .col(name("seller"))
            .col(ColumnDef::new("meeting_time").big_integer())
            .col(text("meeting_place", 100))
            .col(name("state"))
            .col(ColumnDef::new("post_id").uuid())
            .col(ColumnDef::new("buyer").string_len(64))
            .col(ColumnDef::new("price_krw").big_integer())
            .col(ColumnDef::new("why").text())
            .take();
        manager.create_table(create).await?;
        Index::plain("deal", "deal_seller", &["seller", "id"]).create(manager).await?;
        Index::plain("deal", "deal_buyer", &["buyer", "id"]).create(manager).await
    }
}
