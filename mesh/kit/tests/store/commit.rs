//! Connections that are lost while a commit is under way: nobody can know what became of it, and
//! whoever repeats his request gets one effect.

use std::sync::Arc;

use jangteo::errors::reason;
use jangteo_kit::store::Failure;
use jangteo_testing::{MariaDb, Proxy, until};
use sea_orm::{ConnectionTrait as _, DatabaseConnection};
use tonic::Code;
use uuid::Uuid;

use crate::{
    place::{Place, SOON, ask, count, on, on_servers, outside_of, store_at},
    sample::{
        counter::{Command, stored, tell_as},
        word,
    },
};

on_servers!(a_commit_that_was_never_heard_is_unknown_and_did_not_happen);
on!(postgres Postgres: a_repeat_after_an_unanswered_postgres_commit_has_one_effect);

const ID: Uuid = Uuid::from_u128(7);

async fn a_commit_that_was_never_heard_is_unknown_and_did_not_happen(place: Place) {
    let proxy = Arc::new(Proxy::before(&place.url).await.unwrap());
    let store = store_at(proxy.url()).await;
    let cutter = proxy.clone();
    let written = store
        .unit(move |tx| {
            let cutter = cutter.clone();
            Box::pin(async move {
                word::insert(tx, "unheard", 1).await?;
                cutter.cut().await;
                Ok(())
            })
        })
        .await;
    assert!(matches!(written, Err(Failure::Ambiguous(_))), "{written:?}");
    proxy.restore().await.unwrap();
    word::write(&store, "unheard", 2).await.unwrap();
    assert_eq!(word::all(&store).await, [("unheard".to_owned(), 2)]);
}

/// Asks for an effect, cuts the connection once `waits` sees its commit wait, lets the commit go on
/// by `release`, and asks again.
async fn ask_twice(url: &str, outside: &DatabaseConnection, waits: &str, release: &str) {
    let proxy = Proxy::before(url).await.unwrap();
    let store = store_at(proxy.url()).await;
    let request = Uuid::from_u128(1).to_string();
    let told = || tell_as(&store, ID, Command::Add(1), &request);
    let (first, ()) = tokio::join!(told(), async {
        until(SOON, async || (ask::<i64>(outside, waits).await > 0).then_some(())).await;
        proxy.cut().await;
    });
    let first = first.unwrap_err();
    assert_eq!((first.code(), reason(&first).as_deref()), (Code::Unknown, Some("OUTCOME_UNKNOWN")));
    outside.execute_unprepared(release).await.unwrap();
    proxy.restore().await.unwrap();
    assert_eq!(told().await.unwrap(), 1);
    assert_eq!(stored(&store, ID).await.unwrap().state.total, 1);
    assert_eq!(count(&store, "journal").await, 1);
}

async fn a_repeat_after_an_unanswered_postgres_commit_has_one_effect(place: Place) {
    drop(place.store().await);
    let outside = place.outside().await;
    for sql in [
        "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql
         AS $$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END $$",
        "CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON counter DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION wait()",
        "SELECT pg_advisory_lock(1)",
    ] {
        outside.execute_unprepared(sql).await.unwrap();
    }
    let waits = "SELECT COUNT(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event = 'advisory' AND query LIKE 'COMMIT%'";
    ask_twice(&place.url, &outside, waits, "SELECT pg_advisory_unlock(1)").await;
}

#[tokio::test]
async fn a_repeat_after_an_unanswered_mariadb_commit_has_one_effect() {
    // A server of its own, since holding up commits is done to all of its databases.
    let server = MariaDb::start().await.unwrap();
    let url = server.database().await.unwrap();
    drop(store_at(&url).await);
    let outside = outside_of(&url).await;
    for sql in ["BACKUP STAGE START", "BACKUP STAGE BLOCK_COMMIT"] {
        outside.execute_unprepared(sql).await.unwrap();
    }
    let waits = "SELECT COUNT(*) FROM information_schema.processlist
        WHERE info = 'COMMIT' AND state LIKE 'Waiting for backup lock%'";
    ask_twice(&url, &outside, waits, "BACKUP STAGE END").await;
}
