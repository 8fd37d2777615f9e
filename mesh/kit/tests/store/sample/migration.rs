//! The sample's tables.

use jangteo_kit::store::schema::{aggregate, name, number, table, text};
use sea_orm::{DbErr, sea_query::ColumnDef};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261121_000901_sample"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let counter = aggregate(manager, "counter")
            .col(number("total"))
            .col(text("note", 100))
            .col(ColumnDef::new("remark").string_len(100))
            .take();
        manager.create_table(counter).await?;
        let word = table(manager, "word").col(name("word").primary_key()).col(number("n")).take();
        manager.create_table(word).await
    }
}
