//! What peers answer, and what the caller is told of it.

use jangteo_testing::until;
use tonic::Code;
use uuid::Uuid;

use super::{
    errand::Plan,
    peer::{no, token, yes, yes_of},
    world::{ID, SOON, World, call, on_all, refused, shown},
};
use crate::{peer::Answer, token::HEADER};

const BELONGS_TO: Uuid = Uuid::from_u128(0xb0);
const ELSEWHERE: Uuid = Uuid::from_u128(0xe1);

on_all!(two_yeses_make_it_done_and_a_repeat_is_told_the_same);

async fn two_yeses_make_it_done_and_a_repeat_is_told_the_same(world: World) {
    // More than fits into a short column.
    world.peer.says("TakeFirst", yes_of(token(1..=10), BELONGS_TO));
    world.peer.says("TakeSecond", yes_of(token(10..=20), BELONGS_TO));
    let told = world.begin(call(1), Plan::default()).await.unwrap();
    let told_token = told.metadata().get(HEADER).unwrap().to_str().unwrap();
    let written = jangteo::token::decode(told_token).unwrap().written;
    assert_eq!(written.len(), 20 + 1, "{written:?}");
    assert_eq!(world.peer.asked(), ["TakeFirst", "TakeSecond"]);
    assert!(world.row().await.is_none());
    let again = world.begin(call(1), Plan::default()).await.unwrap();
    assert_eq!(again.metadata().get(HEADER), told.metadata().get(HEADER));
    assert_eq!((told.into_inner().stage, again.into_inner().stage), ("done".into(), "done".into()));
    assert_eq!(world.peer.asked().len(), 2);
}

#[tokio::test]
async fn it_belongs_to_what_the_first_yes_belongs_to() {
    let world = World::new().await;
    world.peer.says("TakeFirst", yes_of(String::new(), BELONGS_TO));
    world.peer.says("TakeSecond", yes_of(String::new(), ELSEWHERE));
    assert_eq!(shown(world.begin(call(1), Plan::default()).await), "done");
    let asked: Vec<Uuid> = world.peer.sent().iter().map(|sent| sent.correlation_id).collect();
    assert_eq!(asked, [ID, BELONGS_TO]);
    let told: Vec<Uuid> = world.journal().await.iter().map(|event| event.correlation_id).collect();
    assert_eq!(told, [BELONGS_TO]);
}

#[tokio::test]
async fn a_no_to_the_first_is_told_and_undone_once() {
    let world = World::new().await;
    world.peer.says("TakeFirst", no()).says("UndoFirst", yes());
    let told = world.begin(call(1), Plan::default()).await;
    assert_eq!(refused(&told), (Code::FailedPrecondition, "PHONE_SOLD".to_owned()));
    world.becomes("undone").await;
    let again = world.begin(call(1), Plan::default()).await;
    let (told, again) = (told.unwrap_err(), again.unwrap_err());
    assert_eq!((again.code(), again.message()), (told.code(), "the phone is sold"));
    assert_eq!(again.details(), told.details());
    let sent = world.peer.sent();
    assert_eq!(world.peer.asked(), ["TakeFirst", "UndoFirst"]);
    assert_eq!(sent[0].key, sent[1].key);
    assert_eq!((sent[0].repeatable, sent[1].repeatable), (false, true));
    assert!(world.journal().await.is_empty());
}

#[tokio::test]
async fn a_no_to_the_second_lets_go_of_the_second_and_then_of_the_first() {
    let world = World::new().await;
    world.peer.says("TakeFirst", yes()).says("TakeSecond", no()).says("UndoFirst", yes());
    let release = world.peer.waits("UndoSecond");
    let told = world.begin(call(1), Plan::default()).await;
    assert_eq!(refused(&told), (Code::FailedPrecondition, "PHONE_SOLD".to_owned()));
    assert_eq!(world.stage().await, "undoing");
    world.asks(3).await;
    assert_eq!(world.peer.asked(), ["TakeFirst", "TakeSecond", "UndoSecond"]);
    release.send(yes()).unwrap();
    world.becomes("undone").await;
    assert_eq!(world.peer.asked()[3..], ["UndoFirst"]);
}

#[tokio::test]
async fn what_was_not_sent_is_not_undone() {
    let world = World::new().await;
    world.peer.says("TakeFirst", Answer::NotSent);
    let told = world.begin(call(1), Plan::default()).await;
    assert_eq!(refused(&told), (Code::Unavailable, "PEER_AWAY".to_owned()));
    assert_eq!(world.stage().await, "undone");
    assert!(world.row().await.is_none());
    assert_eq!(refused(&world.begin(call(1), Plan::default()).await), refused(&told));
    assert_eq!(world.peer.asked(), ["TakeFirst"]);
}

#[tokio::test]
async fn what_follows_a_yes_is_undone_even_if_it_was_not_sent() {
    let world = World::new().await;
    world.peer.says("TakeFirst", yes()).says("TakeSecond", Answer::NotSent);
    world.peer.says("UndoSecond", yes()).says("UndoFirst", yes());
    let told = world.begin(call(1), Plan::default()).await;
    assert_eq!(refused(&told), (Code::Unavailable, "PEER_AWAY".to_owned()));
    world.becomes("undone").await;
    assert_eq!(world.peer.asked(), ["TakeFirst", "TakeSecond", "UndoSecond", "UndoFirst"]);
}

#[tokio::test]
async fn an_error_is_no_answer_and_is_undone() {
    let world = World::new().await;
    world.peer.says("TakeFirst", Answer::Nothing).says("UndoFirst", yes());
    let told = world.begin(call(1), Plan::default()).await;
    assert_eq!(refused(&told), (Code::Unavailable, "PEER_AWAY".to_owned()));
    world.becomes("undone").await;
    assert_eq!(world.peer.asked(), ["TakeFirst", "UndoFirst"]);
}

#[tokio::test]
async fn silence_is_told_once_it_is_written_that_it_was_given_up() {
    let world = World::new().await;
    world.peer.says("TakeFirst", yes()).is_silent("TakeSecond").says("UndoFirst", yes());
    let release = world.peer.waits("UndoSecond");
    let told = world.begin(call(1), Plan { limit: 300, ..Plan::default() }).await;
    assert_eq!(refused(&told), (Code::Unavailable, "PEER_AWAY".to_owned()));
    assert_eq!(world.stage().await, "undoing");
    release.send(yes()).unwrap();
    world.becomes("undone").await;
    assert_eq!(world.peer.asked(), ["TakeFirst", "TakeSecond", "UndoSecond", "UndoFirst"]);
}

#[tokio::test]
async fn a_yes_that_cannot_be_read_is_no_answer() {
    let world = World::new().await;
    let garbage = Answer::Yes { message: vec![0xff], token: String::new(), correlation_id: None };
    world.peer.says("TakeFirst", garbage).says("UndoFirst", yes());
    let told = world.begin(call(1), Plan::default()).await;
    assert_eq!(refused(&told).0, Code::Unavailable);
    world.becomes("undone").await;
}

#[tokio::test]
async fn the_request_of_what_is_undone_is_settled_with_the_undo() {
    let world = World::new().await;
    world.peer.says("TakeFirst", no());
    let release = world.peer.waits("UndoFirst");
    assert!(world.begin(call(1), Plan::default()).await.is_err());
    world.asks(2).await;
    let again = world.begins(call(1), Plan::default());
    assert!(!again.is_finished());
    release.send(yes()).unwrap();
    assert_eq!(refused(&again.await.unwrap()).1, "PHONE_SOLD");
    let gone = until(SOON, || async { world.row().await.is_none().then_some(()) });
    gone.await;
}
