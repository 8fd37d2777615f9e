//! The rows of what people have ordered: a row an order, and its columns each of one source.

use jangteo_kit::store::schema::{Index, NAME, key, number, table, uuid};
use sea_orm::{DbErr, DeriveMigrationName, sea_query::ColumnDef};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let create = table(manager, "order_history")
            .col(number("generation"))
            .col(uuid("order_id"))
            .col(ColumnDef::new("customer").string_len(NAME))
            .col(ColumnDef::new("pieces").big_integer())
            .col(ColumnDef::new("total_krw").big_integer())
            .col(ColumnDef::new("create_time").big_integer())
            .col(ColumnDef::new("order_status").big_integer())
            .col(ColumnDef::new("order_time").big_integer())
            .col(ColumnDef::new("payment_status").big_integer())
            .col(ColumnDef::new("payment_time").big_integer())
            .col(ColumnDef::new("delivery_status").big_integer())
            .col(ColumnDef::new("delivery_time").big_integer())
            .col(number("change"))
            .primary_key(&mut key(&["generation", "order_id"]))
            .take();
        manager.create_table(create).await?;
        let of = |name, columns| Index::plain("order_history", name, columns);
        for index in [
            of("order_history_customer", &["generation", "customer", "order_id"]),
            of("order_history_change", &["generation", "customer", "change"]),
        ] {
            index.create(manager).await?;
        }
        Ok(())
    }
}
