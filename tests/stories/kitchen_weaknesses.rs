//! What is known to go wrong when food is ordered, one test for each.
//!
//! Some are elsewhere: money without an order (D.13-1) in [`kitchen_away`](super::kitchen_away), where payment
//! is silent, and in `tests/crash`, where the order is killed; an order that neither pays nor tells (D.13-2) in
//! [`kitchen`](super::kitchen), which plays what runs; a late word that brings an order back (D.13-4) in
//! [`kitchen_away`](super::kitchen_away) and [`kitchen_races`](super::kitchen_races), and on the boards in
//! `tests/views`. One is a matter of manifests, and of who may call operators' RPCs, which `tests/contract`
//! asks of each of them (D.13-12).

use jangteo_testing::until;
use serde_json::json;
use tonic::Code;

use super::{
    bistro::Bistro,
    cooking::DISH_KRW,
    market::{KITCHENS, Market},
    ordering::{ADDRESS, PHONE, of_pieces},
    refusal::refused,
    renting::patiently,
    trade::{SOON, listed, states},
};
use crate::mesh::Database;

/// The id of no store.
const NOBODYS: &str = "0190a7c5-3b1e-7cc0-b2a4-5b8a0f1d2e3f";

async fn bistro() -> Bistro {
    Bistro::of(Market::of(KITCHENS, Database::Sqlite).await).await
}

/// D.13-3, D.13-5, D-F4, D-F5, D-N5, D-T5, S.3-5, S.3-10: it is its own payment that goes back, once; its ticket
/// is called off, and it stays in the lists. Another order of the same customer is none of its business.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_called_off_goes_back_once_and_stays_in_the_list() {
    let bistro = bistro().await;
    let (other, order) = (bistro.ordered().await, bistro.accepted().await);
    let operator = bistro.market.operator();
    refused(bistro.cook.cancels(&order).await, Code::PermissionDenied, "CUSTOMER_ONLY");
    let cancelled = bistro.customer.cancels_at_last(&order).await;
    assert_eq!(cancelled.text("cancelReason"), "BY_CUSTOMER");
    bistro.cook.sees_ticket(&order, "STATE_CANCELLED").await;
    bistro.balances().await;
    bistro.customer.cancels_at_last(&order).await;
    bistro.balances().await;
    assert_eq!(states(&bistro.customer.own_orders().await), ["STATE_CANCELLED", "STATE_PLACED"]);
    assert_eq!(states(&bistro.cook.tickets().await), ["STATE_CANCELLED", "STATE_RECEIVED"]);

    let payment = cancelled.text("paymentId");
    operator.finds("order", &order, &["OrderPlaced", "OrderPreparing", "OrderCancelled"]).await;
    operator.finds("payment", payment, &["PaymentApproved", "PaymentCancelled"]).await;
    let told = ["TicketReceived", "TicketAccepted", "TicketCancelled"];
    operator.finds_ticket_told(&order, &told).await;
    operator.finds("order", &other, &["OrderPlaced"]).await;
    assert!(operator.history("delivery", &order).await.is_empty(), "no courier heard of it");
    let of_order = format!("orders/{order}");
    let of_both = [
        ("order_placed", format!("orders/{other}")),
        ("order_placed", of_order.clone()),
        ("order_cancelled", of_order.clone()),
    ];
    let of_customer =
        [("order_accepted", of_order), ("payment_refunded", format!("payments/{payment}"))];
    bistro.customer.is_told("customer01", &[&of_both[..], &of_customer].concat()).await;
    bistro.cook.is_told("cook01", &of_both).await;
}

/// D.13-3, D-N5: what its store turns down is paid back as well, before and after it was taken on.
#[tokio::test(flavor = "multi_thread")]
async fn what_its_store_turns_down_is_paid_back() {
    let bistro = bistro().await;
    for order in [bistro.ordered().await, bistro.accepted().await] {
        bistro.cook.rejects(&order).await.unwrap();
        let cancelled = bistro.customer.sees_order(&order, "STATE_CANCELLED").await;
        assert_eq!(cancelled.text("cancelReason"), "STORE_REJECTED");
        bistro.cook.sees_ticket(&order, "STATE_REJECTED").await;
        let answer = bistro.cook.accepts(&order).await;
        refused(answer, Code::FailedPrecondition, "TICKET_REJECTED");
        // It is called off already.
        bistro.customer.cancels_at_last(&order).await;
    }
    bistro.balances().await;
}

/// D.13-6, D.13-11: from the moment it is cooked it can't be called off, wherever it is.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_called_off_that_is_cooked_or_on_its_way() {
    let bistro = bistro().await;
    let Bistro { cook, customer, rider, .. } = &bistro;
    let order = bistro.accepted().await;
    let too_late = async |expected: &str| {
        // Where it is not told in time, the order goes back to what it was, and it is asked again.
        let no = until(SOON, async || {
            let status = customer.cancels(&order).await.err()?;
            (status.code() == Code::FailedPrecondition).then_some(status)
        });
        refused(Err::<(), _>(no.await), Code::FailedPrecondition, expected);
    };
    cook.starts_cooking(&order).await.unwrap();
    too_late("TICKET_COOKING").await;
    refused(cook.rejects(&order).await, Code::FailedPrecondition, "TICKET_COOKING");
    cook.finishes_cooking(&order).await.unwrap();
    customer.sees_delivery(&order, "STATE_STARTED").await;
    too_late("TICKET_COOKED").await;
    refused(cook.rejects(&order).await, Code::FailedPrecondition, "TICKET_COOKED");
    rider.picks_up(&order).await.unwrap();
    customer.sees_order(&order, "STATE_DELIVERING").await;
    too_late("ORDER_DELIVERING").await;
    rider.completes(&order).await.unwrap();
    customer.sees_order(&order, "STATE_DELIVERED").await;
    too_late("ORDER_DELIVERED").await;
    bistro.balances().await;
}

/// D.13-7, D-F2, D-P2: its owner sees what to cook, and nobody says for him that he does.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_sees_what_to_cook_and_takes_it_on_itself() {
    let bistro = bistro().await;
    let order = bistro.customer.orders_at_last(&bistro.dish, 21).await;
    let ticket = bistro.cook.sees_ticket(order.id(), "STATE_RECEIVED").await;
    let lines = json!([{"productId": bistro.dish, "name": "비빔밥", "quantity": "21"}]);
    assert_eq!(ticket.body["lines"], lines);
    let names = [ticket.text("storeId"), ticket.text("customer"), ticket.text("seller")];
    assert_eq!(names, [bistro.store.as_str(), "customer01", "cook01"]);
    // It waits for him: another one is taken on, and this one is not.
    bistro.accepted().await;
    bistro.cook.sees_ticket(order.id(), "STATE_RECEIVED").await;
    bistro.customer.sees_order(order.id(), "STATE_PLACED").await;
    let waiting = json!({"storeId": bistro.store, "state": "STATE_RECEIVED"});
    let waiting = bistro.cook.ticket("ListTickets", waiting).await.unwrap();
    let waiting = listed(&waiting, "tickets");
    assert_eq!((waiting.len(), &waiting[0]["id"]), (1, &json!(order.id())));
    let other = bistro.market.person("cook02");
    for answer in [other.finds_ticket(order.id()).await, other.accepts(order.id()).await] {
        refused(answer, Code::NotFound, "TICKET_NOT_FOUND");
    }
    refused(bistro.customer.accepts(order.id()).await, Code::PermissionDenied, "SELLER_ONLY");
}

/// D.13-7: in the original every ticket is of the same store, whatever was ordered.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_makes_what_names_the_store_of_somebody_else() {
    let bistro = bistro().await;
    let other = bistro.market.person("cook02");
    for store in [NOBODYS, bistro.store.as_str()] {
        let dish = other.serves_dish(store).await;
        let order = bistro.customer.orders_at_last(&dish, 1).await;
        assert_eq!(order.text("seller"), "cook02");
        let cancelled = bistro.customer.sees_order(order.id(), "STATE_CANCELLED").await;
        assert_eq!(cancelled.text("cancelReason"), "STORE_REJECTED");
        bistro.market.operator().finds_ticket_told(order.id(), &["TicketRejected"]).await;
        let answer = bistro.cook.finds_ticket(order.id()).await;
        refused(answer, Code::NotFound, "TICKET_NOT_FOUND");
    }
    bistro.balances().await;
}

/// D.13-8, D-P4, D-P5, D-P6: it departs once, when it is cooked, and its courier knows where to.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_cooked_departs_once_and_its_courier_knows_where_to() {
    let bistro = bistro().await;
    let (raw, order) = (bistro.accepted().await, bistro.cooked().await);
    let Bistro { rider, .. } = &bistro;
    let operator = bistro.market.operator();
    operator.finds("delivery", &order, &["DeliveryStarted"]).await;
    assert!(operator.history("delivery", &raw).await.is_empty(), "it is not cooked yet");
    let waiting = rider.delivery("ListWaitingDeliveries", json!({})).await.unwrap();
    assert_eq!(listed(&waiting, "deliveries").len(), 1);
    rider.picks_up(&order).await.unwrap();
    let knows = async || {
        let seen = rider.finds_delivery(&order).await.unwrap();
        let names = ["address", "phoneNumber", "customer", "courier"].map(|field| seen.text(field));
        (names == [ADDRESS, PHONE, "customer01", "rider01"]).then_some(())
    };
    until(SOON, knows).await;
    rider.completes(&order).await.unwrap();
    bistro.customer.sees_order(&order, "STATE_DELIVERED").await;
    let told = ["DeliveryStarted", "DeliveryPickedUp", "DeliveryCompleted"];
    operator.finds("delivery", &order, &told).await;
}

/// D.13-9, D-T1, S.3-3: it is the store's price, of one portion, and whole won.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_costs_what_a_portion_costs_times_the_portions() {
    let bistro = bistro().await;
    let mut body = of_pieces(&bistro.dish, 21);
    body["expectedTotalKrw"] = json!(DISH_KRW);
    let answer = patiently(|| bistro.customer.order("PlaceOrder", body.clone())).await;
    refused(answer, Code::FailedPrecondition, "PRICE_CHANGED");
    bistro.has_sold_nothing().await;
    assert!(bistro.customer.payments().await.is_empty(), "nothing was asked of payment");

    body["expectedTotalKrw"] = json!(21 * DISH_KRW);
    let order = patiently(|| bistro.customer.order("PlaceOrder", body.clone())).await.unwrap();
    assert_eq!(order.text("totalKrw"), "462000");
    let edit = json!({"id": bistro.dish, "priceKrw": DISH_KRW + 1_000});
    bistro.cook.product("UpdateProduct", edit).await.unwrap();
    let stands = bistro.customer.sees_order(order.id(), "STATE_PLACED").await;
    assert_eq!(stands.text("totalKrw"), "462000");
    bistro.balances().await;
}

/// D.13-10, D-P3: one after the other, and each is told once however often it is said.
#[tokio::test(flavor = "multi_thread")]
async fn cooking_begins_and_ends() {
    let bistro = bistro().await;
    let (cook, order) = (&bistro.cook, bistro.ordered().await);
    let answer = cook.starts_cooking(&order).await;
    refused(answer, Code::FailedPrecondition, "TICKET_NOT_ACCEPTED");
    cook.accepts(&order).await.unwrap();
    let answer = cook.finishes_cooking(&order).await;
    refused(answer, Code::FailedPrecondition, "TICKET_NOT_COOKING");
    for _ in 0..2 {
        assert_eq!(cook.starts_cooking(&order).await.unwrap().text("state"), "STATE_COOKING");
    }
    for _ in 0..2 {
        assert_eq!(cook.finishes_cooking(&order).await.unwrap().text("state"), "STATE_COOKED");
    }
    let told = ["TicketReceived", "TicketAccepted", "CookingStarted", "CookingFinished"];
    bistro.market.operator().finds_ticket_told(&order, &told).await;
}

/// D-F1: what is made to order is never counted, nor ordered together with what is.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_to_order_and_what_is_counted_are_ordered_apart() {
    let bistro = bistro().await;
    let Bistro { cook, customer, dish, store, .. } = &bistro;
    let counted = json!({"name": "김밥", "priceKrw": 3_000, "quantity": 5, "storeId": store});
    let answer = cook.product("RegisterProduct", counted).await;
    refused(answer, Code::InvalidArgument, "QUANTITY_OF_MADE_TO_ORDER");
    let answer = cook.product("RestockProduct", json!({"id": dish, "quantity": 5})).await;
    refused(answer, Code::FailedPrecondition, "MADE_TO_ORDER");
    let roses = cook.stocks_roses(3).await;
    let other = cook.serves_dish(&cook.opens_store().await).await;
    for other in [&roses, &other] {
        let mut body = of_pieces(dish, 1);
        let line = json!({"productId": other, "quantity": 1});
        body["lines"].as_array_mut().unwrap().push(line);
        let answer = patiently(|| customer.order("PlaceOrder", body.clone())).await;
        refused(answer, Code::FailedPrecondition, "ONE_STORE_PER_ORDER");
    }
    cook.sees_stock(&roses, 3, 3).await;
    bistro.has_sold_nothing().await;
}
