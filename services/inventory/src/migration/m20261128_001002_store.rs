//! Products may be made to order by a store, whose menu is listed.

use jangteo_kit::store::schema::{Index, add_column};
use sea_orm::{DbErr, DeriveMigrationName, sea_query::ColumnDef};
use sea_orm_migration::{MigrationTrait, SchemaManager, async_trait};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_column(manager, "product", ColumnDef::new("store_id").uuid()).await?;
        let by_store = &["store_id", "create_time", "id"];
        Index::plain("product", "product_store", by_store).create(manager).await
    }
}
