//! What every table has in common, on all three databases.

use sea_orm::{
    DbBackend, DbErr,
    sea_query::{
        ColumnDef, Index as CreateIndex, IndexCreateStatement, IntoIden, Table,
        TableCreateStatement,
    },
};
use sea_orm_migration::SchemaManager;

/// Characters of a user's name, a context, a kind: whatever is a key of text.
pub const NAME: u32 = 64;

/// A new table. Text compares byte by byte, also on MariaDB, whose own default takes `a` for `A`.
pub fn table(manager: &SchemaManager<'_>, name: impl IntoIden) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(name.into_iden()).if_not_exists();
    if manager.get_database_backend() == DbBackend::MySql {
        table.engine("InnoDB").character_set("utf8mb4").collate("utf8mb4_nopad_bin");
    }
    table
}

/// A name that is never absent.
pub fn name(column: impl IntoIden) -> ColumnDef {
    ColumnDef::new(column).string_len(NAME).not_null().take()
}

/// A text of at most `characters`, never absent.
pub fn text(column: impl IntoIden, characters: u32) -> ColumnDef {
    ColumnDef::new(column).string_len(characters).not_null().take()
}

/// An id that is never absent.
pub fn uuid(column: impl IntoIden) -> ColumnDef {
    ColumnDef::new(column).uuid().not_null().take()
}

/// A number, or a time in ms since 1970, never absent.
pub fn number(column: impl IntoIden) -> ColumnDef {
    ColumnDef::new(column).big_integer().not_null().take()
}

/// What the kit keeps of every aggregate, beside the context's own columns: `id`, `revision`,
/// `sequence`, `correlation_id`, `create_time`, `update_time`.
pub fn aggregate(manager: &SchemaManager<'_>, name: impl IntoIden) -> TableCreateStatement {
    let mut table = table(manager, name);
    table
        .col(uuid("id").primary_key())
        .col(number("revision"))
        .col(number("sequence"))
        .col(uuid("correlation_id"))
        .col(number("create_time"))
        .col(number("update_time"));
    table
}

/// Adds a column to a table, alone: SQLite adds one at a time, and a migration that broke off is run
/// again.
///
/// # Errors
/// The database's own.
pub async fn add_column(
    manager: &SchemaManager<'_>,
    table: &'static str,
    column: &mut ColumnDef,
) -> Result<(), DbErr> {
    let column = column.take();
    if manager.has_column(table, column.get_column_name()).await? {
        return Ok(());
    }
    manager.alter_table(Table::alter().table(table).add_column(column).take()).await
}

/// Bytes of up to 4 GiB, never absent.
pub fn bytes(manager: &SchemaManager<'_>, column: impl IntoIden) -> ColumnDef {
    let mut column = ColumnDef::new(column);
    match manager.get_database_backend() {
        DbBackend::MySql => column.custom("LONGBLOB"),
        _ => column.blob(),
    };
    column.not_null().take()
}

/// A primary key of several columns.
pub fn key(columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = CreateIndex::create();
    for column in columns {
        index.col(*column);
    }
    index.take()
}

/// An index beside the primary key.
pub struct Index {
    table: &'static str,
    name: &'static str,
    columns: &'static [&'static str],
    unique: bool,
}

impl Index {
    /// One that finds rows.
    pub fn plain(
        table: &'static str,
        name: &'static str,
        columns: &'static [&'static str],
    ) -> Self {
        Self { table, name, columns, unique: false }
    }

    /// One that also refuses a second row of the same columns.
    pub fn unique(
        table: &'static str,
        name: &'static str,
        columns: &'static [&'static str],
    ) -> Self {
        Self { table, name, columns, unique: true }
    }

    /// Creates it unless it is there: a migration that broke off on MariaDB is run again.
    ///
    /// # Errors
    /// The database's own.
    pub async fn create(self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        if manager.has_index(self.table, self.name).await? {
            return Ok(());
        }
        let mut index = key(self.columns);
        index.name(self.name).table(self.table);
        if self.unique {
            index.unique();
        }
        manager.create_index(index).await
    }
}
