//! Deliveries come back from their table, on every database that jangteo runs on.

use jangteo_kit::execute::Head;
use sea_orm::TryIntoModel;
use uuid::Uuid;

use super::*;
use crate::domain::samples::{ID, bound, delivered, delivery, picked_up, states};

pub(crate) fn stored(id: Uuid, delivery: Delivery) -> Versioned<Delivery> {
    let head =
        Head { id, revision: 3, sequence: 2, correlation_id: id, create_time: 1, update_time: 2 };
    Versioned { state: Delivery { id, ..delivery }, head }
}

/// Every state, and what strains a column.
fn samples(id: Uuid) -> Vec<Versioned<Delivery>> {
    let carrots = |count| "🥕".repeat(count);
    let mut deliveries: Vec<_> = states().map(delivery).into();
    deliveries.extend([bound(State::Started), bound(picked_up())]);
    let destination = Destination { address: carrots(200), phone_number: carrots(30) };
    deliveries.push(Delivery {
        id,
        customer: carrots(64),
        seller: carrots(64),
        destination: Some(destination),
        state: State::PickedUp { courier: carrots(64) },
    });
    for text in ["'\\\"%_; ", " ", ""] {
        let destination = Destination { address: text.to_owned(), phone_number: text.to_owned() };
        deliveries.push(Delivery { destination: Some(destination), ..bound(State::Started) });
    }
    let mut samples: Vec<_> = deliveries.into_iter().map(|it| stored(id, it)).collect();
    let mut eternal = stored(id, delivery(delivered()));
    (eternal.head.revision, eternal.head.sequence) = (i64::MAX, i64::MAX);
    (eternal.head.create_time, eternal.head.update_time) = (i64::MIN, i64::MAX);
    samples.push(eternal);
    samples
}

jangteo_testing::rows_come_back!("delivery", crate::migration::all, samples);

#[test]
fn a_row_that_is_no_state_is_named() {
    let row = |state| Delivery::write(&stored(ID, bound(state))).try_into_model().unwrap();
    let refused = |state: State, change: fn(&mut entity::Model)| {
        let mut row = row(state);
        change(&mut row);
        let why = Delivery::read(row).unwrap_err();
        assert!(why.contains(&ID.to_string()), "{why}");
        why
    };
    assert!(refused(State::Started, |row| row.address = None).contains("half a destination"));
    assert!(refused(picked_up(), |row| row.phone_number = None).contains("half a destination"));
    for why in [
        refused(picked_up(), |row| row.courier = None),
        refused(delivered(), |row| row.courier = None),
        refused(picked_up(), |row| row.state = "started".to_owned()),
        refused(picked_up(), |row| row.state = "cancelled".to_owned()),
        refused(State::Started, |row| row.state = "delivered".to_owned()),
        refused(State::Started, |row| row.state = "Started".to_owned()),
    ] {
        assert!(why.contains("does not fit"), "{why}");
    }
}
