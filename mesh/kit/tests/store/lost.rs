//! Connections that are lost between two statements.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use futures::future::join_all;
use jangteo_kit::store::{Failure, Store};
use jangteo_testing::{Proxy, until};
use sea_orm::DbBackend;
use tokio::{sync::Barrier, time::timeout};

use crate::{
    place::{Place, SOON, connection_id, kill, on_servers, store_at},
    sample::word::{self, Outcome},
};

on_servers!(
    a_unit_whose_connection_is_killed_is_done_once,
    a_pool_of_dead_connections_is_survived,
    a_server_that_goes_away_is_told_of_and_found_again,
    a_server_that_falls_silent_is_told_of_and_found_again,
);

async fn a_unit_whose_connection_is_killed_is_done_once(place: Place) {
    let store = place.store().await;
    let (killer, tries) = (place.outside().await, Arc::new(AtomicU32::new(0)));
    let counted = tries.clone();
    let done = store.unit(move |tx| {
        let (killer, tries) = (killer.clone(), tries.clone());
        Box::pin(async move {
            word::insert(tx, "once", 1).await?;
            if tries.fetch_add(1, Ordering::Relaxed) == 0 {
                kill(&killer, connection_id(tx).await).await;
            }
            word::find(tx, "once").await
        })
    });
    assert_eq!(done.await.unwrap(), Some(1));
    assert_eq!(counted.load(Ordering::Relaxed), 2);
    assert_eq!(word::all(&store).await, [("once".to_owned(), 1)]);
}

/// The numbers of all connections of the pool.
async fn pooled(store: &Store) -> Vec<i64> {
    let all = Arc::new(Barrier::new(10));
    let ids = join_all((0..10).map(|_| {
        let all = all.clone();
        store.unit(move |tx| {
            let all = all.clone();
            Box::pin(async move {
                all.wait().await;
                Outcome::Ok(connection_id(tx).await)
            })
        })
    }));
    ids.await.into_iter().map(Result::unwrap).collect()
}

async fn a_pool_of_dead_connections_is_survived(place: Place) {
    let store = place.store().await;
    let killer = place.outside().await;
    for connection in pooled(&store).await {
        kill(&killer, connection).await;
    }
    word::write(&store, "alive", 1).await.unwrap();
    assert_eq!(word::all(&store).await, [("alive".to_owned(), 1)]);
}

async fn a_server_that_goes_away_is_told_of_and_found_again(place: Place) {
    let proxy = Proxy::before(&place.url).await.unwrap();
    let store = store_at(proxy.url()).await;
    proxy.cut().await;
    let written = timeout(SOON, word::write(&store, "lost", 1)).await.unwrap();
    assert!(matches!(written, Err(Failure::Database(_))), "{written:?}");
    assert!(!store.ping().await);
    proxy.restore().await.unwrap();
    word::write(&store, "found", 2).await.unwrap();
    assert!(store.ping().await);
    assert_eq!(word::all(&store).await, [("found".to_owned(), 2)]);
}

/// Connections of the pool that wait for work.
fn idle(store: &Store) -> usize {
    let pool = store.reader().unwrap();
    match store.backend() {
        DbBackend::Postgres => pool.get_postgres_connection_pool().num_idle(),
        _ => pool.get_mysql_connection_pool().num_idle(),
    }
}

async fn a_server_that_falls_silent_is_told_of_and_found_again(place: Place) {
    let proxy = Proxy::before(&place.url).await.unwrap();
    let store = store_at(proxy.url()).await;
    until(SOON, async || (idle(&store) == 1).then_some(())).await;
    proxy.blackhole();
    assert!(!timeout(SOON, store.ping()).await.expect("a ping ends by itself"));
    proxy.restore().await.unwrap();
    until(SOON, async || store.ping().await.then_some(())).await;
    word::write(&store, "found", 1).await.unwrap();
}
