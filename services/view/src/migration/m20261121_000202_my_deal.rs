//! The rows of a person's deals, and what posts call their goods.

use jangteo_kit::store::schema::{Index, key, name, number, table, text, uuid};
use sea_orm::{DbErr, DeriveMigrationName, sea_query::ColumnDef};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        deals(manager).await?;
        let goods = table(manager, "my_deal_goods")
            .col(number("generation"))
            .col(uuid("post_id"))
            .col(text("goods", 100))
            .primary_key(&mut key(&["generation", "post_id"]))
            .take();
        manager.create_table(goods).await
    }
}

async fn deals(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let create = table(manager, "my_deal")
        .col(number("generation"))
        .col(uuid("deal_id"))
        .col(uuid("offer_id"))
        .col(uuid("post_id"))
        .col(name("seller"))
        .col(name("buyer"))
        .col(number("price_krw"))
        .col(number("state"))
        .col(ColumnDef::new("meeting_time").big_integer())
        .col(number("create_time"))
        .col(number("update_time"))
        .col(number("change"))
        .primary_key(&mut key(&["generation", "deal_id"]))
        .take();
    manager.create_table(create).await?;
    for index in [
        Index::plain("my_deal", "my_deal_seller", &["generation", "seller", "deal_id"]),
        Index::plain("my_deal", "my_deal_buyer", &["generation", "buyer", "deal_id"]),
        Index::plain("my_deal", "my_deal_seller_change", &["generation", "seller", "change"]),
        Index::plain("my_deal", "my_deal_buyer_change", &["generation", "buyer", "change"]),
        Index::plain("my_deal", "my_deal_post", &["generation", "post_id"]),
    ] {
        index.create(manager).await?;
    }
    Ok(())
}
