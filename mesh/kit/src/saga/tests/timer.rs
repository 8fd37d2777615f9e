//! Timers.

use super::{
    errand::{Command, Plan},
    peer::yes,
    world::{ID, World, call, shown},
};
use crate::clock;

fn at(remind: i64) -> Plan {
    Plan { remind: Some(remind), ..Plan::default() }
}

#[tokio::test]
async fn a_timer_fires_once_and_not_early() {
    let world = World::new().await;
    world.sweeps();
    world.peer.says("TakeFirst", yes()).says("TakeSecond", yes());
    let time = clock::now_ms() + 700;
    assert_eq!(shown(world.begin(call(1), at(time)).await), "done");
    assert_eq!(world.row().await.unwrap().wake_time, time);
    world.becomes("reminded").await;
    let reminded = world.errand(ID).await.unwrap();
    assert!(reminded.head.update_time >= time);
    assert!(world.row().await.is_none());
    world.has_swept().await;
    assert_eq!(world.errand(ID).await.unwrap(), reminded);
    let told = world.journal().await.into_iter().filter(|event| event.aggregate_id == ID);
    assert_eq!(told.map(|event| event.type_name).collect::<Vec<_>>(), ["done", "reminded"]);
}

#[tokio::test]
async fn no_timer_fires_while_a_question_is_out() {
    let world = World::new().await;
    world.sweeps();
    let release = world.peer.waits("TakeFirst");
    world.peer.says("TakeSecond", yes());
    let begun = world.begins(call(1), at(1));
    world.asks(1).await;
    world.has_swept().await;
    assert_eq!(world.stage().await, "first");
    release.send(yes()).unwrap();
    assert_eq!(shown(begun.await.unwrap()), "done");
    world.becomes("reminded").await;
}

#[tokio::test]
async fn a_question_is_given_up_before_a_timer_fires() {
    let world = World::new().await;
    world.sweeps();
    world.peer.takes_to_the_grave("TakeFirst");
    world.peer.says("UndoFirst", yes());
    world.begins(call(1), Plan { limit: 300, ..at(1) });
    world.becomes("undone").await;
    assert!(world.journal().await.is_empty());
}

#[tokio::test]
async fn a_timer_ends_with_what_it_was_set_for() {
    let world = World::new().await;
    world.peer.says("TakeFirst", yes()).says("TakeSecond", yes());
    assert_eq!(shown(world.begin(call(1), at(clock::now_ms())).await), "done");
    world.order(Command::Close).await;
    assert!(world.row().await.is_none());
    world.sweeps();
    world.has_swept().await;
    assert_eq!(world.stage().await, "closed");
}
