//! Story E while somebody is away, or slow: whoever orders or calls off is told so in time, and nothing is
//! held or charged that belongs to no order.
//!
//! E-T6; E-F2, E-F3, E-F5, E-F6; E-N4, E-N5; S.3-3, S.3-4, S.3-5, S.3-8, S.3-10.

use std::time::{Duration, Instant};

use futures::future::join_all;
use jangteo_testing::until;
use tonic::{Code, Status};

use super::{
    market::{FLOWERS, Layout, Market, Reply},
    refusal::{refused, says_when_to_retry},
    shop::{BUNCHES, Shop},
    trade::SOON,
};
use crate::{mesh::Database, seller::reason};

/// Asserts that somebody was led to come back a little later.
#[track_caller]
fn later(answer: Result<Reply, Status>, expected: &str) {
    let status = refused(answer, Code::Unavailable, expected);
    assert!(says_when_to_retry(&status), "{status:?}");
}

/// E-T6, E-N4, E-N5, S.3-8
#[tokio::test(flavor = "multi_thread")]
async fn without_the_stock_nothing_is_ordered() {
    let layout = Layout::apart(FLOWERS, Database::Sqlite);
    let shop = Shop::of(Market::start(layout).await.unwrap()).await;
    shop.market.node("inventory").kill();
    for _ in 0..3 {
        shop.refuses("INVENTORY_UNAVAILABLE").await;
    }
    assert!(shop.customer.payments().await.is_empty(), "nothing was asked of payment");
    assert!(shop.market.operator().events("order").await.is_empty(), "nobody heard of it");
    shop.market.node("inventory").restart().await.unwrap();
    shop.has_sold_nothing().await;
    shop.customer.orders_at_last(&shop.roses, 3).await;
    shop.balances(BUNCHES - 3).await;
}

/// E-T6, E-N5: nobody waits for it any more once that has been in vain often enough.
#[tokio::test(flavor = "multi_thread")]
async fn a_stock_that_does_not_answer_in_time_is_given_a_rest() {
    let shop = Shop::gated().await;
    shop.ordered().await;
    let gate = shop.market.gate("order", "inventory");
    gate.blackhole();
    let customers = (0..30).map(|number| shop.market.person(&format!("customer{number}")));
    let customers: Vec<_> = customers.collect();
    // A few at a time: that a question had too little time left says nothing of whoever is asked.
    for few in customers.chunks(5) {
        let asked = few.iter().map(|customer| customer.orders(&shop.roses, 1));
        for answer in join_all(asked).await {
            later(answer, "INVENTORY_UNAVAILABLE");
        }
    }
    let log = shop.market.node("order").output();
    let opened = log.lines().filter(|line| line.contains("breaker changed"));
    let opened: Vec<_> = opened.filter(|line| line.contains("HoldStock")).collect();
    assert!(!opened.is_empty(), "it is told that the breaker opens");
    // Each would take 500 ms if it were to wait.
    let since = Instant::now();
    for _ in 0..10 {
        shop.refuses("INVENTORY_UNAVAILABLE").await;
    }
    assert!(since.elapsed() < Duration::from_secs(5), "it took {:?}", since.elapsed());

    gate.restore().await.unwrap();
    // What arrives so late may hold all of them, until it is let go.
    until(SOON, async || shop.customer.orders(&shop.roses, 2).await.ok()).await;
    shop.balances(BUNCHES - 3).await;
}

/// E-F2, E.13-5, S.3-8: the stock is free again at once.
#[tokio::test(flavor = "multi_thread")]
async fn without_payments_nothing_is_ordered() {
    let shop = Shop::with_alone(&["payment"]).await;
    shop.market.node("payment").kill();
    for _ in 0..2 {
        shop.refuses("PAYMENT_UNAVAILABLE").await;
    }
    shop.has_sold_nothing().await;
    assert!(shop.market.operator().events("order").await.is_empty(), "nobody heard of it");
    shop.market.node("payment").restart().await.unwrap();
    shop.customer.orders_at_last(&shop.roses, 3).await;
    shop.balances(BUNCHES - 3).await;
}

/// E-F2, S.3-3, S.3-4: whether payment has heard of it or not, the stock goes back first.
#[tokio::test(flavor = "multi_thread")]
async fn what_payment_does_not_answer_in_time_is_undone() {
    let shop = Shop::gated().await;
    shop.ordered().await;
    let gate = shop.market.gate("order", "payment");
    for held_answer in [false, true] {
        if held_answer {
            gate.hold_answers();
        } else {
            gate.blackhole();
        }
        shop.refuses("PAYMENT_UNAVAILABLE").await;
        shop.florist.sees_stock(&shop.roses, BUNCHES - 1, BUNCHES - 1).await;
        gate.restore().await.unwrap();
        shop.balances(BUNCHES - 1).await;
    }
    assert_eq!(shop.customer.own_orders().await.len(), 1);
    shop.customer.orders_at_last(&shop.roses, 1).await;
    shop.balances(BUNCHES - 2).await;
}

/// E-F5: only the delivery knows whether it is too late. What it may have heard of goes on without
/// whoever asked.
#[tokio::test(flavor = "multi_thread")]
async fn without_deliveries_nothing_is_called_off() {
    let shop = Shop::with_alone(&["delivery"]).await;
    let order = shop.ordered().await;
    shop.market.node("delivery").kill();
    let stands = match shop.customer.cancels(&order).await {
        Ok(asked) => asked.text("state").to_owned(),
        refused => {
            later(refused, "DELIVERY_UNAVAILABLE");
            "STATE_PLACED".to_owned()
        }
    };
    assert!(["STATE_PLACED", "STATE_CANCELLING"].contains(&&*stands), "{stands}");
    shop.customer.sees_order(&order, &stands).await;
    // Whoever orders needs no delivery yet.
    let other = shop.customer.orders_at_last(&shop.roses, 1).await;
    shop.florist.sees_stock(&shop.roses, BUNCHES - 2, BUNCHES - 2).await;

    shop.market.node("delivery").restart().await.unwrap();
    shop.customer.cancels_at_last(&order).await;
    shop.customer.sees_delivery(&order, "STATE_CANCELLED").await;
    shop.customer.sees_delivery(other.id(), "STATE_STARTED").await;
    shop.balances(BUNCHES - 1).await;
}

/// E-F5, S.3-5: whether the delivery has heard of it or not.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_delivery_does_not_answer_in_time_is_called_off_later() {
    for held_answer in [false, true] {
        let shop = Shop::gated().await;
        let order = shop.ordered().await;
        let gate = shop.market.gate("order", "delivery");
        if held_answer {
            gate.hold_answers();
        } else {
            gate.blackhole();
        }
        for _ in 0..2 {
            let asked = shop.customer.cancels(&order).await.unwrap();
            let state = asked.text("state");
            // What the delivery does to it, the order hears by an event as well.
            let heard = held_answer && state == "STATE_CANCELLED";
            assert!(state == "STATE_CANCELLING" || heard, "{asked:?}");
        }
        gate.restore().await.unwrap();
        let cancelled = shop.customer.sees_order(&order, "STATE_CANCELLED").await;
        assert_eq!(cancelled.text("cancelReason"), "BY_CUSTOMER");
        shop.customer.sees_delivery(&order, "STATE_CANCELLED").await;
        shop.balances(BUNCHES).await;
        let told = ["OrderPlaced", "OrderCancelled"];
        shop.market.operator().finds("order", &order, &told).await;
    }
}

/// E-F5, E-F6, E-T7, S.3-10: a courier has it before the question has arrived.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_picked_up_while_the_question_is_on_its_way_is_brought() {
    let shop = Shop::gated().await;
    let (order, operator) = (shop.ordered().await, shop.market.operator());
    let gate = shop.market.gate("order", "delivery");
    gate.blackhole();
    let asked = shop.customer.cancels(&order).await.unwrap();
    assert_eq!(asked.text("state"), "STATE_CANCELLING");
    shop.rider.picks_up(&order).await.unwrap();
    operator.finds("order", &order, &["OrderPlaced", "OrderDelivering"]).await;
    gate.restore().await.unwrap();
    shop.customer.sees_order(&order, "STATE_DELIVERING").await;
    shop.rider.completes(&order).await.unwrap();
    shop.customer.sees_order(&order, "STATE_DELIVERED").await;
    refused(shop.customer.cancels(&order).await, Code::FailedPrecondition, "ORDER_DELIVERED");
    shop.balances(BUNCHES - 1).await;

    let told = ["OrderPlaced", "OrderDelivering", "OrderCancelRefused", "OrderDelivered"];
    operator.finds("order", &order, &told).await;
    let of_order = format!("orders/{order}");
    let of_both = [("order_placed", of_order.clone()), ("order_delivered", of_order.clone())];
    let of_customer = [
        ("delivery_started", format!("deliveries/{order}")),
        ("order_delivering", of_order.clone()),
        ("order_cancel_refused", of_order),
    ];
    shop.customer.is_told("customer01", &[&of_both[..], &of_customer].concat()).await;
    let sold = ("stock_decreased", format!("products/{}", shop.roses));
    shop.florist.is_told("florist01", &[&of_both[..], &[sold]].concat()).await;
}

/// E-F5: a courier has it, and the order has not heard of it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_picked_up_first_is_not_called_off() {
    let shop = Shop::gated().await;
    let order = shop.ordered().await;
    let broker = shop.market.gate("order", "broker");
    broker.blackhole();
    shop.rider.picks_up(&order).await.unwrap();
    let no = until(SOON, async || {
        // One that is not answered in time is asked again.
        let status = shop.customer.cancels(&order).await.err()?;
        (reason(&status) != "DELIVERY_UNAVAILABLE").then_some(status)
    });
    refused(Err::<Reply, _>(no.await), Code::FailedPrecondition, "DELIVERY_PICKED_UP");
    shop.customer.sees_order(&order, "STATE_PLACED").await;
    broker.restore().await.unwrap();
    shop.customer.sees_order(&order, "STATE_DELIVERING").await;
    refused(shop.customer.cancels(&order).await, Code::FailedPrecondition, "ORDER_DELIVERING");
    shop.balances(BUNCHES - 1).await;
}
