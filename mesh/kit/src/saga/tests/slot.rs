//! What must hold across aggregates: a unique column whose violation is a rule.

use tonic::Code;

use super::{
    errand::{Command, Plan},
    peer::yes,
    world::{ID, OTHER, World, call, on_all, refused, shown},
};

on_all!(a_slot_that_is_taken_refuses_births, a_slot_that_is_taken_refuses_changes);

fn slot(name: &str) -> Plan {
    Plan { slot: Some(name.to_owned()), ..Plan::default() }
}

async fn done(world: &World, request: u128, id: uuid::Uuid, plan: Plan) {
    world.peer.says("TakeFirst", yes()).says("TakeSecond", yes());
    let told = world.runs(call(request), id, Command::Begin(id, plan)).await.unwrap();
    assert_eq!(shown(told), "done");
}

async fn a_slot_that_is_taken_refuses_births(world: World) {
    done(&world, 1, ID, slot("window")).await;
    let told = world.runs(call(2), OTHER, Command::Begin(OTHER, slot("window"))).await.unwrap();
    assert_eq!(refused(&told), (Code::AlreadyExists, "SLOT_TAKEN".to_owned()));
    assert!(world.errand(OTHER).await.is_none());
    assert_eq!((world.count("request").await, world.count("waiting").await), (1, 0));
    done(&world, 3, OTHER, slot("door")).await;
}

async fn a_slot_that_is_taken_refuses_changes(world: World) {
    done(&world, 1, ID, slot("window")).await;
    done(&world, 2, OTHER, Plan::default()).await;
    let before = world.errand(OTHER).await;
    let moves = |request, to: &str| world.runs(call(request), OTHER, Command::Move(to.to_owned()));
    let told = moves(3, "window").await.unwrap();
    assert_eq!(refused(&told), (Code::AlreadyExists, "SLOT_TAKEN".to_owned()));
    assert_eq!(world.errand(OTHER).await, before);
    assert_eq!(shown(moves(4, "door").await.unwrap()), "done");
    // Whoever lets go of it lets others have it.
    let told = world.runs(call(5), ID, Command::Move("roof".to_owned())).await.unwrap();
    assert_eq!(shown(told), "done");
    assert_eq!(shown(moves(6, "window").await.unwrap()), "done");
}
