//! The tables of this context.

mod m20261126_001001_product;
mod m20261128_001002_store;

use sea_orm_migration::MigrationTrait;

/// All of them, oldest first.
pub(crate) fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(m20261126_001001_product::Migration), Box::new(m20261128_001002_store::Migration)]
}
