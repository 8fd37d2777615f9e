//! Tickets for tests.

use uuid::Uuid;

use super::{Line, State, Ticket, Why};

/// The ticket of all tests.
pub(crate) const ID: Uuid = Uuid::from_u128(7);
/// The store that makes it.
pub(crate) const STORE: Uuid = Uuid::from_u128(99);

/// Every state.
pub(crate) const STATES: [State; 8] = [
    State::Arriving,
    State::Received,
    State::Accepted,
    State::Cooking,
    State::Cooked,
    State::Rejected { why: Why::ByStore },
    State::Rejected { why: Why::StoreNotFound },
    State::Cancelled,
];

/// D-T1: what was ordered.
pub(crate) fn lines() -> Vec<Line> {
    let line = |product, name: &str, quantity| Line {
        product: Uuid::from_u128(product),
        name: name.to_owned(),
        quantity,
    };
    vec![line(1, "비빔밥", 20), line(2, "식혜", 1)]
}

/// D-T1, in each state.
pub(crate) fn ticket(state: State) -> Ticket {
    let (customer, seller) = ("customer01".to_owned(), "seller01".to_owned());
    Ticket { id: ID, store: STORE, customer, seller, lines: lines(), state }
}

/// One that was called off before it came.
pub(crate) fn never_came() -> Ticket {
    Ticket { lines: vec![], ..ticket(State::Cancelled) }
}
