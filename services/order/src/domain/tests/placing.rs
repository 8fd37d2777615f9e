//! From the first question to an order, or back to nothing.

use jangteo::{
    inventory::v1::{
        HoldStockRequest, HoldStockResponse, StockLine, UndoHoldStockRequest,
        UndoHoldStockResponse, hold_stock_response::Line as HeldLine,
    },
    order::v1::OrderedLine,
    payment::v1::{ApprovePaymentRequest, CancelPaymentRequest, CancelPaymentResponse, Payment},
};
use jangteo_kit::event::timestamp;

use super::*;

const PAYMENT_KEY: &str = "orders/00000000-0000-0000-0000-000000000007/payments/1";

fn place(expected_total_krw: Option<i64>) -> Command {
    let (customer, destination) = (customer().0, destination());
    Command::Place { id: ID, customer, lines: wanted(), destination, expected_total_krw }
}

fn begin(expected_total_krw: Option<i64>) -> Order {
    let (order, events) = Order::decide(None, place(expected_total_krw)).unwrap();
    assert_eq!(events, [], "nobody hears of an order that may not come about");
    assert_eq!(order.outcome(), Ok(()));
    order
}

/// What the stock answers.
pub(super) fn held() -> HoldStockResponse {
    holding(&sold())
}

/// What it answers where it sells this.
pub(super) fn holding(sold: &Sold) -> HoldStockResponse {
    let line = |line: &Line| HeldLine {
        product_id: line.product.to_string(),
        name: line.name.clone(),
        quantity: line.quantity,
        price_krw: line.price_krw,
    };
    let (owner, lines) = (sold.seller.clone(), sold.lines.iter().map(line).collect());
    HoldStockResponse { owner, lines, store_id: sold.store_id() }
}

/// The same, where a bunch of roses costs something else.
fn roses_at(price_krw: i64) -> Answer {
    let mut held = held();
    held.lines[0].price_krw = price_krw;
    yes(&held)
}

fn paid() -> Answer {
    yes(&Payment { id: PAYMENT.to_string(), ..Payment::default() })
}

/// An order that asks for its money.
fn paying() -> Order {
    silently(&begin(None), yes(&held()))
}

fn lets_go_of_the_stock(order: &Order) {
    let undo = UndoHoldStockRequest {
        holder_id: ID.to_string(),
        product_ids: wanted().iter().map(|line| line.product.to_string()).collect(),
        call_key: KEY.to_owned(),
    };
    asks(order, "InventoryService/UndoHoldStock", &undo, KEY, Unanswered::Finish);
}

fn lets_go_of_the_money(order: &Order) {
    let undo = CancelPaymentRequest {
        payer: "customer01".to_owned(),
        payee: "seller02".to_owned(),
        amount_krw: 152_000,
        call_key: PAYMENT_KEY.to_owned(),
        refund: false,
    };
    asks(order, "PaymentService/CancelPayment", &undo, PAYMENT_KEY, Unanswered::Finish);
}

fn stock_is_back(order: &Order) -> Order {
    lets_go_of_the_stock(order);
    silently(order, yes(&UndoHoldStockResponse {}))
}

fn money_is_back(order: &Order) -> Order {
    lets_go_of_the_money(order);
    silently(order, yes(&CancelPaymentResponse {}))
}

/// Asserts that the order is at rest and came to nothing, for this reason.
fn came_to_nothing(order: &Order, why: &No) {
    assert_eq!(order.state, State::Abandoned { why: why.clone() });
    assert!(order.pending().is_none());
    assert_eq!(order.outcome(), Err(Rejection::Peer(why.clone())));
}

/// E-T2, E.13-2: the stock is held before anybody pays, and nobody is asked for longer than half a
/// second (E-N5).
#[test]
fn an_order_holds_its_stock_first() {
    let order = begin(None);
    let line =
        |line: &Wanted| StockLine { product_id: line.product.to_string(), quantity: line.quantity };
    let hold = HoldStockRequest {
        holder_id: ID.to_string(),
        buyer: "customer01".to_owned(),
        lines: wanted().iter().map(line).collect(),
        call_key: KEY.to_owned(),
        counted_only: false,
    };
    asks(&order, "InventoryService/HoldStock", &hold, KEY, Unanswered::Undo);
    assert_eq!(question(&order).limit.as_millis(), 500);
}

/// E-F2, E.13-4: what is paid is what the stock says.
#[test]
fn an_order_pays_what_the_stock_says_it_costs() {
    let order = paying();
    let approve = ApprovePaymentRequest {
        payer: "customer01".to_owned(),
        payee: "seller02".to_owned(),
        amount_krw: 152_000,
        call_key: PAYMENT_KEY.to_owned(),
    };
    asks(&order, "PaymentService/ApprovePayment", &approve, PAYMENT_KEY, Unanswered::Undo);
    assert_eq!(question(&order).limit.as_millis(), 610);
    assert!(order.outcome().is_ok() && !order.is_seen_by("customer01"), "it is not decided");
}

/// E-T2
#[test]
fn an_order_that_is_paid_is_told_of() {
    let (order, events) = hears(&paying(), paid());
    assert_eq!(order.state, bought(reached(Rank::Placed)));
    let line = |line: &Line| OrderedLine {
        product_id: line.product.to_string(),
        name: line.name.clone(),
        quantity: line.quantity,
        price_krw: line.price_krw,
    };
    let placed = OrderPlaced {
        order_id: ID.to_string(),
        customer: "customer01".to_owned(),
        seller: "seller02".to_owned(),
        lines: sold().lines.iter().map(line).collect(),
        total_krw: 152_000,
        payment_id: PAYMENT.to_string(),
        time: Some(timestamp(NOW)),
        store_id: String::new(),
    };
    assert_eq!(events, [placed.into()]);
    assert!(order.pending().is_none() && order.outcome().is_ok());
}

/// D-F1: the stock knows who makes it, and its event tells the store.
#[test]
fn an_order_of_what_a_store_makes_names_the_store() {
    let order = silently(&begin(Some(152_000)), yes(&holding(&made())));
    assert_eq!(order.state, State::Paying(made()));
    let (order, events) = hears(&order, paid());
    assert_eq!(order.state, cooked(reached(Rank::Placed)));
    let [Event::OrderPlaced(told)] = &events[..] else { panic!("{events:?}") };
    assert_eq!((told.store_id.as_str(), told.total_krw), (&*STORE.to_string(), 152_000));
}

/// E-T6: nobody was asked for anything.
#[test]
fn a_stock_that_was_not_asked_has_nothing_to_undo() {
    let order = silently(&begin(None), Heard::NotSent);
    came_to_nothing(&order, &is_away(&order, "INVENTORY_UNAVAILABLE"));
}

/// E-F9, E-T3: also a refused question may have been heard twice, and answered otherwise the first
/// time.
#[test]
fn an_order_above_the_stock_is_refused_and_the_reason_passed_on() {
    let order = silently(&begin(None), Heard::No(no()));
    assert_eq!(order.outcome(), Err(Rejection::Peer(no())));
    came_to_nothing(&stock_is_back(&order), &no());
}

/// E-T6
#[test]
fn a_stock_that_does_not_answer_or_not_clearly_is_let_go() {
    let nothing = HoldStockResponse { lines: vec![], ..held() };
    let nowhere = HoldStockResponse { store_id: "99".to_owned(), ..held() };
    for heard in [Heard::Nothing, Heard::Yes(vec![0xff]), yes(&nothing), yes(&nowhere)] {
        let order = silently(&begin(None), heard);
        let why = is_away(&order, "INVENTORY_UNAVAILABLE");
        came_to_nothing(&stock_is_back(&order), &why);
    }
}

#[test]
fn nothing_is_bought_for_another_price_than_expected() {
    assert_eq!(silently(&begin(Some(152_000)), yes(&held())).state, State::Paying(sold()));
    for expected in [0, 151_999, 152_001] {
        let order = silently(&begin(Some(expected)), yes(&held()));
        let Err(Rejection::Peer(why)) = order.outcome() else { panic!("{order:?}") };
        assert_eq!((why.reason.as_str(), why.kind()), ("PRICE_CHANGED", Kind::Precondition));
        assert!(why.message.contains("152000"), "it says what it costs now: {why}");
        came_to_nothing(&stock_is_back(&order), &why);
    }
}

#[test]
fn nothing_is_bought_for_more_than_payment_takes() {
    let most = 1_000_000_000 - 2_000;
    let order = silently(&begin(None), roses_at(most / 3));
    assert!(matches!(order.state, State::Paying(_)), "{order:?}");
    for more in [most / 3 + 1, i64::MAX] {
        let order = silently(&begin(None), roses_at(more));
        let Err(Rejection::Peer(why)) = order.outcome() else { panic!("{order:?}") };
        assert_eq!((why.reason.as_str(), why.kind()), ("TOTAL_TOO_LARGE", Kind::Precondition));
        came_to_nothing(&stock_is_back(&order), &why);
    }
}

/// E.13-5: stock back first, then money.
#[test]
fn a_payment_that_is_declined_or_not_answered_leaves_nothing() {
    let declined = No { reason: "PAYMENT_DECLINED".to_owned(), ..no() };
    let order = silently(&paying(), Heard::No(declined.clone()));
    assert_eq!(order.outcome(), Err(Rejection::Peer(declined.clone())));
    came_to_nothing(&money_is_back(&stock_is_back(&order)), &declined);
    let unclear = yes(&Payment { id: "1".to_owned(), ..Payment::default() });
    for heard in [Heard::Nothing, Heard::Yes(vec![0xff]), unclear] {
        let order = silently(&paying(), heard);
        let why = is_away(&order, "PAYMENT_UNAVAILABLE");
        came_to_nothing(&money_is_back(&stock_is_back(&order)), &why);
    }
}

#[test]
fn a_payment_that_was_not_asked_is_left_alone() {
    let order = silently(&paying(), Heard::NotSent);
    let why = is_away(&order, "PAYMENT_UNAVAILABLE");
    came_to_nothing(&stock_is_back(&order), &why);
}

#[test]
fn what_was_taken_is_let_go_of_until_its_owner_says_so() {
    for undo in [Undo::Stock, Undo::StockThenPayment(sold()), Undo::Payment(sold())] {
        let order = order(State::Abandoning { undo, why: no() });
        for heard in [Heard::No(no()), Heard::NotSent, Heard::Nothing] {
            assert_eq!(silently(&order, heard), order);
        }
    }
}

#[test]
fn nobody_places_an_order_of_nothing_or_twice() {
    let (customer, destination) = (customer().0, destination());
    let lines = vec![];
    let nothing = Command::Place { id: ID, customer, lines, destination, expected_total_krw: None };
    assert_eq!(Order::decide(None, nothing), Err(Rejection::NoLines));
    for state in states() {
        assert_eq!(after(state, place(None)), Err(Rejection::Exists));
    }
}
