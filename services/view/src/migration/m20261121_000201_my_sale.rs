//! The rows of my-page.

use jangteo_kit::store::schema::{Index, key, name, number, table, text, uuid};
use sea_orm::{DbErr, DeriveMigrationName, sea_query::ColumnDef};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let create = table(manager, "my_sale")
            .col(number("generation"))
            .col(uuid("post_id"))
            .col(name("seller"))
            .col(text("goods", 100))
            .col(number("price_krw"))
            .col(text("neighbourhood", 100))
            .col(number("state"))
            .col(ColumnDef::new("agreed_price_krw").big_integer())
            .col(ColumnDef::new("deal_id").uuid())
            .col(ColumnDef::new("buyer").string_len(64))
            .col(number("create_time"))
            .col(number("update_time"))
            .col(number("change"))
            .col(ColumnDef::new("removed").boolean().not_null())
            .primary_key(&mut key(&["generation", "post_id"]))
            .take();
        manager.create_table(create).await?;
        Index::plain("my_sale", "my_sale_seller", &["generation", "seller", "post_id"])
            .create(manager)
            .await?;
        Index::plain("my_sale", "my_sale_change", &["generation", "seller", "change"])
            .create(manager)
            .await
    }
}
