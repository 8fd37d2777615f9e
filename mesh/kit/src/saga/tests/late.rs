//! Answers that come when the state has moved on.

use std::{future::ready, time::Duration};

use jangteo_testing::until;
use tonic::Code;

use super::{
    errand::{Command, Plan},
    peer::{no, yes},
    world::{ID, SOON, World, call, refused, shown, within},
};
use crate::clock;

#[tokio::test]
async fn an_answer_after_the_giving_up_changes_nothing() {
    let world = World::new().await;
    world.peer.says("TakeFirst", yes()).says("UndoSecond", yes()).says("UndoFirst", yes());
    let release = world.peer.waits("TakeSecond");
    world.sweeps();
    let begun = world.begins(call(1), Plan { limit: 300, ..Plan::default() });
    world.becomes("undone").await;
    let undone = world.errand(ID).await;
    release.send(yes()).unwrap();
    let told = begun.await.unwrap();
    assert_eq!(refused(&told), (Code::Unavailable, "PEER_AWAY".to_owned()));
    assert_eq!(world.errand(ID).await, undone);
    assert_eq!(refused(&world.begin(call(1), Plan::default()).await), refused(&told));
    assert_eq!(world.peer.asked(), ["TakeFirst", "TakeSecond", "UndoSecond", "UndoFirst"]);
}

#[tokio::test]
async fn an_answer_before_the_giving_up_counts_however_late_it_is() {
    let world = World::new().await;
    let release = world.peer.waits("TakeFirst");
    world.peer.says("TakeSecond", yes());
    let begun = world.begins(call(1), Plan { limit: 1, ..Plan::default() });
    world.asks(1).await;
    let deadline = world.row().await.unwrap().deadline.unwrap();
    until(SOON, || ready((clock::now_ms() > deadline).then_some(()))).await;
    release.send(yes()).unwrap();
    assert_eq!(shown(begun.await.unwrap()), "done");
}

#[tokio::test]
async fn a_late_answer_to_one_undo_is_not_taken_for_that_of_the_next() {
    let world = World::new().await;
    world.sweeps();
    world.peer.says("TakeFirst", yes()).says("TakeSecond", no());
    let late = world.peer.waits("UndoSecond");
    world.peer.says("UndoSecond", yes());
    let release = world.peer.waits("UndoFirst");
    let plan = Plan { limit: 100, ..Plan::default() };
    assert!(world.begin(call(1), plan).await.is_err());
    world.becomes("undoing first").await;
    late.send(yes()).unwrap();
    world.has_swept().await;
    assert_eq!(world.stage().await, "undoing first");
    release.send(yes()).unwrap();
    world.becomes("undone").await;
}

#[tokio::test]
async fn an_event_that_ends_it_settles_its_request() {
    let world = World::new().await;
    let release = world.peer.waits("TakeFirst");
    let begun = world.begins(call(1), Plan::default());
    world.asks(1).await;
    world.order(Command::Close).await;
    assert!(world.row().await.is_none());
    let closed = (Code::FailedPrecondition, "ERRAND_CLOSED".to_owned());
    assert_eq!(refused(&world.begin(call(1), Plan::default()).await), closed);
    release.send(yes()).unwrap();
    assert_eq!(refused(&begun.await.unwrap()), closed);
    assert_eq!(world.stage().await, "closed");
    assert_eq!(world.peer.asked(), ["TakeFirst"]);
}

#[tokio::test]
async fn an_event_that_ends_it_while_it_is_undone_settles_its_request() {
    let world = World::new().await;
    world.peer.says("TakeFirst", no());
    let release = world.peer.waits("UndoFirst");
    assert_eq!(refused(&world.begin(call(1), Plan::default()).await).1, "PHONE_SOLD");
    world.asks(2).await;
    world.order(Command::Close).await;
    let closed = world.errand(ID).await;
    assert_eq!(refused(&world.begin(call(1), Plan::default()).await).1, "ERRAND_CLOSED");
    release.send(yes()).unwrap();
    world.context.finish().await;
    assert_eq!(world.errand(ID).await, closed);
}

#[tokio::test]
async fn a_request_that_takes_over_settles_the_one_before() {
    let world = World::new().await;
    let (first, second) = (world.peer.waits("TakeFirst"), world.peer.waits("TakeSecond"));
    let begun = world.begins(call(1), Plan::default());
    world.asks(1).await;
    let skipped = world.runs(call(2), ID, Command::Skip);
    world.asks(2).await;
    assert_eq!(shown(world.begin(call(1), Plan::default()).await), "second");
    second.send(yes()).unwrap();
    assert_eq!(shown(skipped.await.unwrap()), "done");
    assert_eq!(shown(world.runs(call(2), ID, Command::Skip).await.unwrap()), "done");
    first.send(yes()).unwrap();
    assert_eq!(shown(begun.await.unwrap()), "second", "the first is told what its repeat was told");
    assert_eq!(world.peer.asked(), ["TakeFirst", "TakeSecond"]);
}

#[tokio::test]
async fn what_finishes_is_asked_at_once_and_nobody_waits_for_it() {
    let world = World::new().await;
    world.peer.says("TakeFirst", yes()).says("TakeSecond", yes());
    assert_eq!(shown(world.begin(call(1), Plan::default()).await), "done");
    let release = world.peer.waits("Tell");
    assert_eq!(shown(world.runs(call(2), ID, Command::Tell).await.unwrap()), "telling");
    world.asks(3).await;
    let nudged = world.runs(call(3), ID, Command::Nudge).await.unwrap();
    assert_eq!(shown(nudged), "telling");
    release.send(yes()).unwrap();
    world.becomes("done").await;
    // A repeat gets the answer that was given, whatever has become of it since.
    assert_eq!(shown(world.runs(call(2), ID, Command::Tell).await.unwrap()), "telling");
    assert_eq!(world.peer.asked(), ["TakeFirst", "TakeSecond", "Tell"]);
}

#[tokio::test]
async fn what_changes_nothing_of_a_question_does_not_ask_it_again() {
    let world = World::new().await;
    let release = world.peer.waits("TakeFirst");
    world.peer.says("TakeSecond", yes());
    let begun = world.begins(call(1), Plan::default());
    world.asks(1).await;
    let before = world.row().await;
    let nudged = world.runs(within(2, Duration::from_millis(200)), ID, Command::Nudge);
    assert_eq!(refused(&nudged.await.unwrap()), (Code::Aborted, "STILL_ASKING".to_owned()));
    let moved = world.runs(call(3), ID, Command::Move("a".to_owned())).await.unwrap();
    assert_eq!(refused(&moved).1, "STILL_ASKING");
    world.order(Command::Move("b".to_owned())).await;
    assert_eq!(world.row().await, before);
    assert_eq!(world.count("request").await, 1);
    release.send(yes()).unwrap();
    assert_eq!(shown(begun.await.unwrap()), "done");
    assert_eq!(world.errand(ID).await.unwrap().state.plan.slot.as_deref(), Some("b"));
    assert_eq!(world.peer.asked(), ["TakeFirst", "TakeSecond"]);
}
