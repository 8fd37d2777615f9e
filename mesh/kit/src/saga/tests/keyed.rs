//! Questions of other contexts that the state itself answers, and those whose commit is the answer.

use tonic::{Code, Response, Status};

use super::{
    errand::{Command, Errand, Plan, Shown},
    peer::{no, yes},
    take::{answers, asked},
    world::{ID, World, on_all, refused, shown},
};
use crate::execute::accept;

on_all!(a_state_answers_and_says_the_same_again);

const KEY: &str = "rentals/1/payments/1";

/// What another context asks an errand to be.
async fn asks(world: &World, command: Command) -> Result<Response<Shown>, Status> {
    world.runs(asked("rental", KEY, "begin"), ID, command).await.unwrap()
}

async fn a_state_answers_and_says_the_same_again(world: World) {
    world.peer.says("TakeFirst", no()).says("UndoFirst", yes());
    let first = asks(&world, Command::Begin(ID, Plan::default())).await;
    assert_eq!(refused(&first), (Code::FailedPrecondition, "PHONE_SOLD".to_owned()));
    assert_eq!(answers(&first).as_deref(), Some(KEY), "it is final");
    world.becomes("undone").await;
    let again = asks(&world, Command::Nudge).await;
    assert_eq!(refused(&again), refused(&first));
    assert_eq!(answers(&again).as_deref(), Some(KEY));
    assert_eq!(world.peer.asked(), ["TakeFirst", "UndoFirst"]);
}

#[tokio::test]
async fn a_yes_is_the_state() {
    let world = World::new().await;
    world.peer.says("TakeFirst", yes()).says("TakeSecond", yes());
    assert_eq!(shown(asks(&world, Command::Begin(ID, Plan::default())).await), "done");
    assert_eq!(shown(asks(&world, Command::Nudge).await), "done");
}

#[tokio::test]
async fn a_state_that_waits_is_no_answer() {
    let world = World::new().await;
    let release = world.peer.waits("TakeFirst");
    world.peer.says("TakeSecond", yes());
    let first = world.runs(asked("rental", KEY, "begin"), ID, Command::Begin(ID, Plan::default()));
    world.asks(1).await;
    let meanwhile = asks(&world, Command::Nudge).await;
    assert_eq!(refused(&meanwhile), (Code::Aborted, "STILL_ASKING".to_owned()));
    assert_eq!(answers(&meanwhile), None);
    release.send(yes()).unwrap();
    assert_eq!(shown(first.await.unwrap()), "done");
}

#[tokio::test]
async fn what_cannot_be_refused_is_answered_by_its_commit() {
    let world = World::new().await;
    world.peer.says("TakeFirst", yes()).says("TakeSecond", yes());
    asks(&world, Command::Begin(ID, Plan::default())).await.unwrap();
    let release = world.peer.waits("Tell");
    let call = asked("rental", KEY, "tell");
    let told: Result<Response<Shown>, _> =
        accept::<Errand, _>(&world.context, call, ID, Command::Tell).await;
    assert_eq!(told.unwrap().into_inner(), Shown::default());
    assert_eq!(world.stage().await, "telling");
    world.sweeps();
    world.asks(3).await;
    release.send(yes()).unwrap();
    world.becomes("done").await;
}
