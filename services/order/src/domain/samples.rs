//! Orders for tests.

use jangteo_kit::decide::No;
use uuid::Uuid;

use super::{Destination, Line, Order, Purchase, Rank, Sold, Standing, State, Undo, Wanted, Why};

/// The order of all tests.
pub(crate) const ID: Uuid = Uuid::from_u128(7);

/// Its payment.
pub(crate) const PAYMENT: Uuid = Uuid::from_u128(8);

const ROSES: Uuid = Uuid::from_u128(1);
const RIBBONS: Uuid = Uuid::from_u128(2);

/// Three bunches of roses (E-T2), and two ribbons.
pub(crate) fn wanted() -> Vec<Wanted> {
    let roses = Wanted { product: ROSES, quantity: 3 };
    vec![roses, Wanted { product: RIBBONS, quantity: 2 }]
}

/// Where it goes.
pub(crate) fn destination() -> Destination {
    let address = "서울 서초구 방배로 1".to_owned();
    Destination { address, phone_number: "010-1234-5678".to_owned() }
}

/// What `seller02` sells of it, for 152 000 won.
pub(crate) fn sold() -> Sold {
    let line = |product, name: &str, quantity, price_krw| {
        let name = name.to_owned();
        Line { product, name, quantity, price_krw }
    };
    let lines = vec![line(ROSES, "장미", 3, 50_000), line(RIBBONS, "리본", 2, 1_000)];
    Sold { seller: "seller02".to_owned(), store: None, lines }
}

/// The store of `seller02`.
pub(crate) const STORE: Uuid = Uuid::from_u128(99);

/// D-F1: the same, made by his store.
pub(crate) fn made() -> Sold {
    Sold { store: Some(STORE), ..sold() }
}

/// What a peer says no with.
pub(crate) fn no() -> No {
    No {
        code: 9,
        reason: "OUT_OF_STOCK".to_owned(),
        message: "out of stock: 2 can be had".to_owned(),
        retry_after_ms: None,
    }
}

/// The order of `customer01`, who said nothing of its price.
pub(crate) fn order(state: State) -> Order {
    let customer = "customer01".to_owned();
    let (wanted, destination) = (wanted(), destination());
    Order { id: ID, customer, wanted, destination, expected_total_krw: None, cancels: 1, state }
}

/// It is paid, and stands so.
pub(crate) fn bought(standing: Standing) -> State {
    State::Bought(Purchase { sold: sold(), payment: PAYMENT }, standing)
}

/// The same of what a store makes.
pub(crate) fn cooked(standing: Standing) -> State {
    State::Bought(Purchase { sold: made(), payment: PAYMENT }, standing)
}

/// It has come so far, and nobody has tried to call it off.
pub(crate) fn reached(rank: Rank) -> Standing {
    Standing::Reached { rank, failed: None }
}

/// All states that nobody sees.
pub(crate) fn unseen() -> Vec<State> {
    let abandoning = |undo| State::Abandoning { undo, why: no() };
    vec![
        State::Holding,
        State::Paying(sold()),
        abandoning(Undo::Stock),
        abandoning(Undo::StockThenPayment(sold())),
        abandoning(Undo::Payment(sold())),
        State::Abandoned { why: no() },
    ]
}

/// All that can become of what is paid.
fn standings() -> Vec<Standing> {
    let cancelling = |from, again| Standing::Cancelling { from, again };
    vec![
        reached(Rank::Placed),
        Standing::Reached { rank: Rank::Placed, failed: Some(no()) },
        reached(Rank::Preparing),
        Standing::Reached { rank: Rank::Preparing, failed: Some(no()) },
        reached(Rank::Delivering),
        Standing::Reached { rank: Rank::Delivering, failed: Some(no()) },
        reached(Rank::Delivered),
        Standing::Reached { rank: Rank::Delivered, failed: Some(no()) },
        cancelling(Rank::Placed, false),
        cancelling(Rank::Placed, true),
        cancelling(Rank::Preparing, false),
        cancelling(Rank::Preparing, true),
        cancelling(Rank::Delivering, false),
        cancelling(Rank::Delivering, true),
        cancelling(Rank::Delivered, false),
        cancelling(Rank::Delivered, true),
        Standing::Cancelled { why: Why::ByCustomer },
        Standing::Cancelled { why: Why::StoreRejected },
        Standing::Cancelled { why: Why::StoreCancelled },
        Standing::Cancelled { why: Why::DeliveryCancelled },
    ]
}

/// All states that customer and seller see.
pub(crate) fn seen() -> Vec<State> {
    standings().into_iter().map(bought).collect()
}

/// All states of what a store makes that others have not.
pub(crate) fn kitchen() -> Vec<State> {
    let asked = [
        State::Paying(made()),
        State::Abandoning { undo: Undo::StockThenPayment(made()), why: no() },
        State::Abandoning { undo: Undo::Payment(made()), why: no() },
    ];
    asked.into_iter().chain(standings().into_iter().map(cooked)).collect()
}

/// Every state.
pub(crate) fn states() -> Vec<State> {
    [unseen(), seen(), kitchen()].concat()
}
