//! How long a chain of questions may take.

use std::time::Duration;

use futures::poll;
use tonic::Code;

use super::{
    errand::{Command, Errand, INSISTENT, Plan},
    peer::{no, yes},
    world::{ID, World, call, refused, shown, within},
};
use crate::execute::execute;

#[tokio::test]
async fn a_deadline_that_leaves_no_time_to_ask_is_told_before_anything_is_written() {
    let world = World::new().await;
    let told = world.begin(within(1, Duration::from_millis(50)), Plan::default()).await;
    assert_eq!(refused(&told), (Code::DeadlineExceeded, "DEADLINE_TOO_SHORT".to_owned()));
    for table in ["errand", "waiting", "request", "journal"] {
        assert_eq!(world.count(table).await, 0, "{table}");
    }
    assert!(world.peer.asked().is_empty());
}

#[tokio::test]
async fn the_callers_deadline_is_that_of_the_whole_chain() {
    let world = World::new().await;
    let (first, second) = (world.peer.waits("TakeFirst"), world.peer.waits("TakeSecond"));
    let call = within(1, Duration::from_secs(20));
    let begun = world.begins(call.clone(), Plan::default());
    world.asks(1).await;
    let deadline = world.row().await.unwrap().deadline.unwrap();
    assert!((19_000..20_000).contains(&(deadline - call.at)), "{}", deadline - call.at);
    first.send(yes()).unwrap();
    world.asks(2).await;
    assert_eq!(world.row().await.unwrap().deadline, Some(deadline));
    assert!(world.peer.sent().iter().all(|sent| sent.within < Duration::from_secs(20)));
    second.send(yes()).unwrap();
    assert_eq!(shown(begun.await.unwrap()), "done");
}

#[tokio::test]
async fn a_question_may_take_no_longer_than_its_own_limit() {
    let world = World::new().await;
    let release = world.peer.waits("TakeFirst");
    world.begins(call(1), Plan { limit: 7000, ..Plan::default() });
    world.asks(1).await;
    let born = world.errand(ID).await.unwrap().head.create_time;
    assert_eq!(world.row().await.unwrap().deadline, Some(born + 7000));
    assert!(world.peer.sent()[0].within <= Duration::from_secs(7));
    world.peer.says("UndoFirst", yes());
    release.send(no()).unwrap();
    world.becomes("undone").await;
}

#[tokio::test]
async fn what_could_not_be_done_in_time_may_be_finished_all_the_same() {
    let world = World::new().await;
    world.sweeps();
    world.peer.says("TakeFirst", yes()).is_silent("TakeSecond");
    let release = world.peer.waits("TakeSecond");
    let slot = Some(INSISTENT.to_owned());
    let plan = Plan { slot, limit: 200, ..Plan::default() };
    assert_eq!(shown(world.begin(call(1), plan.clone()).await), "insisting");
    world.asks(3).await;
    let row = world.row().await.unwrap();
    assert_eq!((row.deadline, row.request_id), (None, None), "its request has its answer");
    assert_eq!(world.peer.sent()[2].within, Duration::from_millis(200));
    release.send(yes()).unwrap();
    world.becomes("done").await;
    assert_eq!(shown(world.begin(call(1), plan).await), "insisting");
    assert_eq!(world.peer.asked(), ["TakeFirst", "TakeSecond", "TakeSecond"]);
}

#[tokio::test]
async fn a_caller_who_hangs_up_changes_nothing() {
    let world = World::new().await;
    let release = world.peer.waits("TakeFirst");
    world.peer.says("TakeSecond", yes());
    let begun = world.begins(call(1), Plan::default());
    world.asks(1).await;
    begun.abort();
    assert!(begun.await.unwrap_err().is_cancelled());
    release.send(yes()).unwrap();
    world.becomes("done").await;
    assert_eq!(shown(world.begin(call(1), Plan::default()).await), "done");
}

#[tokio::test]
async fn a_caller_who_hangs_up_while_it_is_written_changes_nothing() {
    let world = World::new().await;
    world.peer.says("TakeFirst", yes()).says("TakeSecond", yes());
    let command = Command::Begin(ID, Plan::default());
    let mut begun = Box::pin(execute::<Errand>(&world.context, call(1), ID, command));
    assert!(poll!(begun.as_mut()).is_pending());
    drop(begun);
    world.becomes("done").await;
    assert_eq!(world.peer.asked(), ["TakeFirst", "TakeSecond"]);
}
