//! The smallest context there is: words that are counted, and a counter as its aggregate.

pub(crate) mod counter;
pub(crate) mod follow;
mod migration;
pub(crate) mod word;

use sea_orm_migration::MigrationTrait;

/// The sample's migrations.
pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(migration::Migration)]
}
