//! What operators have passed over.

use sea_orm::{DbErr, DeriveMigrationName};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait};

use crate::store::schema::{key, name, number, table, uuid};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let create = table(manager, "discarded")
            .col(name("follower"))
            .col(name("source"))
            .col(name("kind"))
            .col(uuid("aggregate_id"))
            .col(number("sequence"))
            .col(number("time"))
            .primary_key(&mut key(&["follower", "source", "kind", "aggregate_id", "sequence"]))
            .take();
        manager.create_table(create).await
    }
}
