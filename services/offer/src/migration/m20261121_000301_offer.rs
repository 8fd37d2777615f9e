//! Offers, with the indices of their lists, and one accepted offer per post.

use jangteo_kit::store::schema::{Index, NAME, aggregate, name, number, uuid};
use sea_orm::{DbErr, DeriveMigrationName, sea_query::ColumnDef};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let create = aggregate(manager, "offer")
            .col(uuid("post_id"))
            .col(name("buyer"))
            .col(ColumnDef::new("proposed_krw").big_integer())
            .col(number("open_since"))
            .col(number("checks"))
            .col(name("state"))
            .col(ColumnDef::new("asks_again").boolean().not_null())
            .col(ColumnDef::new("seller").string_len(NAME))
            .col(ColumnDef::new("list_price_krw").big_integer())
            .col(ColumnDef::new("deal_id").uuid())
            .col(ColumnDef::new("was").string_len(NAME))
            .col(ColumnDef::new("why").text())
            .col(ColumnDef::new("accepted_post").uuid())
            .take();
        manager.create_table(create).await?;
        // By post and id it is also the order in which a policy goes through a post's offers.
        Index::plain("offer", "offer_post", &["post_id", "id"]).create(manager).await?;
        Index::plain("offer", "offer_buyer", &["buyer", "id"]).create(manager).await?;
        Index::plain("offer", "offer_seller", &["seller", "id"]).create(manager).await?;
        Index::unique("offer", "accepted_post", &["accepted_post"]).create(manager).await
    }
}
