//! Charges, with the index of the ledger.

use jangteo_kit::store::schema::{Index, aggregate, name, number, text};
use sea_orm::{DbErr, DeriveMigrationName, sea_query::ColumnDef};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let create = aggregate(manager, "charge")
            .col(text("call_key", 200))
            .col(name("payer"))
            .col(number("amount_krw"))
            .col(ColumnDef::new("refunded").boolean().not_null())
            .take();
        manager.create_table(create).await?;
        Index::plain("charge", "charge_time", &["create_time", "id"]).create(manager).await
    }
}
