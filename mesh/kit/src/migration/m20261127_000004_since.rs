//! Since when something is waited for.

use sea_orm::{ConnectionTrait as _, DbErr, DeriveMigrationName};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait};

use crate::store::schema::{add_column, number};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_column(manager, "waiting", number("since").default(0i64)).await?;
        // Nobody knows it of those that are there. They have waited at least since they should have woken.
        let known = "UPDATE waiting SET since = wake_time WHERE since = 0";
        manager.get_connection().execute_unprepared(known).await.map(drop)
    }
}
