//! Who is born while somebody looks for him, and who is born again.

use std::sync::Arc;

use jangteo_testing::until;
use sea_orm::{ConnectionTrait as _, Statement};
use tokio::sync::Notify;

use super::{
    errand::Plan,
    peer::yes,
    shelf::{Command, Shelf},
    take::{effects, undoes},
    world::{ID, SOON, World, call, cause, on_all, shown},
};
use crate::{
    event::Event,
    execute::apply,
    journal,
    store::{Failure, Never, Tx},
};

on_all!(postgres Postgres: an_undo_that_came_too_early_to_see_what_was_taken_looks_again);

const LOCK: &str = "LOCK TABLE answer IN ACCESS EXCLUSIVE MODE";
const ANSWER: &str = "INSERT INTO answer \
    (caller, call_key, body_hash, verdict, reply, token, correlation_id, time) VALUES \
    ('service:deal', 'deals/1', '', 'yes', '', '', '00000000-0000-0000-0000-000000000000', 0)";
const WAITS: &str = "SELECT COUNT(*) FROM pg_locks WHERE NOT granted";

/// Takes by hand: the undo gets as far as to the answers before there is a shelf.
async fn taken(tx: &Tx, locked: &Notify, seen: &Notify) -> Result<(), Failure<Never>> {
    tx.execute_unprepared(LOCK).await?;
    locked.notify_one();
    seen.notified().await;
    let born = apply::<Shelf>(tx, "sample", &cause(), ID, None, Command::Take).await;
    born.map_err(|failure| failure.map(|no| Failure::Inconsistent(no.to_string())))?;
    Ok(tx.execute_unprepared(ANSWER).await.map(drop)?)
}

/// What a restored database has adopted of an errand, whose row it has not.
fn history() -> Event {
    Event {
        context: "sample".to_owned(),
        kind: "errand".to_owned(),
        aggregate_id: ID,
        sequence: 1,
        type_name: "jangteo.sample.v1.ErrandBegun".to_owned(),
        payload: vec![],
        correlation_id: ID,
        causation_id: ID,
        traceparent: String::new(),
        time: 0,
    }
}

#[tokio::test]
async fn who_is_born_again_under_a_name_goes_on_behind_his_history() {
    let world = World::new().await;
    let adopted: Result<(), Failure<Never>> = world
        .context
        .store()
        .unit(|tx| Box::pin(async move { journal::append(tx, &[history()]).await }))
        .await;
    adopted.unwrap();
    world.peer.says("TakeFirst", yes()).says("TakeSecond", yes());
    assert_eq!(shown(world.begin(call(1), Plan::default()).await), "done");
    let numbers: Vec<i64> = world.journal().await.iter().map(|event| event.sequence).collect();
    assert!(numbers.len() > 1, "{numbers:?}");
    assert_eq!(numbers, (1..).take(numbers.len()).collect::<Vec<_>>());
}

async fn an_undo_that_came_too_early_to_see_what_was_taken_looks_again(world: World) {
    let (locked, seen) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (tells, hears) = (locked.clone(), seen.clone());
    let taking = world.context.store().unit(move |tx| {
        let (tells, hears) = (tells.clone(), hears.clone());
        Box::pin(async move { taken(tx, &tells, &hears).await })
    });
    let undoing = async {
        locked.notified().await;
        undoes(&world, "deals/1").await
    };
    let watching = async {
        until(SOON, || async {
            let db = world.context.store().reader().unwrap();
            let waits = Statement::from_string(db.get_database_backend(), WAITS);
            let waits = db.query_one_raw(waits).await.unwrap()?;
            (waits.try_get_by_index::<i64>(0).unwrap() > 0).then_some(())
        })
        .await;
        seen.notify_one();
    };
    let (taken, undone, ()) = tokio::join!(taking, undoing, watching);
    taken.unwrap();
    undone.unwrap();
    assert_eq!(effects(&world).await, Some((1, 1)));
}
