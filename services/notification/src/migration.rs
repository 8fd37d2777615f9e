//! The tables of this context.

mod m20261126_000901_notification;
mod m20261126_000902_channel;

use sea_orm_migration::MigrationTrait;

/// All of them, oldest first.
pub(crate) fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m20261126_000901_notification::Migration),
        Box::new(m20261126_000902_channel::Migration),
    ]
}
