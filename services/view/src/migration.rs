//! The tables of this context.

mod m20261121_000201_my_sale;
mod m20261121_000202_my_deal;
mod m20261121_000203_timeline;
mod m20261126_000204_item_board;
mod m20261126_000205_review_board;
mod m20261126_000206_my_deal_product;
mod m20261127_000207_order_board;
mod m20261127_000208_order_history;
mod m20261127_000209_product_board;
mod m20261127_000210_my_deal_refused;

use sea_orm_migration::MigrationTrait;

/// All of them, oldest first.
pub(crate) fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m20261121_000201_my_sale::Migration),
        Box::new(m20261121_000202_my_deal::Migration),
        Box::new(m20261121_000203_timeline::Migration),
        Box::new(m20261126_000204_item_board::Migration),
        Box::new(m20261126_000205_review_board::Migration),
        Box::new(m20261126_000206_my_deal_product::Migration),
        Box::new(m20261127_000207_order_board::Migration),
        Box::new(m20261127_000208_order_history::Migration),
        Box::new(m20261127_000209_product_board::Migration),
        Box::new(m20261127_000210_my_deal_refused::Migration),
    ]
}
