//! What dead processes have left, and what the sweeper makes of it.

use tonic::Code;

use super::{
    errand::Plan,
    peer::{no, yes},
    world::{ID, World, call, on_all, refused},
};
use crate::peer::Answer;

on_all!(a_question_that_a_dead_process_left_is_given_up_at_its_deadline_and_undone);

fn short() -> Plan {
    Plan { limit: 300, ..Plan::default() }
}

async fn a_question_that_a_dead_process_left_is_given_up_at_its_deadline_and_undone(world: World) {
    world.peer.says("TakeFirst", yes()).takes_to_the_grave("TakeSecond");
    world.begins(call(1), short());
    world.asks(2).await;
    let deadline = world.row().await.unwrap().deadline.unwrap();
    let world = world.restarted().await;
    world.peer.says("UndoSecond", yes()).says("UndoFirst", yes());
    assert_eq!(world.stage().await, "second");
    world.sweeps();
    world.becomes("undone").await;
    assert!(world.errand(ID).await.unwrap().head.update_time >= deadline);
    let told = world.begin(call(1), short()).await;
    assert_eq!(refused(&told), (Code::Unavailable, "PEER_AWAY".to_owned()));
    assert_eq!(world.peer.asked(), ["UndoSecond", "UndoFirst"]);
    assert!(world.row().await.is_none());
}

#[tokio::test]
async fn nothing_is_given_up_before_its_deadline() {
    let world = World::new().await;
    world.peer.takes_to_the_grave("TakeFirst");
    world.begins(call(1), Plan::default());
    world.asks(1).await;
    let world = world.restarted().await;
    world.sweeps();
    world.has_swept().await;
    assert_eq!(world.stage().await, "first");
}

#[tokio::test]
async fn an_undo_that_a_dead_process_left_is_asked_again() {
    let world = World::new().await;
    world.peer.says("TakeFirst", no()).takes_to_the_grave("UndoFirst");
    assert!(world.begin(call(1), short()).await.is_err());
    world.asks(2).await;
    let world = world.restarted().await;
    world.peer.says("UndoFirst", yes());
    world.sweeps();
    world.becomes("undone").await;
    assert_eq!(refused(&world.begin(call(1), short()).await).1, "PHONE_SOLD");
}

#[tokio::test]
async fn an_undo_is_asked_until_it_is_answered() {
    let world = World::new().await;
    world.sweeps();
    world.peer.says("TakeFirst", no());
    world.peer.says("UndoFirst", Answer::Nothing).says("UndoFirst", Answer::NotSent);
    world.peer.says("UndoFirst", Answer::Nothing).says("UndoFirst", yes());
    assert_eq!(refused(&world.begin(call(1), Plan::default()).await).1, "PHONE_SOLD");
    world.becomes("undone").await;
    let undos = ["UndoFirst"; 4];
    assert_eq!(world.peer.asked()[1..], undos);
    assert!(world.row().await.is_none());
}

#[tokio::test]
async fn a_no_to_an_undo_that_changes_nothing_is_asked_again() {
    let world = World::new().await;
    world.sweeps();
    world.peer.says("TakeFirst", no()).says("UndoFirst", no()).says("UndoFirst", yes());
    assert!(world.begin(call(1), Plan::default()).await.is_err());
    world.becomes("undone").await;
    assert_eq!(world.peer.asked(), ["TakeFirst", "UndoFirst", "UndoFirst"]);
}
