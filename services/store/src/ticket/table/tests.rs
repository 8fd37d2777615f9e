//! Tickets come back from their table, on every database that jangteo runs on.

use jangteo_kit::execute::Head;
use sea_orm::TryIntoModel;
use uuid::Uuid;

use super::*;
use crate::ticket::{
    Line,
    samples::{ID, STATES, never_came, ticket as sample},
};

pub(crate) fn stored(id: Uuid, ticket: Ticket) -> Versioned<Ticket> {
    let head =
        Head { id, revision: 3, sequence: 2, correlation_id: id, create_time: 1, update_time: 2 };
    Versioned { state: Ticket { id, ..ticket }, head }
}

/// As many lines as an order can have, none of them short.
fn strained(state: State) -> Ticket {
    let carrots = |count| "🥕".repeat(count);
    let line = |number: u128| Line {
        product: Uuid::from_u128(u128::MAX - number),
        name: carrots(100),
        quantity: i64::MAX,
    };
    let lines = (0..50).map(line).collect();
    let (customer, seller) = (carrots(64), carrots(64));
    Ticket { id: ID, store: Uuid::max(), customer, seller, lines, state }
}

/// Every state, and what strains a column.
fn samples(id: Uuid) -> Vec<Versioned<Ticket>> {
    let mut tickets: Vec<_> = STATES.map(sample).into();
    tickets.extend(STATES.map(strained));
    tickets.push(never_came());
    for name in ["'\\\"%_; \n", "\u{1}".repeat(100).as_str(), " ", ""] {
        let line = Line { product: Uuid::nil(), name: name.to_owned(), quantity: i64::MIN };
        tickets.push(Ticket { lines: vec![line; 50], ..sample(State::Received) });
    }
    let mut samples: Vec<_> = tickets.into_iter().map(|it| stored(id, it)).collect();
    let mut eternal = stored(id, sample(State::Cooked));
    (eternal.head.revision, eternal.head.sequence) = (i64::MAX, i64::MAX);
    (eternal.head.create_time, eternal.head.update_time) = (i64::MIN, i64::MAX);
    samples.push(eternal);
    samples
}

jangteo_testing::rows_come_back!("store", crate::migration::all, samples);

/// What is said of the row of this state, once it is changed.
fn refused(state: State, change: impl FnOnce(&mut entity::Model)) -> String {
    let mut row = Ticket::write(&stored(ID, sample(state))).try_into_model().unwrap();
    change(&mut row);
    let refused = Ticket::read(row).unwrap_err();
    assert!(refused.contains(&ID.to_string()), "{refused}");
    refused
}

#[test]
fn a_row_that_is_no_state_is_named() {
    let by_store = State::Rejected { why: Why::ByStore };
    let renamed = |state, name: &str| refused(state, |row| name.clone_into(&mut row.state));
    let because =
        |state, why: Option<&str>| refused(state, |row| row.reject_reason = why.map(str::to_owned));
    for why in [
        renamed(State::Received, "rejected"),
        renamed(State::Received, "Received"),
        renamed(State::Received, "lost"),
        renamed(by_store, "cancelled"),
        because(by_store, None),
        because(by_store, Some("by_store")),
        because(State::Cancelled, Some("BY_STORE")),
    ] {
        assert!(why.contains("does not fit"), "{why}");
    }
}

#[test]
fn a_row_whose_lines_cannot_be_read_is_named() {
    for json in ["", "{}", "[{}]", "[{\"product\":\"비빔밥\",\"name\":\"\",\"quantity\":1}]"] {
        let why = refused(State::Received, |row| json.clone_into(&mut row.lines));
        assert!(why.contains("no lines"), "{why}");
    }
}

#[test]
fn every_state_that_somebody_sees_is_found_by_its_name() {
    for (shown, state) in [
        (Shown::Received, State::Received),
        (Shown::Accepted, State::Accepted),
        (Shown::Cooking, State::Cooking),
        (Shown::Cooked, State::Cooked),
        (Shown::Rejected, State::Rejected { why: Why::StoreNotFound }),
        (Shown::Cancelled, State::Cancelled),
    ] {
        assert_eq!(name(shown), Some(columns(state).0));
    }
    assert_eq!(name(Shown::Unspecified), None);
}
