//! Requests that would ask what is being asked already.

use std::time::Duration;

use futures::future::select_all;
use tokio::{task::JoinHandle, time::timeout};

use super::{
    errand::{Command, Plan},
    peer::{no, yes},
    world::{ID, Told, World, call, refused, shown},
};

/// Others who have asked for the same while the question of the first is out.
async fn others(world: &World) -> Vec<JoinHandle<Told>> {
    let mut others: Vec<_> = (2..5).map(|one| world.runs(call(one), ID, Command::Nudge)).collect();
    let early = timeout(Duration::from_millis(150), select_all(&mut others)).await;
    assert!(early.is_err(), "nothing is decided");
    others
}

#[tokio::test]
async fn whoever_asks_for_the_same_waits_for_the_answer() {
    let world = World::new().await;
    let release = world.peer.waits("TakeFirst");
    world.peer.says("TakeSecond", yes());
    let begun = world.begins(call(1), Plan::default());
    world.asks(1).await;
    let others = others(&world).await;
    release.send(yes()).unwrap();
    assert_eq!(shown(begun.await.unwrap()), "done");
    for other in others {
        assert_eq!(shown(other.await.unwrap()), "done");
    }
    assert_eq!(world.peer.asked(), ["TakeFirst", "TakeSecond"]);
}

#[tokio::test]
async fn a_no_is_told_to_everybody_who_has_waited_for_it_and_to_their_repeats() {
    let world = World::new().await;
    let release = world.peer.waits("TakeFirst");
    world.peer.says("UndoFirst", yes());
    let begun = world.begins(call(1), Plan::default());
    world.asks(1).await;
    let others = others(&world).await;
    release.send(no()).unwrap();
    let first = refused(&begun.await.unwrap());
    assert_eq!(first.1, "PHONE_SOLD");
    for other in others {
        assert_eq!(refused(&other.await.unwrap()), first);
    }
    world.becomes("undone").await;
    assert_eq!(world.count("request").await, 4);
    for repeat in 2..5 {
        let told = world.runs(call(repeat), ID, Command::Nudge).await.unwrap();
        assert_eq!(refused(&told), first);
    }
}
