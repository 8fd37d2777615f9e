//! What read models show in a SQLite database, beside what they show in memory: each value as a literal of
//! SQL, since nothing else is known of both.

use std::collections::BTreeMap;

use jangteo_kit::simulated::Columns;
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, DbErr, Statement, Value};

/// A row: its table, and its columns that hold anything.
pub(crate) type Row = (String, BTreeMap<String, String>);

/// The columns of each table whose rows belong to generations: not those of `read_model`, which are the
/// generations.
const TABLES: &str = "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c \
    WHERE m.type = 'table' AND m.name <> 'read_model' AND EXISTS \
    (SELECT 1 FROM pragma_table_info(m.name) g WHERE g.name = 'generation') ORDER BY m.name";

/// The rows of read models in a database, in order.
///
/// # Errors
/// It can't be read.
pub(crate) async fn shown(url: &str) -> Result<Vec<Row>, DbErr> {
    let db = Database::connect(url).await?;
    let mut rows = vec![];
    for (table, columns) in tables(&db).await? {
        rows.extend(of(&db, &table, &columns).await?);
    }
    db.close().await?;
    rows.sort();
    Ok(rows)
}

/// The same rows in memory.
pub(crate) fn literals(shown: &[(String, Columns)]) -> Vec<Row> {
    let rows = shown.iter().map(|(place, columns)| {
        let table = place.split(' ').next().unwrap_or_default().to_owned();
        (table, columns.iter().map(|(name, value)| ((*name).to_owned(), literal(value))).collect())
    });
    let mut rows: Vec<Row> = rows.collect();
    rows.sort();
    rows
}

async fn tables(db: &DatabaseConnection) -> Result<BTreeMap<String, Vec<String>>, DbErr> {
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in db.query_all_raw(Statement::from_string(db.get_database_backend(), TABLES)).await? {
        let (table, column): (String, String) = (row.try_get_by(0)?, row.try_get_by(1)?);
        if !["generation", "change"].contains(&column.as_str()) {
            tables.entry(table).or_default().push(column);
        }
    }
    Ok(tables)
}

async fn of(db: &DatabaseConnection, table: &str, columns: &[String]) -> Result<Vec<Row>, DbErr> {
    let quoted: Vec<_> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
    let sql = format!("SELECT {} FROM \"{table}\"", quoted.join(", "));
    let mut rows = vec![];
    for row in db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await? {
        let mut held = BTreeMap::new();
        for (at, column) in columns.iter().enumerate() {
            held.insert(column.clone(), row.try_get_by::<String, _>(at)?);
        }
        held.retain(|_, value| value != "NULL");
        rows.push((table.to_owned(), held));
    }
    Ok(rows)
}

/// A value as SQLite's `quote` says it.
fn literal(value: &Value) -> String {
    let hex =
        |bytes: &[u8]| bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02X}"));
    match value {
        Value::Uuid(Some(id)) => format!("X'{}'", hex(id.as_bytes())),
        Value::Bytes(Some(bytes)) => format!("X'{}'", hex(bytes)),
        Value::String(Some(text)) => format!("'{}'", text.replace('\'', "''")),
        Value::Bool(Some(yes)) => i32::from(*yes).to_string(),
        number => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ID: Uuid = Uuid::from_u128(0xAB);

    async fn filled(url: &str) {
        let db = Database::connect(url).await.unwrap();
        db.execute_unprepared(
            "CREATE TABLE thing (generation INTEGER, id BLOB, name TEXT, won INTEGER, gone BOOLEAN, note TEXT, change INTEGER);
             CREATE TABLE other (id BLOB)",
        )
        .await
        .unwrap();
        let insert = "INSERT INTO thing VALUES (3, ?, 'it''s', 600000, 1, NULL, 17)";
        let values = [ID.into()];
        db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), insert, values))
            .await
            .unwrap();
        db.close().await.unwrap();
    }

    fn thing(name: &str) -> Vec<(String, Columns)> {
        let columns: Columns = [
            ("id", Value::from(ID)),
            ("name", Value::from(name)),
            ("won", Value::from(600_000i64)),
            ("gone", Value::from(true)),
        ]
        .into();
        vec![("thing 00000000-0000-0000-0000-0000000000ab ".to_owned(), columns)]
    }

    #[tokio::test]
    async fn rows_are_the_same_in_memory_and_in_a_database_if_they_say_the_same() {
        let folder = jangteo_testing::scratch::directory("shown").unwrap();
        let url = format!("sqlite://{}/view.db?mode=rwc", folder.path().display());
        filled(&url).await;
        let shown = shown(&url).await.unwrap();
        assert_eq!(shown, literals(&thing("it's")));
        assert_ne!(shown, literals(&thing("its")));
    }
}
