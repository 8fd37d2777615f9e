//! Those who want the same at the same time.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use futures::future::join_all;
use jangteo_kit::store::{Failure, Store};
use tokio::sync::Barrier;
use uuid::Uuid;

use crate::{
    place::{Place, ask, on_all, on_servers},
    sample::{
        counter::{Command, stored, tell, tell_as},
        word::{self, Outcome},
    },
};

on_all!(
    a_key_that_stays_taken_is_a_race_lost_for_good,
    births_at_once_are_one_birth,
    commands_at_once_are_all_applied,
    repeats_at_once_have_one_effect,
);
on_servers!(the_loser_of_a_race_runs_again_and_sees_the_winner);

const ID: Uuid = Uuid::from_u128(7);

/// Looks for the word, and writes it where it is not there. On its first try it looks before the
/// other has written.
async fn find_or_write(
    store: &Store,
    n: i64,
    both: Arc<Barrier>,
    tries: Arc<AtomicU32>,
) -> Outcome<i64> {
    let first = Arc::new(AtomicU32::new(0));
    store
        .unit(move |tx| {
            let (both, tries, first) = (both.clone(), tries.clone(), first.clone());
            Box::pin(async move {
                tries.fetch_add(1, Ordering::Relaxed);
                if let Some(found) = word::find(tx, "wanted").await? {
                    return Ok(found);
                }
                if first.fetch_add(1, Ordering::Relaxed) == 0 {
                    both.wait().await;
                }
                word::insert(tx, "wanted", n).await?;
                Ok(n)
            })
        })
        .await
}

async fn the_loser_of_a_race_runs_again_and_sees_the_winner(place: Place) {
    let store = place.store().await;
    let (both, tries) = (Arc::new(Barrier::new(2)), Arc::new(AtomicU32::new(0)));
    let (one, other) = tokio::join!(
        find_or_write(&store, 1, both.clone(), tries.clone()),
        find_or_write(&store, 2, both, tries.clone()),
    );
    let winner = one.unwrap();
    assert_eq!(winner, other.unwrap());
    assert_eq!(word::all(&store).await, [("wanted".to_owned(), winner)]);
    assert!(tries.load(Ordering::Relaxed) >= 3);
}

async fn a_key_that_stays_taken_is_a_race_lost_for_good(place: Place) {
    let store = place.store().await;
    word::write(&store, "taken", 1).await.unwrap();
    let lost = word::write(&store, "taken", 2).await;
    assert!(matches!(lost, Err(Failure::Raced)), "{lost:?}");
    assert_eq!(word::all(&store).await, [("taken".to_owned(), 1)]);
}

async fn births_at_once_are_one_birth(place: Place) {
    let store = place.store().await;
    let told = join_all((0..5).map(|_| tell(&store, ID, Command::Add(1)))).await;
    let mut revisions: Vec<i64> = told.into_iter().map(Result::unwrap).collect();
    revisions.sort_unstable();
    assert_eq!(revisions, [1, 2, 3, 4, 5]);
    assert_eq!(stored(&store, ID).await.unwrap().state.total, 5);
}

async fn commands_at_once_are_all_applied(place: Place) {
    let store = place.store().await;
    tell(&store, ID, Command::Add(1)).await.unwrap();
    let told = join_all([2, 3].map(|n| tell(&store, ID, Command::Add(n)))).await;
    let mut revisions: Vec<i64> = told.into_iter().map(Result::unwrap).collect();
    revisions.sort_unstable();
    assert_eq!(revisions, [2, 3]);
    let counter = stored(&store, ID).await.unwrap();
    assert_eq!((counter.state.total, counter.head.revision, counter.head.sequence), (6, 3, 3));
    let journal = "SELECT COUNT(DISTINCT sequence) FROM journal WHERE sequence BETWEEN 1 AND 3";
    assert_eq!(ask::<i64>(store.reader().unwrap(), journal).await, 3);
}

async fn repeats_at_once_have_one_effect(place: Place) {
    let store = place.store().await;
    let request = Uuid::from_u128(1).to_string();
    let told = join_all((0..5).map(|_| tell_as(&store, ID, Command::Add(1), &request))).await;
    assert_eq!(told.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [1; 5]);
    assert_eq!(stored(&store, ID).await.unwrap().state.total, 1);
    assert_eq!(ask::<i64>(store.reader().unwrap(), "SELECT COUNT(*) FROM journal").await, 1);
}
