//! The tables of this context.

mod m20261127_001101_order;
mod m20261128_001102_store;

use sea_orm_migration::MigrationTrait;

/// All of them, oldest first.
pub(crate) fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(m20261127_001101_order::Migration), Box::new(m20261128_001102_store::Migration)]
}
