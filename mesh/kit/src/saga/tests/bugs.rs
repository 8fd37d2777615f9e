//! Bugs in the rules are put off: they are in nobody's way, and wait for a better program.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use jangteo_testing::until;
use tonic::Code;

use super::{
    errand::{Command, DEAF, DEAFNESS, Plan, STUBBORN, STUBBORNESS},
    peer::yes,
    world::{ID, OTHER, SOON, World, call, refused, shown},
};
use crate::{
    clock,
    execute::{Waiting, put},
    store::{Failure, Never},
};

/// Two of the pauses between three tries, at least.
const PAUSES: Duration = Duration::from_millis(90);

async fn met(bug: &AtomicU32, times: u32) {
    until(SOON, || std::future::ready((bug.load(Ordering::Relaxed) >= times).then_some(()))).await;
}

/// Tries go on, with pauses between them.
async fn is_put_off(bug: &AtomicU32) {
    met(bug, 2).await;
    let (since, times) = (Instant::now(), bug.load(Ordering::Relaxed));
    met(bug, times + 3).await;
    assert!(since.elapsed() >= PAUSES, "it spins");
}

#[tokio::test]
async fn an_answer_that_the_rules_refuse_is_put_off() {
    let world = World::new().await;
    world.sweeps();
    world.peer.says("TakeFirst", yes());
    let slot = Some(STUBBORN.to_owned());
    let told = world.begin(call(1), Plan { slot, limit: 100, remind: None }).await;
    assert_eq!(refused(&told), (Code::Unknown, "OUTCOME_UNKNOWN".to_owned()));
    is_put_off(&STUBBORNESS).await;
    assert_eq!(world.stage().await, "first");
    assert_eq!(world.peer.asked(), ["TakeFirst"]);
}

#[tokio::test]
async fn a_timer_that_changes_nothing_is_put_off_and_in_nobodys_way() {
    let world = World::new().await;
    world.sweeps();
    for _ in 0..2 {
        world.peer.says("TakeFirst", yes()).says("TakeSecond", yes());
    }
    let plan = Plan { slot: Some(DEAF.to_owned()), remind: Some(1), ..Plan::default() };
    assert_eq!(shown(world.begin(call(1), plan).await), "done");
    is_put_off(&DEAFNESS).await;
    let plan = Plan { remind: Some(2), ..Plan::default() };
    assert!(world.runs(call(2), OTHER, Command::Begin(OTHER, plan)).await.unwrap().is_ok());
    world.other_becomes(OTHER, "reminded").await;
    assert_eq!(world.stage().await, "done");
}

#[tokio::test]
async fn a_row_that_nobody_waits_with_goes_away() {
    let world = World::new().await;
    let row = Waiting {
        kind: "errand".to_owned(),
        aggregate_id: ID,
        since: clock::now_ms(),
        wake_time: clock::now_ms(),
        call_key: None,
        attempts: 0,
        deadline: None,
        until: None,
        causation_id: ID,
        traceparent: String::new(),
        token: String::new(),
        principal: None,
        method: None,
        request_id: None,
    };
    let put: Result<(), Failure<Never>> = world
        .context
        .store()
        .unit(move |tx| {
            let row = row.clone();
            Box::pin(async move { put(tx, row).await })
        })
        .await;
    put.unwrap();
    world.sweeps();
    until(SOON, || async { world.row().await.is_none().then_some(()) }).await;
}
