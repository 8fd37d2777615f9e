//! A SQLite file that another process writes to.

use futures::{future::join_all, poll};
use jangteo_kit::store::Failure;
use sea_orm::ConnectionTrait as _;
use tokio::time::timeout;

use crate::{
    place::{Place, SOON, ask, on},
    sample::word,
};

on!(sqlite Sqlite:
    a_unit_waits_for_another_process_to_finish,
    a_file_that_stays_locked_is_told_of_to_all_that_wait,
);

async fn a_unit_waits_for_another_process_to_finish(place: Place) {
    let store = place.store().await;
    let other = place.outside().await;
    for sql in ["BEGIN IMMEDIATE", "INSERT INTO word (word, n) VALUES ('theirs', 1)"] {
        other.execute_unprepared(sql).await.unwrap();
    }
    let mut mine = Box::pin(word::write(&store, "mine", 2));
    assert!(poll!(mine.as_mut()).is_pending());
    other.execute_unprepared("COMMIT").await.unwrap();
    mine.await.unwrap();
    let both = [("mine".to_owned(), 2), ("theirs".to_owned(), 1)];
    assert_eq!(word::all(&store).await, both);
}

async fn a_file_that_stays_locked_is_told_of_to_all_that_wait(place: Place) {
    let store = place.store().await;
    let other = place.outside().await;
    other.execute_unprepared("BEGIN IMMEDIATE").await.unwrap();
    let words: Vec<String> = (0..20).map(|n| format!("word {n}")).collect();
    // One after the other they would wait for 100 s.
    let all = timeout(SOON * 2, join_all(words.iter().map(|word| word::write(&store, word, 1))));
    for written in all.await.expect("they wait together") {
        let Err(Failure::Database(error)) = written else { panic!("{written:?}") };
        assert!(error.to_string().contains("locked"), "{error}");
    }
    other.execute_unprepared("ROLLBACK").await.unwrap();
    word::write(&store, "mine", 1).await.unwrap();
    assert_eq!(word::all(&store).await, [("mine".to_owned(), 1)]);
    let sound: String = ask(store.reader().unwrap(), "PRAGMA integrity_check").await;
    assert_eq!(sound, "ok");
}
