//! Notifications come back from their table, on every database that jangteo runs on.

use jangteo_kit::execute::Head;
use sea_orm::TryIntoModel;

use super::*;

fn stored(id: Uuid, note: Note, state: State) -> Versioned<Notification> {
    let head =
        Head { id, revision: 3, sequence: 2, correlation_id: id, create_time: 1, update_time: 2 };
    Versioned { state: Notification { id, note, state }, head }
}

fn note(kind: Kind) -> Note {
    Note {
        recipient: "renter01".to_owned(),
        kind,
        subject: "rentals/R".to_owned(),
        arguments: [("item_name".to_owned(), "텐트".to_owned())].into(),
        event_time: 5,
    }
}

/// Every kind and state, and what strains a column.
fn samples(id: Uuid) -> Vec<Versioned<Notification>> {
    let kinds = Kind::ALL.iter().map(|kind| stored(id, note(*kind), State::Unread));
    let mut samples: Vec<_> = kinds.collect();
    samples.push(stored(id, note(Kind::RentalLent), State::Read));
    let bare = Note { arguments: Arguments::new(), ..note(Kind::RentalLent) };
    samples.push(stored(id, bare, State::Unread));
    let strained = Note {
        recipient: "🥕".repeat(64),
        subject: "🥕".repeat(120),
        arguments: [("'\\\"%_; \n".to_owned(), "🥕".repeat(1_000))].into(),
        event_time: i64::MIN,
        ..note(Kind::RentalPaymentCancelled)
    };
    let mut eternal = stored(id, strained, State::Read);
    (eternal.head.revision, eternal.head.sequence) = (i64::MAX, i64::MAX);
    (eternal.head.create_time, eternal.head.update_time) = (i64::MIN, i64::MAX);
    samples.push(eternal);
    samples
}

jangteo_testing::rows_come_back!("notification", crate::migration::all, samples);

#[test]
fn a_row_that_is_no_state_is_named() {
    let sample = stored(Uuid::from_u128(7), note(Kind::RentalLent), State::Unread);
    let row = Notification::write(&sample).try_into_model().unwrap();
    let refused = |change: fn(&mut entity::Model)| {
        let mut row = row.clone();
        change(&mut row);
        let refused = Notification::read(row).unwrap_err();
        assert!(refused.contains(&Uuid::from_u128(7).to_string()), "{refused}");
        refused
    };
    assert!(refused(|row| "seen".clone_into(&mut row.state)).contains("no state `seen`"));
    assert!(refused(|row| "somebody_sang".clone_into(&mut row.kind)).contains("no kind"));
    assert!(refused(|row| "[]".clone_into(&mut row.arguments)).contains("no arguments"));
}
