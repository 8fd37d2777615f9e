//! Rentals, with the indices of their lists.

use jangteo_kit::store::schema::{Index, aggregate, name, number, uuid};
use sea_orm::{DbErr, DeriveMigrationName, sea_query::ColumnDef};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let create = aggregate(manager, "rental")
            .col(uuid("item_id"))
            .col(name("renter"))
            .col(number("payments"))
            .col(number("withholds"))
            .col(name("state"))
            .col(ColumnDef::new("owner").string_len(64))
            .col(ColumnDef::new("item_name").string_len(100))
            .col(ColumnDef::new("price_krw").big_integer())
            .col(ColumnDef::new("pay_by").big_integer())
            .col(ColumnDef::new("payment_id").uuid())
            .col(ColumnDef::new("and_then").string_len(64))
            .col(ColumnDef::new("reason").string_len(64))
            .col(ColumnDef::new("why").text())
            .take();
        manager.create_table(create).await?;
        let renter = &["renter", "create_time", "id"];
        Index::plain("rental", "rental_renter", renter).create(manager).await?;
        Index::plain("rental", "rental_owner", &["owner", "create_time", "id"])
            .create(manager)
            .await
    }
}
