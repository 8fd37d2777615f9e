//! Items come back from their table, on every database that jangteo runs on.

use jangteo_kit::execute::Head;
use sea_orm::TryIntoModel;
use uuid::Uuid;

use super::*;
use crate::domain::samples;

pub(crate) fn stored(id: Uuid, item: Item) -> Versioned<Item> {
    let head =
        Head { id, revision: 3, sequence: 2, correlation_id: id, create_time: 1, update_time: 2 };
    Versioned { state: Item { id, ..item }, head }
}

/// Every state, and what strains a column.
fn items(id: Uuid) -> Vec<Versioned<Item>> {
    let mut items: Vec<_> = samples::states().into_iter().map(samples::item).collect();
    let carrots = |count| "🥕".repeat(count);
    let hold = Hold { rental: Uuid::max(), renter: carrots(64), retired: true };
    let payments = Payments { paid: i64::MAX, withheld: i64::MIN };
    let longest = Listing { name: carrots(100), price_krw: i64::MAX };
    let state = State::Reserved(hold, payments);
    items.push(Item { id, owner: carrots(64), listing: longest, state });
    // In lower case it is twice as long.
    for name in ["İ".repeat(100), "'\\\"%_; ".to_owned(), " ".to_owned()] {
        let listing = Listing { name, price_krw: 0 };
        items.push(Item { listing, ..samples::item(State::Rentable) });
    }
    let mut items: Vec<_> = items.into_iter().map(|item| stored(id, item)).collect();
    let mut eternal = stored(id, samples::item(State::Retired));
    (eternal.head.revision, eternal.head.sequence) = (i64::MAX, i64::MAX);
    (eternal.head.create_time, eternal.head.update_time) = (i64::MIN, i64::MAX);
    items.push(eternal);
    items
}

jangteo_testing::rows_come_back!("item", crate::migration::all, items);

#[test]
fn a_row_that_is_no_state_is_named() {
    let row = |state| Item::write(&stored(samples::ID, samples::item(state))).try_into_model();
    let reserved = row(samples::reserved(1, 0)).unwrap();
    let refused = |change: fn(&mut entity::Model)| {
        let mut row = reserved.clone();
        change(&mut row);
        Item::read(row).unwrap_err()
    };
    assert!(refused(|row| row.renter = None).contains("half a hold"));
    assert!(refused(|row| row.withheld = None).contains("half its payments"));
    for state in ["rentable", "lent", "lent_last", "retired", "deleted", "unknown", "rented"] {
        let row = entity::Model { state: state.to_owned(), ..reserved.clone() };
        let why = Item::read(row).unwrap_err();
        assert!(why.contains(&format!("state `{state}` does not fit")), "{why}");
        assert!(why.contains(&samples::ID.to_string()), "{why}");
    }
    let free = entity::Model { state: "lent".to_owned(), ..row(State::Rentable).unwrap() };
    assert!(Item::read(free).is_err());
}
