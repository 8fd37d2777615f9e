//! Channels come back from their table, on every database that jangteo runs on.

use jangteo_kit::execute::Head;
use sea_orm::TryIntoModel;
use uuid::Uuid;

use super::*;

fn stored(id: Uuid, state: State) -> Versioned<Channel> {
    let head =
        Head { id, revision: 3, sequence: 2, correlation_id: id, create_time: 1, update_time: 2 };
    let owner = "🥕".repeat(64);
    Versioned { state: Channel { id, owner, language: Language::En, state }, head }
}

/// Every state, with what strains its columns.
fn samples(id: Uuid) -> Vec<Versioned<Channel>> {
    let (long, secret) = ("🥕".repeat(500), "s".repeat(100));
    let states = [
        State::Unconfirmed { address: long.clone(), code: secret.clone() },
        State::Mail { address: String::new() },
        State::Webhook { url: long, secret },
        State::Deleted { at: i64::MIN },
    ];
    let mut samples: Vec<_> = states.into_iter().map(|state| stored(id, state)).collect();
    samples[0].state.language = Language::Unspecified;
    samples
}

jangteo_testing::rows_come_back!("notification", crate::migration::all, samples);

#[test]
fn a_row_that_is_no_state_is_named() {
    let id = Uuid::from_u128(7);
    let row = Channel::write(&stored(id, State::Mail { address: "a@b".to_owned() }));
    let row = row.try_into_model().unwrap();
    for spoil in [
        |row: &mut entity::Model| row.state = "seen".to_owned(),
        |row: &mut entity::Model| row.address = None,
        |row: &mut entity::Model| row.secret = Some(String::new()),
        |row: &mut entity::Model| row.delete_time = Some(1),
        |row: &mut entity::Model| row.language = "tlh".to_owned(),
    ] {
        let mut row = row.clone();
        spoil(&mut row);
        assert!(Channel::read(row).unwrap_err().contains(&id.to_string()));
    }
}
