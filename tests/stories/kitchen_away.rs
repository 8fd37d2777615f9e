//! Story D while somebody is away, or slow: orders are taken though no store hears of them, and whoever
//! orders or calls off is told in time how it stands.
//!
//! D-T2, D-T6; D-F1, D-F2, D-F4; D-P1; D-N1, D-N2, D-N3, D-N5; S.3-3, S.3-4, S.3-5, S.3-8, S.3-10.

use futures::future::join_all;
use jangteo_testing::until;
use tonic::{Code, Status};

use super::{
    bistro::Bistro,
    market::Reply,
    refusal::{refused, says_when_to_retry},
    trade::{SOON, states},
};
use crate::seller::reason;

/// Asserts that somebody was led to come back a little later.
#[track_caller]
fn later(answer: Result<Reply, Status>, expected: &str) {
    let status = refused(answer, Code::Unavailable, expected);
    assert!(says_when_to_retry(&status), "{status:?}");
}

/// D-T2, D-P1, D-N1, D-N3, S.3-8
#[tokio::test(flavor = "multi_thread")]
async fn without_payments_nothing_is_ordered() {
    let bistro = Bistro::with_alone(&["payment"]).await;
    bistro.market.node("payment").kill();
    for _ in 0..3 {
        bistro.refuses("PAYMENT_UNAVAILABLE").await;
    }
    bistro.has_sold_nothing().await;
    bistro.market.node("payment").restart().await.unwrap();
    bistro.has_sold_nothing().await;
    bistro.ordered().await;
    bistro.balances().await;
}

/// D-N1, D-N3, D.13-1, S.3-3, S.3-4: whether payment has heard of it or not.
#[tokio::test(flavor = "multi_thread")]
async fn what_payment_does_not_answer_in_time_is_undone() {
    let bistro = Bistro::gated().await;
    let gate = bistro.market.gate("order", "payment");
    for held_answer in [false, true] {
        if held_answer {
            gate.hold_answers();
        } else {
            gate.blackhole();
        }
        bistro.refuses("PAYMENT_UNAVAILABLE").await;
        gate.restore().await.unwrap();
        bistro.balances().await;
        bistro.has_sold_nothing().await;
    }
    bistro.ordered().await;
    bistro.balances().await;
}

/// D-T6, D-F2, D-N2: its tickets appear when it is back, and all goes on as if it had never been away.
#[tokio::test(flavor = "multi_thread")]
async fn orders_are_taken_while_no_store_hears_of_them() {
    let bistro = Bistro::with_alone(&["store"]).await;
    let Bistro { market, cook, customer, .. } = &bistro;
    market.node("store").kill();
    let mut orders = vec![];
    for quantity in [21, 1] {
        let order = customer.orders_at_last(&bistro.dish, quantity).await;
        assert_eq!(order.text("state"), "STATE_PLACED");
        orders.push(order.id().to_owned());
    }
    let paid = async || {
        let payments = customer.payments().await;
        let approved = states(&payments).iter().filter(|state| **state == "STATE_APPROVED").count();
        (approved == 2).then_some(())
    };
    until(SOON, paid).await;

    market.node("store").restart().await.unwrap();
    for order in &orders {
        cook.sees_ticket(order, "STATE_RECEIVED").await;
        cook.accepts(order).await.unwrap();
        cook.starts_cooking(order).await.unwrap();
        cook.finishes_cooking(order).await.unwrap();
        bistro.brings(order).await;
    }
    assert_eq!(cook.tickets().await.len(), 2);
    bistro.balances().await;
}

/// D-N2, S.3-10: the store itself has to ask whether there is such a store, and goes on with that.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_killed_again_and_again_has_each_ticket_once() {
    let bistro = Bistro::with_alone(&["store"]).await;
    let mut orders = vec![];
    for _ in 0..4 {
        let order = bistro.customer.orders_at_last(&bistro.dish, 1).await;
        bistro.market.node("store").kill();
        bistro.market.node("store").restart().await.unwrap();
        orders.push(order.id().to_owned());
    }
    for order in &orders {
        bistro.cook.sees_ticket(order, "STATE_RECEIVED").await;
        bistro.market.operator().finds_ticket_told(order, &["TicketReceived"]).await;
    }
    assert_eq!(bistro.cook.tickets().await.len(), 4);
    bistro.balances().await;
}

/// D-F4, D-N5: only the store knows whether it is too late. What it may have heard of goes on without
/// whoever asked.
#[tokio::test(flavor = "multi_thread")]
async fn without_stores_nothing_is_called_off() {
    let bistro = Bistro::with_alone(&["store"]).await;
    let order = bistro.ordered().await;
    bistro.market.node("store").kill();
    let stands = match bistro.customer.cancels(&order).await {
        Ok(asked) => asked.text("state").to_owned(),
        refused => {
            later(refused, "STORE_UNAVAILABLE");
            "STATE_PLACED".to_owned()
        }
    };
    assert!(["STATE_PLACED", "STATE_CANCELLING"].contains(&&*stands), "{stands}");
    bistro.customer.sees_order(&order, &stands).await;
    // Whoever orders needs no store yet.
    let other = bistro.customer.orders_at_last(&bistro.dish, 1).await;

    bistro.market.node("store").restart().await.unwrap();
    bistro.customer.cancels_at_last(&order).await;
    bistro.cook.sees_ticket(&order, "STATE_CANCELLED").await;
    bistro.cook.sees_ticket(other.id(), "STATE_RECEIVED").await;
    bistro.balances().await;
}

/// D-F4, D-N5, S.3-5: whether the store has heard of it or not.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_store_does_not_answer_in_time_is_called_off_later() {
    for held_answer in [false, true] {
        let bistro = Bistro::gated().await;
        let order = bistro.ordered().await;
        let gate = bistro.market.gate("order", "store");
        if held_answer {
            gate.hold_answers();
        } else {
            gate.blackhole();
        }
        let clients: Vec<_> = (0..10).map(|_| bistro.customer.elsewhere(&bistro.market)).collect();
        // Those who come later wait for what comes of the first.
        let at_once = join_all(clients.iter().map(|client| client.cancels(&order))).await;
        let afterwards = bistro.customer.cancels(&order).await;
        for asked in at_once.into_iter().chain([afterwards]) {
            let asked = asked.unwrap();
            let state = asked.text("state");
            // What the store does to it, the order hears by an event as well.
            let heard = held_answer && state == "STATE_CANCELLED";
            assert!(state == "STATE_CANCELLING" || heard, "{asked:?}");
        }
        gate.restore().await.unwrap();
        let cancelled = bistro.customer.sees_order(&order, "STATE_CANCELLED").await;
        assert_eq!(cancelled.text("cancelReason"), "BY_CUSTOMER");
        bistro.cook.sees_ticket(&order, "STATE_CANCELLED").await;
        bistro.balances().await;
        let operator = bistro.market.operator();
        operator.finds("order", &order, &["OrderPlaced", "OrderCancelled"]).await;
        operator.finds_ticket_told(&order, &["TicketReceived", "TicketCancelled"]).await;
    }
}

/// D-F3, D-F4, S.3-10: it is being cooked before the question has arrived.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_cooked_while_the_question_is_on_its_way_is_brought() {
    let bistro = Bistro::gated().await;
    let (order, operator) = (bistro.ordered().await, bistro.market.operator());
    let gate = bistro.market.gate("order", "store");
    gate.blackhole();
    let asked = bistro.customer.cancels(&order).await.unwrap();
    assert_eq!(asked.text("state"), "STATE_CANCELLING");
    bistro.cook.accepts(&order).await.unwrap();
    bistro.cook.starts_cooking(&order).await.unwrap();
    operator.finds("order", &order, &["OrderPlaced", "OrderPreparing"]).await;
    gate.restore().await.unwrap();
    bistro.customer.sees_order(&order, "STATE_PREPARING").await;
    bistro.cook.finishes_cooking(&order).await.unwrap();
    bistro.brings(&order).await;
    let answer = bistro.customer.cancels(&order).await;
    refused(answer, Code::FailedPrecondition, "ORDER_DELIVERED");
    bistro.balances().await;

    let told = [
        "OrderPlaced",
        "OrderPreparing",
        "OrderCancelRefused",
        "OrderDelivering",
        "OrderDelivered",
    ];
    operator.finds("order", &order, &told).await;
    let of_order = format!("orders/{order}");
    let of_both = [("order_placed", of_order.clone()), ("order_delivered", of_order.clone())];
    let of_customer = [
        ("order_accepted", of_order.clone()),
        ("order_cancel_refused", of_order.clone()),
        ("order_delivering", of_order),
        ("delivery_started", format!("deliveries/{order}")),
    ];
    bistro.customer.is_told("customer01", &[&of_both[..], &of_customer].concat()).await;
    bistro.cook.is_told("cook01", &of_both).await;
}

/// D-F4, D.13-6: it is being cooked, and the order has not heard of it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_cooked_first_is_not_called_off() {
    let bistro = Bistro::gated().await;
    let order = bistro.ordered().await;
    let broker = bistro.market.gate("order", "broker");
    broker.blackhole();
    bistro.cook.accepts(&order).await.unwrap();
    bistro.cook.starts_cooking(&order).await.unwrap();
    let no = until(SOON, async || {
        // One that is not answered in time is asked again.
        let status = bistro.customer.cancels(&order).await.err()?;
        (reason(&status) != "STORE_UNAVAILABLE").then_some(status)
    });
    refused(Err::<Reply, _>(no.await), Code::FailedPrecondition, "TICKET_COOKING");
    bistro.customer.sees_order(&order, "STATE_PLACED").await;
    broker.restore().await.unwrap();
    bistro.customer.sees_order(&order, "STATE_PREPARING").await;
    bistro.balances().await;
}

/// D.13-4, D-N5: what its store said before it was called off, and what is heard of only afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn a_late_word_of_its_store_does_not_bring_an_order_back() {
    let bistro = Bistro::gated().await;
    let order = bistro.ordered().await;
    let broker = bistro.market.gate("order", "broker");
    broker.blackhole();
    bistro.cook.accepts(&order).await.unwrap();
    bistro.customer.cancels_at_last(&order).await;
    broker.restore().await.unwrap();
    // Another one is heard of after it.
    let other = bistro.accepted().await;
    let cancelled = bistro.customer.sees_order(&order, "STATE_CANCELLED").await;
    assert_eq!(cancelled.text("cancelReason"), "BY_CUSTOMER");
    let operator = bistro.market.operator();
    operator.finds("order", &order, &["OrderPlaced", "OrderCancelled"]).await;
    operator.finds("order", &other, &["OrderPlaced", "OrderPreparing"]).await;
    bistro.balances().await;
}
