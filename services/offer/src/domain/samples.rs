//! Offers for tests.

use uuid::Uuid;

use super::{Gone, Offer, Open, Standing, State, Terms};

/// The offer of all tests.
pub(crate) const ID: Uuid = Uuid::from_u128(1);
/// Its post.
pub(crate) const POST: Uuid = Uuid::from_u128(2);

pub(crate) fn deal(number: u128) -> Uuid {
    Uuid::from_u128(100 + number)
}

pub(crate) fn terms() -> Terms {
    Terms { seller: "seller01".to_owned(), list_price_krw: 600_000 }
}

/// A-T5: one that proposes a price.
pub(crate) fn proposal(state: State) -> Offer {
    let (buyer, proposed_krw) = ("buyer03".to_owned(), Some(510_000));
    Offer { id: ID, post: POST, buyer, proposed_krw, open_since: 1, checks: 1, state }
}

/// One that takes the post's price.
pub(crate) fn request(state: State) -> Offer {
    Offer { proposed_krw: None, ..proposal(state) }
}

/// One that was made, and stands here.
pub(crate) fn made(standing: Standing) -> State {
    State::Made(terms(), standing)
}

pub(crate) fn open(open: Open) -> State {
    made(Standing::Open(open))
}

pub(crate) fn asking_again(open: Open) -> State {
    made(Standing::AskingAgain(open))
}

pub(crate) fn in_deal(number: u128, was: Open) -> State {
    made(Standing::InDeal { deal: deal(number), was })
}

/// Those that buyer and seller see, and nothing changes any more.
pub(crate) fn ends() -> [State; 5] {
    [
        Standing::Refused,
        Standing::Withdrawn,
        Standing::Completed { deal: deal(1) },
        Standing::AutoCancelled,
        Standing::Expired,
    ]
    .map(made)
}

/// Every state.
pub(crate) fn states() -> Vec<State> {
    let mut states = vec![State::Asking, State::Abandoned(Gone::Sold.into())];
    for was in [Open::Pending, Open::Accepted] {
        states.extend([open(was), asking_again(was), in_deal(1, was)]);
    }
    states.extend(ends());
    states
}
