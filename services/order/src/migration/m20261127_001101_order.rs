//! Orders, with the indices of their lists.

use jangteo_kit::store::schema::{Index, aggregate, name, number, text};
use sea_orm::{DbErr, DeriveMigrationName, sea_query::ColumnDef};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let create = aggregate(manager, "customer_order")
            .col(name("customer"))
            .col(ColumnDef::new("wanted").text().not_null())
            .col(text("address", 200))
            .col(text("phone_number", 30))
            .col(ColumnDef::new("expected_total_krw").big_integer())
            .col(number("cancels"))
            .col(name("state"))
            .col(ColumnDef::new("seller").string_len(64))
            .col(ColumnDef::new("sold").text())
            .col(ColumnDef::new("payment_id").uuid())
            .col(ColumnDef::new("cancelling_from").string_len(64))
            .col(ColumnDef::new("why").text())
            .take();
        manager.create_table(create).await?;
        let by_customer = &["customer", "id"];
        Index::plain("customer_order", "order_customer", by_customer).create(manager).await?;
        Index::plain("customer_order", "order_seller", &["seller", "id"]).create(manager).await
    }
}
