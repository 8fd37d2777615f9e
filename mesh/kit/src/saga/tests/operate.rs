//! What operators see of what waits, and what they may do about it.

use jangteo::{
    errors::reason,
    ops::v1::{
        AbortSagaRequest, GetSagaRequest, ListSagasRequest, RetrySagaRequest, Saga, saga::State,
        saga_service_server::SagaService,
    },
};
use jangteo_testing::until;
use prost_types::Duration;
use tonic::{Code, Request, Response, Status};
use uuid::Uuid;

use super::{
    errand::{Command, Errand, Plan},
    peer::{no, yes},
    world::{ID, OTHER, SOON, World, call, on_all, refused, shown},
};
use crate::{
    clock,
    event::{millis, timestamp},
    execute::{Count, Waiting, Waits, counts, put},
    peer::Answer,
    saga::{SagaServer, of},
    store::{Failure, Never},
};

on_all!(
    all_that_waits_is_listed_the_oldest_first,
    a_question_is_given_up_as_if_its_deadline_had_passed,
    what_must_be_finished_is_never_dropped_and_asked_at_once,
    what_waits_is_counted_by_kind_and_way,
);

fn server(world: &World) -> SagaServer {
    SagaServer::new([(world.context.clone(), vec![of::<Errand>()])])
}

fn id(errand: Uuid) -> String {
    format!("sample/errand/{errand}")
}

async fn list(world: &World, asked: ListSagasRequest) -> (Vec<Saga>, String) {
    let page = server(world).list_sagas(Request::new(asked)).await.unwrap().into_inner();
    (page.sagas, page.next_page_token)
}

async fn all(world: &World) -> Vec<Saga> {
    list(world, ListSagasRequest::default()).await.0
}

async fn get(world: &World, errand: Uuid) -> Saga {
    let asked = GetSagaRequest { id: id(errand) };
    server(world).get_saga(Request::new(asked)).await.unwrap().into_inner()
}

async fn retry(world: &World, id: String) -> Result<(), Status> {
    server(world).retry_saga(Request::new(RetrySagaRequest { id })).await.map(drop)
}

async fn abort(world: &World, id: String) -> Result<(), Status> {
    server(world).abort_saga(Request::new(AbortSagaRequest { id })).await.map(drop)
}

#[track_caller]
fn denied<T>(told: Result<T, Status>, code: Code, expected: &str) {
    let status = told.err().expect("it is refused");
    assert_eq!((status.code(), reason(&status).as_deref()), (code, Some(expected)));
}

/// Begins an errand that reminds of itself in an hour.
async fn sleeps(world: &World) {
    world.peer.says("TakeFirst", yes()).says("TakeSecond", yes());
    let plan = Plan { remind: Some(clock::now_ms() + 3_600_000), ..Plan::default() };
    let told = world.runs(call(90), OTHER, Command::Begin(OTHER, plan)).await.unwrap();
    assert_eq!(shown(told), "done");
}

/// Begins the errand, whose first undo nobody answers.
async fn undoes(world: &World) {
    world.peer.says("TakeFirst", no()).says("UndoFirst", Answer::Nothing);
    assert_eq!(refused(&world.begin(call(1), Plan::default()).await).1, "PHONE_SOLD");
    world.context.finish().await;
}

/// Wakes what the errand waits for in an hour, as after many tries.
async fn is_put_off(world: &World) -> Waiting {
    let row = world.row().await.unwrap();
    let row = Waiting { wake_time: clock::now_ms() + 3_600_000, ..row };
    let put_off = row.clone();
    let written: Result<(), Failure<Never>> = world
        .context
        .store()
        .unit(move |tx| {
            let row = put_off.clone();
            Box::pin(async move { put(tx, row).await })
        })
        .await;
    written.unwrap();
    row
}

async fn all_that_waits_is_listed_the_oldest_first(world: World) {
    sleeps(&world).await;
    // Times are kept in ms.
    let begun = clock::now_ms();
    until(SOON, async || (clock::now_ms() > begun).then_some(())).await;
    let release = world.peer.waits("TakeFirst");
    let begun = world.begins(call(1), Plan::default());
    world.asks(3).await;
    let row = world.row().await.unwrap();

    let listed = all(&world).await;
    assert_eq!(listed.iter().map(|saga| &saga.id).collect::<Vec<_>>(), [&id(OTHER), &id(ID)]);
    assert_eq!(listed[0].state(), State::Sleeping);
    assert_eq!((listed[0].question.as_str(), listed[0].call_key.as_str()), ("", ""));
    let expected = Saga {
        id: id(ID),
        context: "sample".to_owned(),
        kind: "errand".to_owned(),
        aggregate_id: ID.to_string(),
        state: State::Asking.into(),
        call_key: format!("errands/{ID}"),
        question: "/jangteo.sample.v1.Peer/TakeFirst".to_owned(),
        attempts: 1,
        create_time: Some(timestamp(row.since)),
        wake_time: Some(timestamp(row.wake_time)),
        deadline: row.deadline.map(timestamp),
        request_id: Uuid::from_u128(1).to_string(),
        traceparent: row.traceparent,
    };
    assert_eq!(listed[1], expected);
    assert_eq!(get(&world, ID).await, expected);
    pages_and_filters(&world).await;

    world.peer.says("TakeSecond", yes());
    release.send(yes()).unwrap();
    assert_eq!(shown(begun.await.unwrap()), "done");
    assert_eq!(all(&world).await.len(), 1, "what waits no more is gone");
}

async fn pages_and_filters(world: &World) {
    let one = ListSagasRequest { page_size: 1, ..ListSagasRequest::default() };
    let (first, page_token) = list(world, one.clone()).await;
    let (second, end) = list(world, ListSagasRequest { page_token, ..one }).await;
    assert_eq!([&first[0].id, &second[0].id], [&id(OTHER), &id(ID)]);
    assert_eq!((first.len(), second.len(), end.as_str()), (1, 1, ""));
    for (state, expected) in [
        (State::Asking, vec![id(ID)]),
        (State::Sleeping, vec![id(OTHER)]),
        (State::Finishing, vec![]),
    ] {
        let asked = ListSagasRequest { state: state.into(), ..ListSagasRequest::default() };
        let listed = list(world, asked).await.0.into_iter().map(|saga| saga.id);
        assert_eq!(listed.collect::<Vec<_>>(), expected, "{state:?}");
    }
    for (seconds, expected) in [(0, 2), (3600, 0)] {
        let min_age = Some(Duration { seconds, nanos: 0 });
        let asked = ListSagasRequest { min_age, ..ListSagasRequest::default() };
        assert_eq!(list(world, asked).await.0.len(), expected, "{seconds}");
    }
}

async fn a_question_is_given_up_as_if_its_deadline_had_passed(world: World) {
    let release = world.peer.waits("TakeFirst");
    let begun = world.begins(call(1), Plan::default());
    world.asks(1).await;
    denied(retry(&world, id(ID)).await, Code::FailedPrecondition, "STILL_ASKING");
    world.peer.says("UndoFirst", yes());
    abort(&world, id(ID)).await.unwrap();
    world.becomes("undone").await;
    assert!(world.row().await.is_none());
    denied(abort(&world, id(ID)).await, Code::NotFound, "SAGA_NOT_FOUND");
    denied(retry(&world, id(ID)).await, Code::NotFound, "SAGA_NOT_FOUND");

    release.send(yes()).unwrap();
    let told = begun.await.unwrap();
    assert_eq!(refused(&told), (Code::Unavailable, "PEER_AWAY".to_owned()));
    assert_eq!(world.peer.asked(), ["TakeFirst", "UndoFirst"]);
}

async fn what_must_be_finished_is_never_dropped_and_asked_at_once(world: World) {
    undoes(&world).await;
    let put_off = is_put_off(&world).await;
    let saga = get(&world, ID).await;
    assert_eq!((saga.state(), saga.attempts), (State::Finishing, 1));
    assert_eq!(saga.question, "/jangteo.sample.v1.Peer/UndoFirst");
    assert_eq!(saga.deadline, None);
    denied(abort(&world, id(ID)).await, Code::FailedPrecondition, "MUST_FINISH");
    assert_eq!(world.row().await.as_ref(), Some(&put_off), "nothing was done");

    retry(&world, id(ID)).await.unwrap();
    let row = world.row().await.unwrap();
    assert!(row.wake_time <= clock::now_ms());
    assert_eq!((row.since, row.attempts), (put_off.since, 1), "it is the same wait");
    let world = world.restarted().await;
    world.peer.says("UndoFirst", yes());
    world.sweeps();
    world.becomes("undone").await;
    assert!(all(&world).await.is_empty());
}

async fn what_waits_is_counted_by_kind_and_way(world: World) {
    sleeps(&world).await;
    undoes(&world).await;
    let (undo, sleeper) = (world.row().await.unwrap(), get(&world, OTHER).await);
    let count = |waits, oldest| Count { kind: "errand".to_owned(), waits, many: 1, oldest };
    let wakes = millis(&sleeper.wake_time.unwrap());
    let expected = [count(Waits::Finishing, undo.since), count(Waits::Sleeping, wakes)];
    assert_eq!(counts(world.context.store().reader().unwrap()).await.unwrap(), expected);
}

#[tokio::test]
async fn a_timer_fires_in_its_time_and_no_operator_ends_it() {
    let world = World::new().await;
    sleeps(&world).await;
    denied(retry(&world, id(OTHER)).await, Code::FailedPrecondition, "TIMER_NOT_DUE");
    denied(abort(&world, id(OTHER)).await, Code::FailedPrecondition, "NOT_ASKING");
    assert_eq!(get(&world, OTHER).await.state(), State::Sleeping);
}

#[tokio::test]
async fn a_wait_is_as_old_as_its_question() {
    let world = World::new().await;
    world.sweeps();
    world.peer.says("TakeFirst", no()).says("UndoFirst", Answer::Nothing);
    world.peer.says("UndoFirst", Answer::NotSent);
    let release = world.peer.waits("UndoFirst");
    assert!(world.begin(call(1), Plan::default()).await.is_err());
    let since = world.row().await.unwrap().since;
    world.asks(4).await;
    let row = world.row().await.unwrap();
    assert_eq!((row.since, row.attempts), (since, 3), "asking again begins no new wait");
    release.send(yes()).unwrap();
    world.becomes("undone").await;
}

#[tokio::test]
async fn what_is_not_there_is_told_so() {
    let world = World::new().await;
    for unknown in [id(ID), "sample".to_owned(), "sample/errand/x".to_owned()] {
        denied(retry(&world, unknown.clone()).await, Code::NotFound, "SAGA_NOT_FOUND");
        let asked = Request::new(GetSagaRequest { id: unknown });
        denied(server(&world).get_saga(asked).await, Code::NotFound, "SAGA_NOT_FOUND");
    }
    denied(abort(&world, format!("sample/shelf/{ID}")).await, Code::NotFound, "SAGA_NOT_FOUND");
    denied(abort(&world, format!("weather/x/{ID}")).await, Code::NotFound, "CONTEXT_NOT_HERE");
    let asked = ListSagasRequest { page_token: "x".to_owned(), ..ListSagasRequest::default() };
    let listed: Result<Response<_>, _> = server(&world).list_sagas(Request::new(asked)).await;
    denied(listed, Code::InvalidArgument, "PAGE_TOKEN_INVALID");
}
