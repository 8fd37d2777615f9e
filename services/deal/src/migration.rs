//! The tables of this context.

mod m20261121_000301_deal;

use sea_orm_migration::MigrationTrait;

/// All of them, oldest first.
pub(crate) fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(m20261121_000301_deal::Migration)]
}
