//! Deals on pieces of a product. SQLite can't make `offer_id` one that may be absent: there it is nil.

use jangteo_kit::store::schema::add_column;
use sea_orm::{DbErr, DeriveMigrationName, sea_query::ColumnDef};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_column(manager, "deal", ColumnDef::new("product_id").uuid()).await?;
        add_column(manager, "deal", ColumnDef::new("quantity").big_integer()).await
    }
}
