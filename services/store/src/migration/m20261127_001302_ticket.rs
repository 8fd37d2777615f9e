//! Tickets, with the indices of their lists.

use jangteo_kit::store::schema::{Index, NAME, aggregate, name, uuid};
use sea_orm::{DbErr, DeriveMigrationName, sea_query::ColumnDef};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let create = aggregate(manager, "ticket")
            .col(uuid("store_id"))
            .col(name("customer"))
            .col(name("seller"))
            .col(ColumnDef::new("lines").text().not_null())
            .col(name("state"))
            .col(ColumnDef::new("reject_reason").string_len(NAME))
            .take();
        manager.create_table(create).await?;
        for index in [
            Index::plain("ticket", "ticket_seller", &["seller", "id"]),
            Index::plain("ticket", "ticket_state", &["seller", "state", "id"]),
            Index::plain("ticket", "ticket_store", &["store_id", "id"]),
        ] {
            index.create(manager).await?;
        }
        Ok(())
    }
}
