//! A SQLite file that has no room to grow.

use futures::future::join_all;
use jangteo_kit::store::{Failure, Store};
use sea_orm::ConnectionTrait as _;

use crate::{
    place::{Place, ask, count, on},
    sample::word::{self, Outcome},
};

on!(sqlite Sqlite: a_full_disk_is_told_of_and_nothing_is_lost);

/// Writes 100 kB into a file that must not grow beyond so many pages.
async fn fill(store: &Store, n: i64, pages: i64) -> Outcome {
    let limit = format!("PRAGMA max_page_count = {pages}");
    let insert = format!(
        "INSERT INTO request (principal, method, request_id, body_hash, reply, token, time)
         VALUES ('{n}', '', x'', x'', zeroblob(100000), '', 0)"
    );
    let sql = [limit, insert];
    let filled = store.unit(move |tx| {
        let sql = sql.clone();
        Box::pin(async move {
            for sql in &sql {
                tx.execute_unprepared(sql).await?;
            }
            Ok(())
        })
    });
    filled.await
}

async fn a_full_disk_is_told_of_and_nothing_is_lost(place: Place) {
    let store = place.store().await;
    fill(&store, 0, 1000).await.unwrap();
    let full: i64 = ask(store.reader().unwrap(), "PRAGMA page_count").await;
    for written in join_all((1..=10).map(|n| fill(&store, n, full))).await {
        let Err(Failure::Database(error)) = written else { panic!("{written:?}") };
        assert!(error.to_string().contains("full"), "{error}");
    }
    assert_eq!(count(&store, "request").await, 1);
    // What needs no room is still done.
    word::write(&store, "small", 1).await.unwrap();

    for written in join_all((1..=10).map(|n| fill(&store, n, full + 1000))).await {
        written.unwrap();
    }
    assert_eq!(count(&store, "request").await, 11);
    assert_eq!(word::all(&store).await, [("small".to_owned(), 1)]);
    let sound: String = ask(store.reader().unwrap(), "PRAGMA integrity_check").await;
    assert_eq!(sound, "ok");
}
