//! Deliveries, with the indices of their lists.

use jangteo_kit::store::schema::{Index, NAME, aggregate, name};
use sea_orm::{DbErr, DeriveMigrationName, sea_query::ColumnDef};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let create = aggregate(manager, "delivery")
            .col(name("customer"))
            .col(name("seller"))
            .col(ColumnDef::new("courier").string_len(NAME))
            .col(ColumnDef::new("address").string_len(200))
            .col(ColumnDef::new("phone_number").string_len(30))
            .col(name("state"))
            .take();
        manager.create_table(create).await?;
        for index in [
            Index::plain("delivery", "delivery_customer", &["customer", "id"]),
            Index::plain("delivery", "delivery_seller", &["seller", "id"]),
            Index::plain("delivery", "delivery_courier", &["courier", "id"]),
            Index::plain("delivery", "delivery_state", &["state", "id"]),
        ] {
            index.create(manager).await?;
        }
        Ok(())
    }
}
