//! The tables that the kit keeps in every context's database.

mod m20261121_000001_kit;
mod m20261121_000002_saga;
mod m20261125_000003_discarded;
mod m20261127_000004_since;

use sea_orm_migration::MigrationTrait;

/// All of them, oldest first.
pub(crate) fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m20261121_000001_kit::Migration),
        Box::new(m20261121_000002_saga::Migration),
        Box::new(m20261125_000003_discarded::Migration),
        Box::new(m20261127_000004_since::Migration),
    ]
}
