//! The rows of the review board.

use jangteo_kit::store::schema::{Index, key, name, number, table, text, uuid};
use sea_orm::{DbErr, DeriveMigrationName, sea_query::ColumnDef};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let create = table(manager, "review_board")
            .col(number("generation"))
            .col(uuid("rental_id"))
            .col(uuid("item_id"))
            .col(text("item_name", 100))
            .col(name("renter"))
            .col(name("owner"))
            .col(ColumnDef::new("score").integer().not_null())
            .col(number("write_time"))
            .col(number("change"))
            .primary_key(&mut key(&["generation", "rental_id"]))
            .take();
        manager.create_table(create).await?;
        let of = |name, columns| Index::plain("review_board", name, columns);
        for index in [
            of("review_board_time", &["generation", "write_time", "rental_id"]),
            of("review_board_owner", &["generation", "owner", "write_time", "rental_id"]),
            of("review_board_change", &["generation", "change"]),
        ] {
            index.create(manager).await?;
        }
        Ok(())
    }
}
