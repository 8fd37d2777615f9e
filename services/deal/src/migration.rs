//! The tables of this context.

mod m20261121_000301_deal;
mod m20261126_000302_product;

use sea_orm_migration::MigrationTrait;

/// All of them, oldest first.
pub(crate) fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(m20261121_000301_deal::Migration), Box::new(m20261126_000302_product::Migration)]
}
