//! Rows of any of the three databases, column by column.

use anyhow::{Context as _, Result};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, QueryResult, Statement};
use uuid::Uuid;

/// Opens a database to be read.
pub(super) async fn open(url: &str) -> Result<DatabaseConnection> {
    crate::database::connect(url).await
}

/// All rows of a table. Columns are named by the reader, since many names are SQL's own words.
pub(super) async fn all(db: &DatabaseConnection, table: &str) -> Result<Vec<Row>> {
    let select =
        Statement::from_string(db.get_database_backend(), format!("SELECT * FROM {table}"));
    let rows = db.query_all_raw(select).await.with_context(|| format!("read {table}"))?;
    Ok(rows.into_iter().map(Row).collect())
}

/// One row.
pub(super) struct Row(QueryResult);

impl Row {
    pub(super) fn number(&self, column: &str) -> Result<i64> {
        self.number_or_null(column)?.with_context(|| format!("{column} is null"))
    }

    pub(super) fn number_or_null(&self, column: &str) -> Result<Option<i64>> {
        // PostgreSQL hands a number out in its own width only.
        let wide = self.0.try_get::<Option<i64>>("", column);
        Ok(wide
            .or_else(|_| Ok(self.0.try_get::<Option<i32>>("", column)?.map(i64::from)))
            .map_err(|error: sea_orm::DbErr| error)?)
    }

    pub(super) fn flag(&self, column: &str) -> Result<bool> {
        self.0.try_get("", column).or_else(|_| Ok(self.number(column)? != 0))
    }

    pub(super) fn text(&self, column: &str) -> Result<String> {
        Ok(self.0.try_get("", column)?)
    }

    /// A text that may be absent; an empty one is absent as well.
    pub(super) fn text_or_null(&self, column: &str) -> Result<String> {
        Ok(self.0.try_get::<Option<String>>("", column)?.unwrap_or_default())
    }

    pub(super) fn id(&self, column: &str) -> Result<Uuid> {
        Ok(self.0.try_get("", column)?)
    }

    /// An id that may be absent, as text; an absent one is empty.
    pub(super) fn id_or_null(&self, column: &str) -> Result<String> {
        let id = self.0.try_get::<Option<Uuid>>("", column);
        id.map(|id| id.map(|id| id.to_string()).unwrap_or_default())
            .or_else(|_| self.text_or_null(column))
    }

    pub(super) fn bytes(&self, column: &str) -> Result<Vec<u8>> {
        Ok(self.0.try_get("", column)?)
    }
}
