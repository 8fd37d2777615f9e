//! Units that stand in each other's way: the database ends one, and it runs again.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use jangteo_kit::store::Store;
use sea_orm::ConnectionTrait as _;
use tokio::{sync::Barrier, time::Instant};

use crate::{
    place::{Place, on, on_servers},
    sample::word::{self, Outcome},
};

on_servers!(a_deadlock_ends_with_both_done);
on!(postgres Postgres:
    a_serialisation_failure_is_tried_again,
    a_serialisation_failure_in_the_commit_is_tried_again,
    a_unit_that_stands_still_holds_nobody_up,
);

/// Longer than the database waits for a unit that says nothing.
const STILL: Duration = Duration::from_secs(5);

/// Adds one to both words, in this order. On its first try it locks the second one only when the
/// other unit has locked its first.
async fn add_to(
    store: &Store,
    words: [&'static str; 2],
    both: Arc<Barrier>,
    tries: Arc<AtomicU32>,
) -> Outcome {
    let mine = Arc::new(AtomicU32::new(0));
    store
        .unit(move |tx| {
            let (both, tries, mine) = (both.clone(), tries.clone(), mine.clone());
            Box::pin(async move {
                tries.fetch_add(1, Ordering::Relaxed);
                let first = word::lock(tx, words[0]).await?;
                if mine.fetch_add(1, Ordering::Relaxed) == 0 {
                    both.wait().await;
                }
                word::update(tx, words[0], first + 1).await?;
                let second = word::lock(tx, words[1]).await?;
                word::update(tx, words[1], second + 1).await
            })
        })
        .await
}

async fn two_words(place: &Place) -> Store {
    let store = place.store().await;
    for word in ["a", "b"] {
        word::write(&store, word, 0).await.unwrap();
    }
    store
}

async fn a_deadlock_ends_with_both_done(place: Place) {
    let store = two_words(&place).await;
    let (both, tries) = (Arc::new(Barrier::new(2)), Arc::new(AtomicU32::new(0)));
    let (one, other) = tokio::join!(
        add_to(&store, ["a", "b"], both.clone(), tries.clone()),
        add_to(&store, ["b", "a"], both, tries.clone()),
    );
    one.unwrap();
    other.unwrap();
    assert_eq!(word::all(&store).await, [("a".to_owned(), 2), ("b".to_owned(), 2)]);
    assert!(tries.load(Ordering::Relaxed) > 2, "nobody stood in anybody's way");
}

/// Sets a word to one more than the sum of both. On its first try it goes on after reading, and
/// after writing, only when the other unit is as far.
async fn add_up(
    store: &Store,
    word: &'static str,
    both: Arc<Barrier>,
    tries: Arc<AtomicU32>,
) -> Outcome {
    let mine = Arc::new(AtomicU32::new(0));
    store
        .unit(move |tx| {
            let (both, tries, mine) = (both.clone(), tries.clone(), mine.clone());
            Box::pin(async move {
                tries.fetch_add(1, Ordering::Relaxed);
                let first = mine.fetch_add(1, Ordering::Relaxed) == 0;
                tx.execute_unprepared("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE").await?;
                let (a, b) = (word::find(tx, "a").await?, word::find(tx, "b").await?);
                if first {
                    both.wait().await;
                }
                word::update(tx, word, a.zip(b).map_or(0, |(a, b)| a + b) + 1).await?;
                if first {
                    both.wait().await;
                }
                Ok(())
            })
        })
        .await
}

async fn a_serialisation_failure_in_the_commit_is_tried_again(place: Place) {
    let store = two_words(&place).await;
    let (both, tries) = (Arc::new(Barrier::new(2)), Arc::new(AtomicU32::new(0)));
    let (one, other) = tokio::join!(
        add_up(&store, "a", both.clone(), tries.clone()),
        add_up(&store, "b", both, tries.clone()),
    );
    one.unwrap();
    other.unwrap();
    let mut numbers: Vec<i64> = word::all(&store).await.into_iter().map(|(_, n)| n).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2]);
    assert_eq!(tries.load(Ordering::Relaxed), 3);
}

/// Adds one to a word that both units have read before one of them writes.
async fn add_strictly(store: &Store, both: Arc<Barrier>, tries: Arc<AtomicU32>) -> Outcome {
    let mine = Arc::new(AtomicU32::new(0));
    store
        .unit(move |tx| {
            let (both, tries, mine) = (both.clone(), tries.clone(), mine.clone());
            Box::pin(async move {
                tries.fetch_add(1, Ordering::Relaxed);
                tx.execute_unprepared("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE").await?;
                let n = word::find(tx, "a").await?.expect("the word is there");
                if mine.fetch_add(1, Ordering::Relaxed) == 0 {
                    both.wait().await;
                }
                word::update(tx, "a", n + 1).await
            })
        })
        .await
}

async fn a_serialisation_failure_is_tried_again(place: Place) {
    let store = two_words(&place).await;
    let (both, tries) = (Arc::new(Barrier::new(2)), Arc::new(AtomicU32::new(0)));
    let (one, other) = tokio::join!(
        add_strictly(&store, both.clone(), tries.clone()),
        add_strictly(&store, both, tries.clone()),
    );
    one.unwrap();
    other.unwrap();
    assert_eq!(word::all(&store).await[0], ("a".to_owned(), 2));
    assert_eq!(tries.load(Ordering::Relaxed), 3);
}

/// A process that is frozen in the middle of a unit: its locks are let go of, and when it goes on it runs the
/// unit again.
async fn a_unit_that_stands_still_holds_nobody_up(place: Place) {
    let store = two_words(&place).await;
    let (locked, tries) = (Arc::new(Barrier::new(2)), Arc::new(AtomicU32::new(0)));
    let (late, counted) = (locked.clone(), tries.clone());
    let still = store.unit(move |tx| {
        let (late, counted) = (late.clone(), counted.clone());
        Box::pin(async move {
            let first = word::lock(tx, "a").await?;
            if counted.fetch_add(1, Ordering::Relaxed) == 0 {
                late.wait().await;
                tokio::time::sleep(STILL).await;
            }
            word::update(tx, "a", first + 1).await
        })
    });
    let other = async {
        locked.wait().await;
        let begun = Instant::now();
        let added: Outcome = store
            .unit(|tx| {
                Box::pin(async move {
                    let first = word::lock(tx, "a").await?;
                    word::update(tx, "a", first + 1).await
                })
            })
            .await;
        added.map(|()| begun.elapsed())
    };
    let (still, waited) = tokio::join!(still, other);
    let outcome: Outcome = still;
    outcome.unwrap();
    let waited = waited.unwrap();
    assert!(waited < STILL, "it waited for {waited:?}");
    assert_eq!(word::all(&store).await, [("a".to_owned(), 2), ("b".to_owned(), 0)]);
    assert_eq!(tries.load(Ordering::Relaxed), 2, "it runs again");
}
