//! Durable means durable: what the store's own connections say of themselves.

use std::sync::Arc;

use futures::future::join_all;
use jangteo_kit::store::Store;
use sea_orm::ConnectionTrait as _;
use tokio::sync::Barrier;

use crate::{
    place::{Place, ask, on},
    sample::word::{self, Outcome},
};

on!(sqlite Sqlite: the_sqlite_writer_syncs_every_commit, the_sqlite_reader_cannot_write);
on!(postgres Postgres: every_postgres_connection_is_as_designed);
on!(mariadb MariaDb: every_mariadb_connection_is_as_designed);

async fn in_unit(store: &Store, sql: &'static str) -> i64 {
    let asked = store.unit(move |tx| Box::pin(async move { Outcome::Ok(ask(tx, sql).await) }));
    asked.await.unwrap()
}

async fn the_sqlite_writer_syncs_every_commit(place: Place) {
    let store = place.store().await;
    let full = 2;
    assert_eq!(in_unit(&store, "PRAGMA synchronous").await, full);
    assert_eq!(in_unit(&store, "PRAGMA foreign_keys").await, 1);
    let mode: String = ask(store.reader().unwrap(), "PRAGMA journal_mode").await;
    assert_eq!(mode, "wal");
}

async fn the_sqlite_reader_cannot_write(place: Place) {
    let store = place.store().await;
    let reader = store.reader().unwrap();
    let written = reader.execute_unprepared("INSERT INTO word (word, n) VALUES ('a', 1)").await;
    assert!(written.unwrap_err().to_string().contains("readonly"));
    assert_eq!(word::all(&store).await, []);
}

/// What each connection of the pool answers, all of them at once.
async fn on_every_connection(store: &Store, sql: &'static str) -> Vec<String> {
    let all = Arc::new(Barrier::new(10));
    let asked = join_all((0..10).map(|_| {
        let all = all.clone();
        store.unit(move |tx| {
            let all = all.clone();
            Box::pin(async move {
                all.wait().await;
                Outcome::Ok(ask(tx, sql).await)
            })
        })
    }));
    asked.await.into_iter().map(Result::unwrap).collect()
}

async fn every_postgres_connection_is_as_designed(place: Place) {
    let store = place.store().await;
    for (sql, value) in [
        ("SHOW transaction_isolation", "read committed"),
        ("SHOW synchronous_commit", "on"),
        ("SHOW client_encoding", "UTF8"),
    ] {
        assert_eq!(on_every_connection(&store, sql).await, [value; 10], "{sql}");
    }
}

async fn every_mariadb_connection_is_as_designed(place: Place) {
    let store = place.store().await;
    for (sql, value) in [
        ("SELECT @@session.tx_isolation", "READ-COMMITTED"),
        ("SELECT @@session.collation_connection", "utf8mb4_bin"),
        ("SELECT CAST(@@innodb_flush_log_at_trx_commit AS CHAR)", "1"),
    ] {
        assert_eq!(on_every_connection(&store, sql).await, [value; 10], "{sql}");
    }
}
