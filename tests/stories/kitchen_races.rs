//! A store and its customers who do different things to the same order at once, and many who order at
//! once: one thing comes true, and money, order and ticket agree on which.
//!
//! D-F2, D-F3, D-F4; D-N1, D-N5; D.13-4, D.13-6; S.3-3, S.3-4, S.3-5.

use std::collections::BTreeSet;

use futures::future::join_all;
use serde_json::json;
use tonic::{Code, Status};

use super::{
    bistro::Bistro,
    market::{Market, Reply, on_each_database},
    refusal::refused,
    trade::states,
};
use crate::{
    pace::is_full,
    seller::{reason, request_id},
};

on_each_database!(
    KITCHENS: of_a_cooking_and_a_calling_off_at_once_one_comes_true,
    what_is_accepted_and_called_off_at_once_is_not_made,
    what_is_turned_down_and_called_off_at_once_is_paid_back_once,
    ten_who_call_an_order_off_are_told_the_same,
    ten_times_the_same_acceptance_is_one,
    twenty_customers_order_at_once,
);

/// How often a race is run.
fn rounds() -> usize {
    if is_full() { 40 } else { 8 }
}

/// Asserts that it was too late to call an order off; who is not told so in time finds out.
#[track_caller]
fn too_late(answer: Result<Reply, Status>) {
    match answer {
        Ok(order) => assert_eq!(order.text("state"), "STATE_CANCELLING"),
        Err(status) => {
            let known = ["TICKET_COOKING", "STORE_UNAVAILABLE"];
            assert!(known.contains(&&*reason(&status)), "{status:?}");
        }
    }
}

/// D-F3, D-F4, D.13-6, S.3-4, S.3-5
async fn of_a_cooking_and_a_calling_off_at_once_one_comes_true(market: Market) {
    let bistro = Bistro::of(market).await;
    let cook = bistro.cook.elsewhere(&bistro.market);
    for _ in 0..rounds() {
        let order = bistro.accepted().await;
        let (cooking, back) =
            tokio::join!(cook.starts_cooking(&order), bistro.customer.cancels(&order));
        let stand = if cooking.is_ok() {
            too_late(back);
            ["STATE_PREPARING", "STATE_COOKING"]
        } else {
            refused(cooking, Code::FailedPrecondition, "TICKET_CANCELLED");
            back.expect("one of them comes true");
            ["STATE_CANCELLED", "STATE_CANCELLED"]
        };
        bistro.customer.sees_order(&order, stand[0]).await;
        bistro.cook.sees_ticket(&order, stand[1]).await;
    }
    bistro.balances().await;
}

/// D-F4, D.13-4: whichever comes first, the customer's word stands until it is cooked.
async fn what_is_accepted_and_called_off_at_once_is_not_made(market: Market) {
    let bistro = Bistro::of(market).await;
    let (cook, operator) = (bistro.cook.elsewhere(&bistro.market), bistro.market.operator());
    for _ in 0..rounds() {
        let order = bistro.ordered().await;
        let asked = bistro.customer.cancels(&order);
        let (accepted, _) = tokio::join!(cook.accepts(&order), asked);
        let was_accepted = accepted.is_ok();
        if !was_accepted {
            refused(accepted, Code::FailedPrecondition, "TICKET_CANCELLED");
        }
        bistro.customer.cancels_at_last(&order).await;
        bistro.cook.sees_ticket(&order, "STATE_CANCELLED").await;
        let told = ["TicketReceived", "TicketAccepted", "TicketCancelled"];
        let told: Vec<_> =
            told.into_iter().filter(|event| was_accepted || *event != "TicketAccepted").collect();
        operator.finds_ticket_told(&order, &told).await;
    }
    bistro.balances().await;
}

/// D-F4, D-N5, S.3-5: called off it is either way, for one of the two reasons.
async fn what_is_turned_down_and_called_off_at_once_is_paid_back_once(market: Market) {
    let bistro = Bistro::of(market).await;
    let (cook, operator) = (bistro.cook.elsewhere(&bistro.market), bistro.market.operator());
    for _ in 0..rounds() {
        let order = bistro.ordered().await;
        let asked = bistro.customer.cancels(&order);
        let (turned_down, _) = tokio::join!(cook.rejects(&order), asked);
        let was_turned_down = turned_down.is_ok();
        let stands = if was_turned_down {
            "STATE_REJECTED"
        } else {
            refused(turned_down, Code::FailedPrecondition, "TICKET_CANCELLED");
            "STATE_CANCELLED"
        };
        let cancelled = bistro.customer.sees_order(&order, "STATE_CANCELLED").await;
        let why = cancelled.text("cancelReason");
        let by_store = was_turned_down && why == "STORE_REJECTED";
        assert!(by_store || why == "BY_CUSTOMER", "{cancelled:?}");
        bistro.cook.sees_ticket(&order, stands).await;
        operator.finds("order", &order, &["OrderPlaced", "OrderCancelled"]).await;
    }
    bistro.balances().await;
}

/// D-F4, S.3-3: each with an id of its own; the store is asked once, and whoever comes later hears the
/// same.
async fn ten_who_call_an_order_off_are_told_the_same(market: Market) {
    let bistro = Bistro::of(market).await;
    let customers: Vec<_> = (0..10).map(|_| bistro.customer.elsewhere(&bistro.market)).collect();
    for _ in 0..rounds() {
        let order = bistro.ordered().await;
        for answer in join_all(customers.iter().map(|one| one.cancels(&order))).await {
            let state = answer.unwrap().text("state").to_owned();
            // A store that is not heard in time is asked again.
            assert!(["STATE_CANCELLED", "STATE_CANCELLING"].contains(&&*state), "{state}");
        }
        bistro.customer.sees_order(&order, "STATE_CANCELLED").await;
        let operator = bistro.market.operator();
        operator.finds("order", &order, &["OrderPlaced", "OrderCancelled"]).await;
    }
    bistro.balances().await;
}

/// What a ticket became by a request, by this field of it, or why it did not.
fn came(answer: Result<Reply, Status>, field: &str) -> Result<String, String> {
    answer.map(|ticket| ticket.text(field).to_owned()).map_err(|status| reason(&status))
}

/// S.3-3: with one id or without, and the store is taken at its word once.
async fn ten_times_the_same_acceptance_is_one(market: Market) {
    let bistro = Bistro::of(market).await;
    let cooks: Vec<_> = (0..10).map(|_| bistro.cook.elsewhere(&bistro.market)).collect();
    for with_id in [true, false] {
        let order = bistro.ordered().await;
        let (mut body, mut field) = (json!({"id": order}), "state");
        if with_id {
            body["requestId"] = json!(request_id().to_string());
            // The same answer, to the letter.
            field = "etag";
        }
        let calls = cooks.iter().map(|cook| cook.ticket("AcceptTicket", body.clone()));
        let answers = join_all(calls).await.into_iter();
        let mut told: BTreeSet<_> = answers.map(|answer| came(answer, field)).collect();
        // Whoever has waited for too long may ask again.
        told.remove(&Err("REQUEST_RUNNING".to_owned()));
        assert!(told.len() == 1 && told.iter().all(Result::is_ok), "one answer: {told:?}");
        let operator = bistro.market.operator();
        operator.finds_ticket_told(&order, &["TicketReceived", "TicketAccepted"]).await;
        operator.finds("order", &order, &["OrderPlaced", "OrderPreparing"]).await;
    }
    bistro.balances().await;
}

/// D-F1, D-F2, D-N1: what is made to order never runs out, and each order reaches the store once.
async fn twenty_customers_order_at_once(market: Market) {
    let bistro = Bistro::of(market).await;
    let customers = (0..20).map(|number| bistro.market.person(&format!("customer{number:03}")));
    let customers: Vec<_> = customers.collect();
    let placed = customers.iter().map(|customer| customer.orders_at_last(&bistro.dish, 1));
    let orders = join_all(placed).await;
    for order in &orders {
        bistro.cook.sees_ticket(order.id(), "STATE_RECEIVED").await;
    }
    let tickets = bistro.cook.tickets().await;
    assert_eq!(states(&tickets), ["STATE_RECEIVED"; 20]);
    let taken = orders.iter().map(|order| bistro.cook.accepts(order.id()));
    for accepted in join_all(taken).await {
        assert_eq!(accepted.unwrap().text("state"), "STATE_ACCEPTED");
    }
    for (customer, order) in customers.iter().zip(&orders) {
        customer.sees_order(order.id(), "STATE_PREPARING").await;
    }
    let customers: Vec<_> = customers.iter().collect();
    bistro.market.balances(&customers).await;
    bistro.cook.sees_stock(&bistro.dish, 0, 0).await;
}
