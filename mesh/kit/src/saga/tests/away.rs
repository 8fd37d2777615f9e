//! What is asked of a peer that nobody asks, since it has failed too often.

use std::sync::atomic::Ordering;

use tonic::Code;

use super::{
    errand::{Command, Plan},
    peer::{no, yes},
    world::{ID, World, call, on_all, refused, shown},
};

on_all!(
    nothing_is_written_of_what_would_be_asked_in_vain,
    a_repeat_has_its_first_answer_though_the_peer_is_away_now,
);

async fn nothing_is_written_of_what_would_be_asked_in_vain(world: World) {
    world.peer.away.store(true, Ordering::Relaxed);
    let told = world.begin(call(1), Plan::default()).await;
    assert_eq!(refused(&told), (Code::Unavailable, "PEER_AWAY".to_owned()));
    assert!(world.errand(ID).await.is_none() && world.row().await.is_none());
    assert_eq!(world.count("request").await, 0);

    world.peer.away.store(false, Ordering::Relaxed);
    world.peer.says("TakeFirst", yes()).says("TakeSecond", yes());
    let same = world.begin(call(1), Plan::default()).await;
    assert_eq!(shown(same), "done", "the same request comes true once it can");
}

async fn a_repeat_has_its_first_answer_though_the_peer_is_away_now(world: World) {
    world.peer.says("TakeFirst", yes()).says("TakeSecond", yes());
    assert_eq!(shown(world.begin(call(1), Plan::default()).await), "done");
    world.peer.away.store(true, Ordering::Relaxed);
    assert_eq!(shown(world.begin(call(1), Plan::default()).await), "done");
}

#[tokio::test]
async fn what_finishes_and_what_follows_are_asked_all_the_same() {
    let world = World::new().await;
    world.peer.says("TakeFirst", no()).says("UndoFirst", yes());
    assert!(world.begin(call(1), Plan::default()).await.is_err());
    world.becomes("undone").await;

    let other = super::world::OTHER;
    world.peer.says("TakeFirst", yes()).says("TakeSecond", yes()).says("Tell", yes());
    let begin = Command::Begin(other, Plan::default());
    assert_eq!(shown(world.runs(call(2), other, begin).await.unwrap()), "done");
    world.peer.away.store(true, Ordering::Relaxed);
    assert_eq!(shown(world.runs(call(3), other, Command::Tell).await.unwrap()), "telling");
}
