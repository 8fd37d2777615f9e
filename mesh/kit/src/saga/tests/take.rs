//! Questions of other contexts that take something: each is answered once.

use tonic::{Code, Request, Response, Status};
use tonic_types::StatusExt;
use uuid::Uuid;

use super::{
    errand::Shown,
    shelf::{Asked, Command, Mood, Shelf},
    world::{ID, World, on_all, refused},
};
use crate::{
    auth::Caller,
    execute::{Call, execute, find, take, undo},
    peer::{CALL_KEY, CORRELATION},
    store::{Failure, Never},
    token::HEADER,
};

on_all!(
    a_yes_is_kept_and_repeated_without_a_second_effect,
    a_no_is_kept_and_repeated_when_it_would_be_a_yes_by_now,
    what_may_be_different_soon_is_no_answer,
    another_question_under_the_same_key_is_refused,
);

/// What `by` asks under a key.
pub(super) fn asked(by: &str, key: &str, what: &str) -> Call {
    let body = Asked { call_key: key.to_owned(), what: what.to_owned() };
    let mut request = Request::new(body);
    request.extensions_mut().insert(Caller::Service { context: by.to_owned() });
    let belongs_to = Uuid::from_u128(7).to_string();
    request.metadata_mut().insert(CORRELATION, belongs_to.parse().unwrap());
    Call::keyed(request).0
}

pub(super) async fn takes(world: &World, key: &str) -> Result<Response<Shown>, Status> {
    takes_of(world, ID, key).await
}

pub(super) async fn takes_of(
    world: &World,
    shelf: Uuid,
    key: &str,
) -> Result<Response<Shown>, Status> {
    take::<Shelf>(&world.context, asked("deal", key, "take"), shelf, Command::Take).await
}

pub(super) async fn undoes(world: &World, key: &str) -> Result<Response<Shown>, Status> {
    undoes_of(world, ID, key).await
}

pub(super) async fn undoes_of(
    world: &World,
    shelf: Uuid,
    key: &str,
) -> Result<Response<Shown>, Status> {
    undo::<Shelf, _>(&world.context, asked("deal", key, "undo"), shelf, Command::Free).await
}

pub(super) async fn becomes(world: &World, mood: Mood) {
    let call = asked("deal", "unused", "become");
    execute::<Shelf>(&world.context, call, ID, Command::Become(mood)).await.unwrap();
}

/// How often the shelf was taken and freed; nothing where there is no shelf.
pub(super) async fn effects(world: &World) -> Option<(i64, i64)> {
    effects_of(world, ID).await
}

pub(super) async fn effects_of(world: &World, shelf: Uuid) -> Option<(i64, i64)> {
    let db = world.context.store().reader().unwrap();
    let found: Result<_, Failure<Never>> = find::<Shelf, _>(db, shelf).await;
    found.unwrap().map(|shelf| (shelf.state.taken, shelf.state.freed))
}

/// The call that a final no names.
pub(super) fn answers<T>(told: &Result<T, Status>) -> Option<String> {
    let info = told.as_ref().err()?.get_details_error_info()?;
    info.metadata.get(CALL_KEY).cloned()
}

async fn a_yes_is_kept_and_repeated_without_a_second_effect(world: World) {
    let first = takes(&world, "deals/1").await.unwrap();
    becomes(&world, Mood::Full).await;
    let again = takes(&world, "deals/1").await.unwrap();
    assert_eq!(again.get_ref().stage, "taken 1, freed 0");
    assert_eq!(again.get_ref(), first.get_ref());
    for header in [HEADER, CORRELATION] {
        assert!(first.metadata().contains_key(header), "{header}");
        assert_eq!(again.metadata().get(header), first.metadata().get(header));
    }
    assert_eq!(effects(&world).await, Some((1, 0)));
}

async fn a_no_is_kept_and_repeated_when_it_would_be_a_yes_by_now(world: World) {
    becomes(&world, Mood::Full).await;
    let first = takes(&world, "deals/1").await;
    assert_eq!(refused(&first), (Code::FailedPrecondition, "SHELF_FULL".to_owned()));
    becomes(&world, Mood::Open).await;
    let again = takes(&world, "deals/1").await;
    assert_eq!(refused(&again), refused(&first));
    assert_eq!(
        (answers(&first), answers(&again)),
        (Some("deals/1".into()), Some("deals/1".into()))
    );
    assert_eq!(effects(&world).await, Some((0, 0)));
    assert!(takes(&world, "deals/2").await.is_ok());
}

async fn what_may_be_different_soon_is_no_answer(world: World) {
    becomes(&world, Mood::Busy).await;
    let busy = takes(&world, "deals/1").await;
    assert_eq!(refused(&busy), (Code::Aborted, "SHELF_BUSY".to_owned()));
    assert_eq!(answers(&busy), None);
    assert_eq!(world.count("answer").await, 0);
    becomes(&world, Mood::Open).await;
    assert!(takes(&world, "deals/1").await.is_ok());
    assert_eq!(effects(&world).await, Some((1, 0)));
}

async fn another_question_under_the_same_key_is_refused(world: World) {
    takes(&world, "deals/1").await.unwrap();
    let other = asked("deal", "deals/1", "something else");
    let told = take::<Shelf>(&world.context, other, ID, Command::Take).await;
    assert_eq!(refused(&told), (Code::InvalidArgument, "CALL_KEY_REUSED".to_owned()));
    assert_eq!(answers(&told), None);
    let somebody_else = asked("order", "deals/1", "take");
    assert!(take::<Shelf>(&world.context, somebody_else, ID, Command::Take).await.is_ok());
    assert_eq!(effects(&world).await, Some((2, 0)));
}
