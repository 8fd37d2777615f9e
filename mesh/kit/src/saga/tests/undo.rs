//! Undos of what other contexts took: accepted first, last and twice.

use futures::future::{join, join_all};
use tonic::Code;
use uuid::Uuid;

use super::{
    shelf::Mood,
    take::{answers, becomes, effects, effects_of, takes, takes_of, undoes, undoes_of},
    world::{ID, World, on_all, refused},
};

on_all!(
    after_an_undo_a_late_take_is_refused_and_has_no_effect,
    an_undo_lets_go_once,
    an_undo_of_a_no_lets_go_of_nothing,
    takes_and_undos_at_once_leave_nothing_taken,
    takes_and_undos_at_once_of_what_is_born_by_them_leave_nothing_taken,
);

async fn after_an_undo_a_late_take_is_refused_and_has_no_effect(world: World) {
    becomes(&world, Mood::Open).await;
    undoes(&world, "deals/1").await.unwrap();
    let late = takes(&world, "deals/1").await;
    assert_eq!(refused(&late), (Code::FailedPrecondition, "CALL_UNDONE".to_owned()));
    assert_eq!(answers(&late).as_deref(), Some("deals/1"));
    assert_eq!(effects(&world).await, Some((0, 0)));
}

async fn an_undo_lets_go_once(world: World) {
    takes(&world, "deals/1").await.unwrap();
    for _ in 0..2 {
        undoes(&world, "deals/1").await.unwrap();
        assert_eq!(effects(&world).await, Some((1, 1)));
    }
    assert_eq!(refused(&takes(&world, "deals/1").await).1, "CALL_UNDONE");
    assert_eq!(effects(&world).await, Some((1, 1)));
}

async fn an_undo_of_a_no_lets_go_of_nothing(world: World) {
    takes(&world, "deals/1").await.unwrap();
    becomes(&world, Mood::Full).await;
    assert_eq!(refused(&takes(&world, "deals/2").await).1, "SHELF_FULL");
    undoes(&world, "deals/2").await.unwrap();
    assert_eq!(effects(&world).await, Some((1, 0)));
    assert_eq!(refused(&takes(&world, "deals/2").await).1, "CALL_UNDONE");
}

async fn takes_and_undos_at_once_leave_nothing_taken(world: World) {
    becomes(&world, Mood::Open).await;
    for round in 0..5 {
        race(&world, ID, &format!("deals/{round}")).await;
    }
    let (taken, freed) = effects(&world).await.unwrap();
    assert!(taken == freed && taken <= 5, "{taken} taken, {freed} freed");
}

async fn takes_and_undos_at_once_of_what_is_born_by_them_leave_nothing_taken(world: World) {
    for shelf in (100..110).map(Uuid::from_u128) {
        race(&world, shelf, &format!("deals/{shelf}")).await;
        let effects = effects_of(&world, shelf).await;
        assert!(matches!(effects, None | Some((1, 1))), "{effects:?}");
    }
}

/// As many takes as undos of one key at once, twenty in all.
async fn race(world: &World, shelf: Uuid, key: &str) {
    let takes = join_all((0..10).map(|_| takes_of(world, shelf, key)));
    let undos = join_all((0..10).map(|_| undoes_of(world, shelf, key)));
    let (answers, undone) = join(takes, undos).await;
    assert!(undone.iter().all(Result::is_ok), "{undone:?}");
    for told in answers.iter().filter(|told| told.is_err()) {
        assert_eq!(refused(told).1, "CALL_UNDONE");
    }
    assert_eq!(refused(&takes_of(world, shelf, key).await).1, "CALL_UNDONE");
}
