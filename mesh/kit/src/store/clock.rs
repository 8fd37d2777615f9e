//! The database's own clock: the one that all its replicas share.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

/// The SQL of the current time in ms since 1970, taken when the statement runs.
pub(crate) const fn now_sql(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
        DbBackend::MySql => "CAST(UNIX_TIMESTAMP(SYSDATE(3)) * 1000 AS SIGNED)",
        _ => "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
    }
}

/// The database's current time in ms since 1970.
///
/// # Errors
/// The database can't be reached.
pub async fn now_ms(db: &impl ConnectionTrait) -> Result<i64, DbErr> {
    let backend = db.get_database_backend();
    let select = Statement::from_string(backend, format!("SELECT {} AS now", now_sql(backend)));
    let row = db.query_one_raw(select).await?;
    row.ok_or_else(|| DbErr::RecordNotFound("the database tells no time".to_owned()))?
        .try_get("", "now")
}
