//! Deals that could not be made among those of a person.

use jangteo_kit::store::schema::add_column;
use sea_orm::{DbErr, DeriveMigrationName, sea_query::ColumnDef};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_column(manager, "my_deal", ColumnDef::new("refusal_reason").string_len(50)).await
    }
}
