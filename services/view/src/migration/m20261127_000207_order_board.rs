//! The rows of the board of orders: a row an order, and its columns each of one source.

use jangteo_kit::store::schema::{Index, NAME, key, number, table, uuid};
use sea_orm::{DbErr, DeriveMigrationName, sea_query::ColumnDef};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait};

/// When something became of the order.
const TIMES: [&str; 10] = [
    "place_time",
    "cancel_time",
    "accept_time",
    "cook_start_time",
    "cook_time",
    "delivery_start_time",
    "pick_up_time",
    "deliver_time",
    "pay_time",
    "refund_time",
];

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut create = table(manager, "order_board");
        create
            .col(number("generation"))
            .col(uuid("order_id"))
            .col(ColumnDef::new("customer").string_len(NAME))
            .col(ColumnDef::new("seller").string_len(NAME))
            .col(ColumnDef::new("store_id").uuid())
            .col(ColumnDef::new("ordered").blob())
            .col(ColumnDef::new("total_krw").big_integer())
            .col(ColumnDef::new("cancel_reason").string_len(NAME))
            .col(number("change"))
            .primary_key(&mut key(&["generation", "order_id"]));
        for time in TIMES {
            create.col(ColumnDef::new(time).big_integer());
        }
        manager.create_table(create).await?;
        let of = |name, columns| Index::plain("order_board", name, columns);
        for index in [
            of("order_board_customer", &["generation", "customer", "order_id"]),
            of("order_board_seller", &["generation", "seller", "order_id"]),
            of("order_board_customer_change", &["generation", "customer", "change"]),
            of("order_board_seller_change", &["generation", "seller", "change"]),
        ] {
            index.create(manager).await?;
        }
        Ok(())
    }
}
