//! The rows of the board of products.

use jangteo_kit::store::schema::{Index, key, name, number, table, text, uuid};
use sea_orm::{DbErr, DeriveMigrationName, sea_query::ColumnDef};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let create = table(manager, "product_board")
            .col(number("generation"))
            .col(uuid("product_id"))
            .col(name("owner"))
            .col(text("name", 100))
            .col(text("name_folded", 300))
            .col(text("spec", 100))
            .col(number("price_krw"))
            .col(number("on_hand"))
            .col(number("available"))
            .col(ColumnDef::new("released").boolean().not_null())
            .col(ColumnDef::new("store_id").uuid())
            .col(number("create_time"))
            .col(number("update_time"))
            .col(number("change"))
            .primary_key(&mut key(&["generation", "product_id"]))
            .take();
        manager.create_table(create).await?;
        let of = |name, columns| Index::plain("product_board", name, columns);
        for index in [
            of("product_board_owner", &["generation", "owner", "product_id"]),
            of("product_board_change", &["generation", "change"]),
        ] {
            index.create(manager).await?;
        }
        Ok(())
    }
}
