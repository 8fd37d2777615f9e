//! Dispatches come back from their table, on every database that jangteo runs on.

use jangteo_kit::execute::Head;
use sea_orm::TryIntoModel;
use uuid::Uuid;

use super::*;

fn stored(id: Uuid, state: State) -> Versioned<Dispatch> {
    let head =
        Head { id, revision: 3, sequence: 2, correlation_id: id, create_time: 1, update_time: 2 };
    let (owner, channel) = ("🥕".repeat(64), Uuid::from_u128(8));
    let dispatch = Dispatch { id, channel, owner, notification: None, attempts: i32::MAX, state };
    Versioned { state: dispatch, head }
}

/// Every state, with what strains its columns.
fn samples(id: Uuid) -> Vec<Versioned<Dispatch>> {
    let failure = "🥕'\\\"%_; \n".repeat(300);
    let states = [
        State::Sending,
        State::Waiting { until: i64::MAX, failure: failure.clone() },
        State::Sent,
        State::Dead { failure },
    ];
    let mut samples: Vec<_> = states.into_iter().map(|state| stored(id, state)).collect();
    samples[0].state.notification = Some(Uuid::max());
    samples
}

jangteo_testing::rows_come_back!("notification", crate::migration::all, samples);

#[test]
fn a_row_that_is_no_state_is_named() {
    let id = Uuid::from_u128(7);
    let row = Dispatch::write(&stored(id, State::Sent)).try_into_model().unwrap();
    for spoil in [
        |row: &mut entity::Model| row.state = "seen".to_owned(),
        |row: &mut entity::Model| row.failure = Some(String::new()),
        |row: &mut entity::Model| row.wake_time = Some(1),
    ] {
        let mut row = row.clone();
        spoil(&mut row);
        assert!(Dispatch::read(row).unwrap_err().contains(&id.to_string()));
    }
}
