//! Questions of other contexts that take something of several aggregates: all of it or nothing.

use tonic::{Code, Response, Status};
use uuid::Uuid;

use super::{
    errand::Shown,
    shelf::{Command, Mood, Rejection, Shelf},
    take::{answers, asked, becomes, effects_of},
    world::{ID, OTHER, World, on_all, refused},
};
use crate::execute::{Versioned, take_all, undo_all};

on_all!(
    all_are_taken_in_one_answer_and_let_go_of_together,
    where_one_says_no_nothing_is_taken_of_the_others,
    what_they_come_to_may_be_refused,
    those_who_want_the_same_in_another_order_do_not_block_each_other,
);

/// Takes of these shelves; answers what was taken of each, or why all of it is too much.
async fn takes(world: &World, key: &str, shelves: &[Uuid]) -> Result<Response<Shown>, Status> {
    let told = shelves.iter().map(|id| (*id, Command::Take)).collect();
    let call = asked("deal", key, "take");
    take_all(&world.context, call, told, |taken: &[Versioned<Shelf>]| {
        let taken: Vec<i64> = taken.iter().map(|shelf| shelf.state.taken).collect();
        if taken.iter().sum::<i64>() > 8 {
            return Err(Rejection::Full);
        }
        Ok(Shown { stage: format!("{taken:?}") })
    })
    .await
}

async fn undoes(world: &World, key: &str, shelves: &[Uuid]) {
    let told = shelves.iter().map(|id| (*id, Command::Free)).collect();
    let call = asked("deal", key, "undo");
    undo_all::<Shelf, Shown>(&world.context, call, told).await.unwrap();
}

async fn effects(world: &World) -> [Option<(i64, i64)>; 2] {
    [effects_of(world, ID).await, effects_of(world, OTHER).await]
}

async fn all_are_taken_in_one_answer_and_let_go_of_together(world: World) {
    takes(&world, "deals/1", &[OTHER]).await.unwrap();
    for _ in 0..2 {
        let taken = takes(&world, "deals/2", &[OTHER, ID]).await.unwrap();
        assert_eq!(taken.get_ref().stage, "[2, 1]", "in the order in which they were told");
    }
    assert_eq!(effects(&world).await, [Some((1, 0)), Some((2, 0))]);
    for _ in 0..2 {
        undoes(&world, "deals/2", &[ID, OTHER]).await;
    }
    assert_eq!(effects(&world).await, [Some((1, 1)), Some((2, 1))]);
    let late = takes(&world, "deals/2", &[OTHER, ID]).await;
    assert_eq!(refused(&late).1, "CALL_UNDONE");
}

async fn where_one_says_no_nothing_is_taken_of_the_others(world: World) {
    becomes(&world, Mood::Full).await;
    let no = takes(&world, "deals/1", &[OTHER, ID]).await;
    assert_eq!(refused(&no), (Code::FailedPrecondition, "SHELF_FULL".to_owned()));
    assert_eq!(answers(&no), Some("deals/1".to_owned()));
    assert_eq!(effects(&world).await, [Some((0, 0)), None]);
    undoes(&world, "deals/1", &[OTHER, ID]).await;
    assert_eq!(effects(&world).await, [Some((0, 0)), None], "there is nothing to let go of");
}

async fn what_they_come_to_may_be_refused(world: World) {
    for key in ["deals/1", "deals/2", "deals/3", "deals/4"] {
        takes(&world, key, &[ID, OTHER]).await.unwrap();
    }
    let no = takes(&world, "deals/5", &[ID, OTHER]).await;
    assert_eq!(refused(&no), (Code::FailedPrecondition, "SHELF_FULL".to_owned()));
    assert_eq!(effects(&world).await, [Some((4, 0)), Some((4, 0))]);
}

async fn those_who_want_the_same_in_another_order_do_not_block_each_other(world: World) {
    takes(&world, "deals/0", &[ID, OTHER]).await.unwrap();
    let (one, other) = tokio::join!(
        takes(&world, "deals/1", &[ID, OTHER]),
        takes(&world, "deals/2", &[OTHER, ID])
    );
    assert!(one.is_ok() && other.is_ok());
    assert_eq!(effects(&world).await, [Some((3, 0)), Some((3, 0))]);
}
