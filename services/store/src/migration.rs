//! The tables of this context.

mod m20261127_001301_store;
mod m20261127_001302_ticket;

use sea_orm_migration::MigrationTrait;

/// All of them, oldest first.
pub(crate) fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(m20261127_001301_store::Migration), Box::new(m20261127_001302_ticket::Migration)]
}
