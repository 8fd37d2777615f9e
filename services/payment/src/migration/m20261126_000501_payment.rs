//! Payments, with the indices of their lists.

use jangteo_kit::store::schema::{Index, aggregate, name, number, text};
use sea_orm::{DbErr, DeriveMigrationName, sea_query::ColumnDef};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let create = aggregate(manager, "payment")
            .col(text("call_key", 200))
            .col(text("resource", 200))
            .col(name("payer"))
            .col(name("payee"))
            .col(number("amount_krw"))
            .col(name("state"))
            .col(ColumnDef::new("why").text())
            .take();
        manager.create_table(create).await?;
        Index::plain("payment", "payment_payer", &["payer", "create_time", "id"])
            .create(manager)
            .await
    }
}
