//! Posts, with the indices of their lists.

use jangteo_kit::store::schema::{Index, aggregate, name, number, text};
use sea_orm::{DbErr, DeriveMigrationName, sea_query::ColumnDef};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let create = aggregate(manager, "post")
            .col(name("seller"))
            .col(text("goods", 100))
            .col(text("goods_folded", 300))
            .col(number("price_krw"))
            .col(text("neighbourhood", 100))
            .col(name("state"))
            .col(ColumnDef::new("deal_id").uuid())
            .col(ColumnDef::new("offer_id").uuid())
            .col(ColumnDef::new("buyer").string_len(64))
            .col(ColumnDef::new("agreed_price_krw").big_integer())
            .take();
        manager.create_table(create).await?;
        Index::plain("post", "post_seller", &["seller", "id"]).create(manager).await?;
        Index::plain("post", "post_state", &["state", "id"]).create(manager).await?;
        Index::plain("post", "post_neighbourhood", &["neighbourhood", "id"]).create(manager).await
    }
}
