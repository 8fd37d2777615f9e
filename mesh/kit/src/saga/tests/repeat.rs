//! Requests that come again.

use std::time::Duration;

use jangteo_testing::until;
use tokio::time::timeout;
use tonic::Code;
use tonic_types::StatusExt;

use super::{
    errand::{Command, Plan},
    peer::yes,
    world::{OTHER, SOON, World, call, noted, refused, shown, within},
};
use crate::{
    clock,
    execute::forget,
    store::{Failure, Never},
    token::HEADER,
};

#[tokio::test]
async fn a_repeat_waits_for_what_comes_of_the_first() {
    let world = World::new().await;
    let release = world.peer.waits("TakeFirst");
    world.peer.says("TakeSecond", yes());
    let first = world.begins(call(1), Plan::default());
    world.asks(1).await;
    // The server makes a new id for each that it takes for new.
    let again = Command::Begin(OTHER, Plan::default());
    let mut repeat = world.runs(call(1), OTHER, again);
    assert!(timeout(Duration::from_millis(150), &mut repeat).await.is_err(), "nothing is decided");
    release.send(yes()).unwrap();
    let (first, repeat) = (first.await.unwrap().unwrap(), repeat.await.unwrap().unwrap());
    assert_eq!(first.metadata().get(HEADER), repeat.metadata().get(HEADER));
    assert_eq!((first.get_ref().stage.as_str(), repeat.get_ref()), ("done", first.get_ref()));
    assert_eq!(world.count("errand").await, 1);
    assert_eq!(world.peer.asked(), ["TakeFirst", "TakeSecond"]);
}

#[tokio::test]
async fn a_repeat_without_patience_is_told_to_come_again() {
    let world = World::new().await;
    let release = world.peer.waits("TakeFirst");
    world.peer.says("TakeSecond", yes());
    let first = world.begins(call(1), Plan::default());
    world.asks(1).await;
    let told = world.begin(within(1, Duration::from_millis(200)), Plan::default()).await;
    assert_eq!(refused(&told), (Code::Aborted, "REQUEST_RUNNING".to_owned()));
    let retry = told.unwrap_err().get_details_retry_info().and_then(|info| info.retry_delay);
    assert!(retry.is_some());
    release.send(yes()).unwrap();
    assert_eq!(shown(first.await.unwrap()), "done");
}

#[tokio::test]
async fn another_body_under_the_same_id_is_refused_while_the_first_runs_and_after() {
    let world = World::new().await;
    let release = world.peer.waits("TakeFirst");
    world.peer.says("TakeSecond", yes());
    let first = world.begins(call(1), Plan::default());
    world.asks(1).await;
    let reused = (Code::InvalidArgument, "REQUEST_ID_REUSED".to_owned());
    let other = || world.begin(noted(1, "another body", SOON), Plan::default());
    assert_eq!(refused(&other().await), reused);
    release.send(yes()).unwrap();
    assert_eq!(shown(first.await.unwrap()), "done");
    assert_eq!(refused(&other().await), reused);
}

#[tokio::test]
async fn requests_that_run_are_not_forgotten() {
    let world = World::new().await;
    let release = world.peer.waits("TakeFirst");
    world.peer.says("TakeSecond", yes());
    let first = world.begins(call(1), Plan::default());
    world.asks(1).await;
    forget_all(&world).await;
    assert_eq!(world.count("request").await, 1);
    release.send(yes()).unwrap();
    assert_eq!(shown(first.await.unwrap()), "done");
    assert_eq!(shown(world.begin(call(1), Plan::default()).await), "done");
    forget_all(&world).await;
    assert_eq!(world.count("request").await, 0);
}

async fn forget_all(world: &World) {
    let later = clock::now_ms() + 1000;
    let forgotten: Result<(), Failure<Never>> = world
        .context
        .store()
        .unit(move |tx| Box::pin(async move { Ok(forget(tx, later).await?) }))
        .await;
    forgotten.unwrap();
}

#[tokio::test]
async fn repeats_at_once_are_one_request() {
    let world = World::new().await;
    world.peer.says("TakeFirst", yes()).says("TakeSecond", yes());
    let told = futures::future::join_all((0..10).map(|_| world.begins(call(1), Plan::default())));
    for told in told.await {
        assert_eq!(shown(told.unwrap()), "done");
    }
    assert_eq!(world.peer.asked(), ["TakeFirst", "TakeSecond"]);
    until(SOON, || async { world.row().await.is_none().then_some(()) }).await;
}
