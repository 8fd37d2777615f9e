//! The tables of this context.

mod m20261126_000501_payment;

use sea_orm_migration::MigrationTrait;

/// All of them, oldest first.
pub(crate) fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(m20261126_000501_payment::Migration)]
}
