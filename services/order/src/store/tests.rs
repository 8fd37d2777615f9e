//! Orders come back from their table, on every database that jangteo runs on.

use jangteo_kit::execute::Head;
use sea_orm::TryIntoModel;
use uuid::Uuid;

use super::*;
use crate::domain::{Line, Purchase, Rank, Sold, Standing, State, Undo, Wanted, samples};

/// The order of `customer01` as it is kept.
pub(crate) fn stored(id: Uuid, state: State) -> Versioned<Order> {
    let head =
        Head { id, revision: 3, sequence: 2, correlation_id: id, create_time: 1, update_time: 2 };
    Versioned { state: Order { id, ..samples::order(state) }, head }
}

fn carrots(count: usize) -> String {
    "🥕".repeat(count)
}

fn no() -> No {
    let message = "'\\\"%_; \n거절됨".repeat(500);
    No { code: 9, reason: "OUT_OF_STOCK".repeat(20), message, retry_after_ms: Some(5) }
}

/// As many lines as an order can have, none of them short.
fn sold() -> Sold {
    let line = |number: u128| Line {
        product: Uuid::from_u128(u128::MAX - number),
        name: carrots(100),
        quantity: i64::MAX,
        price_krw: i64::MAX,
    };
    let store = Some(Uuid::max());
    Sold { seller: carrots(64), store, lines: (0..50).map(line).collect() }
}

/// An order whose columns are full.
fn strained(id: Uuid, state: State) -> Versioned<Order> {
    let wanted = |line: &Line| Wanted { product: line.product, quantity: line.quantity };
    let mut order = stored(id, state);
    order.state.customer = carrots(64);
    order.state.wanted = sold().lines.iter().map(wanted).collect();
    order.state.destination =
        Destination { address: carrots(200), phone_number: "'\\\"%_; \n☎".repeat(3) };
    order.state.expected_total_krw = Some(i64::MAX);
    order.state.cancels = i64::MAX;
    (order.head.revision, order.head.sequence) = (i64::MAX, i64::MAX);
    (order.head.create_time, order.head.update_time) = (i64::MIN, i64::MAX);
    order
}

/// Every state, and what strains a column.
fn orders(id: Uuid) -> Vec<Versioned<Order>> {
    let purchase = Purchase { sold: sold(), payment: Uuid::max() };
    let failed = Standing::Reached { rank: Rank::Placed, failed: Some(no()) };
    let full = [
        State::Holding,
        State::Paying(sold()),
        State::Abandoning { undo: Undo::StockThenPayment(sold()), why: no() },
        State::Abandoned { why: no() },
        State::Bought(purchase, failed),
    ];
    let plain = samples::states().into_iter().map(|state| stored(id, state));
    plain.chain(full.into_iter().map(|state| strained(id, state))).collect()
}

jangteo_testing::rows_come_back!("order", crate::migration::all, orders);

/// What is said of the row of this state, once it is changed.
fn refused(state: State, change: impl FnOnce(&mut entity::Model)) -> String {
    let mut row = Order::write(&stored(samples::ID, state)).try_into_model().unwrap();
    change(&mut row);
    let refused = Order::read(row).unwrap_err();
    assert!(refused.contains(&samples::ID.to_string()), "{refused}");
    refused
}

#[test]
fn a_row_that_is_no_state_is_named() {
    let placed = || samples::bought(samples::reached(Rank::Placed));
    let cancelling = || samples::bought(Standing::Cancelling { from: Rank::Placed, again: true });
    let failed = || {
        let failed = Some(samples::no());
        samples::cooked(Standing::Reached { rank: Rank::Preparing, failed })
    };
    let renamed = |state: State, name: &str| refused(state, |row| name.clone_into(&mut row.state));
    for (state, name) in [
        (State::Holding, "placed"),
        (State::Holding, "paying"),
        (State::Paying(samples::sold()), "undoing_both"),
        (State::Abandoned { why: samples::no() }, "holding"),
        (placed(), "paying"),
        (placed(), "cancelling"),
        (placed(), "lost"),
        (cancelling(), "cancelled"),
        (cancelling(), "delivering"),
        (cancelling(), "preparing"),
        (cancelling(), "store_rejected"),
        (failed(), "store_cancelled"),
    ] {
        assert!(renamed(state, name).contains(&format!("state `{name}` does not fit")), "{name}");
    }
    assert!(refused(placed(), |row| row.payment_id = None).contains("does not fit"));
    let back = |row: &mut entity::Model| row.cancelling_from = Some("holding".to_owned());
    assert!(refused(cancelling(), back).contains("nothing goes back to `holding`"));
}

#[test]
fn a_row_whose_facts_cannot_be_read_is_named() {
    let placed = || samples::bought(samples::reached(Rank::Placed));
    assert!(refused(placed(), |row| row.seller = None).contains("half of what was sold"));
    assert!(refused(placed(), |row| row.sold = None).contains("half of what was sold"));
    let nothing = |row: &mut entity::Model| row.store_id = Some(samples::STORE);
    assert!(refused(State::Holding, nothing).contains("half of what was sold"));
    assert!(refused(placed(), |row| row.sold = Some("{}".to_owned())).contains("no lines"));
    assert!(refused(placed(), |row| row.wanted.clear()).contains("no lines"));
    assert!(refused(placed(), |row| row.why = Some("later".to_owned())).contains("no reason"));
}
