//! Items for tests.

use uuid::Uuid;

use super::{Hold, Item, Listing, Payments, State};

/// The item of all tests.
pub(crate) const ID: Uuid = Uuid::from_u128(1);

pub(crate) fn rental(number: u128) -> Uuid {
    Uuid::from_u128(100 + number)
}

pub(crate) fn hold(number: u128) -> Hold {
    Hold { rental: rental(number), renter: format!("renter{number:02}"), retired: false }
}

/// Under this rental it was retired.
pub(crate) fn last(number: u128) -> Hold {
    Hold { retired: true, ..hold(number) }
}

/// Reserved for the first rental, whose payments have come so far.
pub(crate) fn reserved(paid: i64, withheld: i64) -> State {
    State::Reserved(hold(1), Payments { paid, withheld })
}

/// B-T1, in each state.
pub(crate) fn item(state: State) -> Item {
    let listing = Listing { name: "Camera".to_owned(), price_krw: 100 };
    let owner = "owner01".to_owned();
    match state {
        State::Unknown => Item { id: ID, owner: String::new(), listing: Listing::default(), state },
        _ => Item { id: ID, owner, listing, state },
    }
}

/// Those that nothing changes any more.
pub(crate) const ENDS: [State; 3] = [State::Retired, State::Deleted, State::Unknown];

/// Every state.
pub(crate) fn states() -> Vec<State> {
    let mut states = vec![
        State::Rentable,
        reserved(0, 0),
        reserved(2, 1),
        State::Reserved(last(1), Payments { paid: 1, withheld: 1 }),
        State::Lent(hold(1)),
        State::Lent(last(1)),
    ];
    states.extend(ENDS);
    states
}
