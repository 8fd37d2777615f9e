//! SQLite's one writer: what waits together is committed together, and no unit harms another.

use std::{fs, num::NonZeroUsize, path::Path, sync::Arc};

use futures::{
    future::{BoxFuture, join_all},
    poll,
};
use jangteo_kit::store::{Failure, Store};
use tokio::sync::Semaphore;

use crate::{
    place::{Place, on},
    sample::{
        self,
        word::{self, No, Outcome},
    },
};

on!(sqlite Sqlite:
    units_that_wait_share_one_commit,
    no_more_units_share_a_commit_than_may,
    units_that_fail_do_not_part_their_group,
    each_unit_of_a_group_has_an_outcome_of_its_own,
);

/// What a unit of a group does after it has written its word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Done,
    No,
    Panic,
    Violate,
}

fn unit(store: &Store, n: i64, end: End) -> BoxFuture<'_, Outcome> {
    Box::pin(store.unit(move |tx| {
        Box::pin(async move {
            word::insert(tx, &format!("word {n:02}"), n).await?;
            match end {
                End::Done => Ok(()),
                End::No => Err(Failure::Rejected(No)),
                End::Panic => panic!("a bug in {n}"),
                End::Violate => word::violate(tx).await,
            }
        })
    }))
}

/// Runs units that have all waited for the writer at once.
async fn together(store: &Store, ends: impl Fn(i64) -> End) -> Vec<Outcome> {
    let go = Arc::new(Semaphore::new(0));
    let gate = go.clone();
    let mut busy = Box::pin(store.unit(move |_| {
        let go = go.clone();
        Box::pin(async move {
            drop(go.acquire().await);
            Outcome::Ok(())
        })
    }));
    assert!(poll!(busy.as_mut()).is_pending());
    // The writer has taken the first one, and only that one.
    tokio::task::yield_now().await;
    let mut units: Vec<_> = (0..50).map(|n| unit(store, n, ends(n))).collect();
    for unit in &mut units {
        assert!(poll!(unit).is_pending());
    }
    gate.add_permits(1);
    busy.await.unwrap();
    join_all(units).await
}

/// Commits that the log of a SQLite file holds: each ends with a frame that tells the file's size.
fn commits(file: &Path) -> usize {
    let log = fs::read(file.with_extension("db-wal")).unwrap();
    let number = |at: usize| u32::from_be_bytes(log[at..at + 4].try_into().unwrap());
    let frame = 24 + usize::try_from(number(8)).unwrap();
    (32..log.len()).step_by(frame).filter(|at| number(at + 4) > 0).count()
}

async fn units_that_wait_share_one_commit(place: Place) {
    let store = place.store().await;
    let before = commits(&place.file("sample.db"));
    for outcome in together(&store, |_| End::Done).await {
        outcome.unwrap();
    }
    assert_eq!(commits(&place.file("sample.db")), before + 1);
    assert_eq!(word::all(&store).await.len(), 50);
    word::write(&store, "alone", 1).await.unwrap();
    assert_eq!(commits(&place.file("sample.db")), before + 2);
}

async fn no_more_units_share_a_commit_than_may(place: Place) {
    let most = NonZeroUsize::new(20).unwrap();
    let store = Store::grouping("sample", &place.url, most).await.unwrap();
    store.migrate(sample::migrations).await.unwrap();
    let before = commits(&place.file("sample.db"));
    for outcome in together(&store, |_| End::Done).await {
        outcome.unwrap();
    }
    // One alone, then 20, 20 and 10.
    assert_eq!(commits(&place.file("sample.db")), before + 3);
}

async fn units_that_fail_do_not_part_their_group(place: Place) {
    let store = place.store().await;
    let before = commits(&place.file("sample.db"));
    let outcomes = together(&store, |n| match n {
        10 => End::No,
        20 => End::Panic,
        30 => End::Violate,
        _ => End::Done,
    });
    assert_eq!(outcomes.await.iter().filter(|outcome| outcome.is_ok()).count(), 47);
    assert_eq!(commits(&place.file("sample.db")), before + 1);
}

async fn each_unit_of_a_group_has_an_outcome_of_its_own(place: Place) {
    let store = place.store().await;
    let ends = |n| match n {
        10 => End::No,
        20 => End::Panic,
        30 => End::Violate,
        _ => End::Done,
    };
    let outcomes = together(&store, ends).await;
    for (n, outcome) in (0..).zip(outcomes) {
        let told = match (ends(n), &outcome) {
            (End::Done, Ok(())) | (End::No, Err(Failure::Rejected(No))) => true,
            (End::Panic, Err(Failure::Panicked(said))) => said == "a bug in 20",
            (End::Violate, Err(Failure::Database(error))) => error.to_string().contains("NULL"),
            _ => false,
        };
        assert!(told, "{n}: {outcome:?}");
    }
    let numbers: Vec<i64> = word::all(&store).await.into_iter().map(|(_, n)| n).collect();
    let done: Vec<i64> = (0..50).filter(|n| ends(*n) == End::Done).collect();
    assert_eq!(numbers, done);
}
