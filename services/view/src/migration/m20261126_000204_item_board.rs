//! The rows of an owner's board: his items, and what became of their rentals.

use jangteo_kit::store::schema::{Index, key, name, number, table, text, uuid};
use sea_orm::{DbErr, DeriveMigrationName, sea_query::ColumnDef};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        items(manager).await?;
        let rentals = table(manager, "item_board_rental")
            .col(number("generation"))
            .col(uuid("rental_id"))
            .col(ColumnDef::new("paid").boolean())
            .col(ColumnDef::new("pay_time").big_integer())
            .col(ColumnDef::new("score").integer())
            .col(ColumnDef::new("score_time").big_integer())
            .primary_key(&mut key(&["generation", "rental_id"]))
            .take();
        manager.create_table(rentals).await
    }
}

async fn items(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let create = table(manager, "item_board_item")
        .col(number("generation"))
        .col(uuid("item_id"))
        .col(name("owner"))
        .col(text("name", 100))
        .col(number("price_krw"))
        .col(ColumnDef::new("rental_id").uuid())
        .col(ColumnDef::new("renter").string_len(64))
        .col(number("rental_status"))
        .col(ColumnDef::new("retired").boolean().not_null())
        .col(number("create_time"))
        .col(number("update_time"))
        .col(number("change"))
        .col(ColumnDef::new("removed").boolean().not_null())
        .primary_key(&mut key(&["generation", "item_id"]))
        .take();
    manager.create_table(create).await?;
    let of = |name, columns| Index::plain("item_board_item", name, columns);
    for index in [
        of("item_board_item_owner", &["generation", "owner", "item_id"]),
        of("item_board_item_change", &["generation", "owner", "change"]),
        of("item_board_item_rental", &["generation", "rental_id"]),
    ] {
        index.create(manager).await?;
    }
    Ok(())
}
