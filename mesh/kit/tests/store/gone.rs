//! A unit outlives its caller.

use std::sync::Arc;

use futures::poll;
use jangteo_testing::until;
use tokio::{sync::Semaphore, time::timeout};

use crate::{
    place::{Place, SOON, on_all},
    sample::word::{self, Outcome},
};

on_all!(a_unit_commits_though_its_caller_went_away);

async fn a_unit_commits_though_its_caller_went_away(place: Place) {
    let store = place.store().await;
    let (running, go) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let (seen, gate) = (running.clone(), go.clone());
    {
        let mut unit = Box::pin(store.unit(move |tx| {
            let (running, go) = (running.clone(), go.clone());
            Box::pin(async move {
                word::insert(tx, "mine", 1).await?;
                running.add_permits(1);
                drop(go.acquire().await);
                Outcome::Ok(())
            })
        }));
        assert!(poll!(unit.as_mut()).is_pending());
        // Nobody polls the caller meanwhile.
        drop(timeout(SOON, seen.acquire()).await.expect("the unit runs by itself"));
        assert!(poll!(unit.as_mut()).is_pending());
    }
    assert_eq!(word::all(&store).await, []);
    gate.add_permits(1);
    until(SOON, async || (word::all(&store).await == [("mine".to_owned(), 1)]).then_some(())).await;
    store.close().await;
}
