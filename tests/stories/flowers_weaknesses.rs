//! What is known to go wrong when flowers are sold, one test for each.
//!
//! Some are elsewhere: more is sold than there is (E.13-2), and the last pieces are not (E.13-3), in
//! [`flowers_races`](super::flowers_races). One is a matter of manifests (E.13-10).

use jangteo_testing::until;
use serde_json::{Value, json};
use tonic::Code;

use super::{
    market::{Client, FLOWERS, Market, Reply},
    ordering::{ADDRESS, PHONE, ROSES_KRW, of_pieces},
    refusal::refused,
    renting::patiently,
    shop::{BUNCHES, Shop},
    trade::{SOON, listed, states},
};
use crate::mesh::Database;

async fn shop() -> Shop {
    Shop::of(Market::of(FLOWERS, Database::Sqlite).await).await
}

/// E.13-1, E.13-8, E.13-9, E-F5, E-F6, E-T5, S.3-5, S.3-10: also if it is called off twice.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_called_off_goes_back_once_and_stays_in_the_list() {
    let shop = shop().await;
    let (order, operator) = (shop.ordered().await, shop.market.operator());
    shop.florist.sees_stock(&shop.roses, BUNCHES - 1, BUNCHES - 1).await;
    let answer = shop.florist.cancels(&order).await;
    refused(answer, Code::PermissionDenied, "CUSTOMER_ONLY");
    let cancelled = shop.customer.cancels_at_last(&order).await;
    assert_eq!(cancelled.text("cancelReason"), "BY_CUSTOMER");
    shop.customer.sees_delivery(&order, "STATE_CANCELLED").await;
    shop.balances(BUNCHES).await;
    shop.customer.cancels_at_last(&order).await;
    let answer = shop.rider.picks_up(&order).await;
    refused(answer, Code::FailedPrecondition, "DELIVERY_CANCELLED");
    shop.balances(BUNCHES).await;
    assert_eq!(states(&shop.customer.own_orders().await), ["STATE_CANCELLED"]);

    let payment = cancelled.text("paymentId");
    operator.finds("order", &order, &["OrderPlaced", "OrderCancelled"]).await;
    operator.finds("payment", payment, &["PaymentApproved", "PaymentCancelled"]).await;
    operator.finds("delivery", &order, &["DeliveryStarted", "DeliveryCancelled"]).await;
    let of_order = format!("orders/{order}");
    let of_both = [("order_placed", of_order.clone()), ("order_cancelled", of_order)];
    let of_customer = [
        ("delivery_started", format!("deliveries/{order}")),
        ("payment_refunded", format!("payments/{payment}")),
    ];
    shop.customer.is_told("customer01", &[&of_both[..], &of_customer].concat()).await;
    let sold = ("stock_decreased", format!("products/{}", shop.roses));
    shop.florist.is_told("florist01", &[&of_both[..], &[sold]].concat()).await;
}

/// E.13-4, S.3-3: whoever expects another price buys nothing.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_costs_what_its_seller_asks_at_that_moment() {
    let shop = shop().await;
    let dearer = ROSES_KRW + 10_000;
    let reprices = async |price_krw: i64| {
        let edit = json!({"id": shop.roses, "priceKrw": price_krw});
        shop.florist.product("UpdateProduct", edit).await.unwrap();
    };
    reprices(dearer).await;
    let mut body = of_pieces(&shop.roses, 3);
    body["expectedTotalKrw"] = json!(3 * ROSES_KRW);
    let answer = patiently(|| shop.customer.order("PlaceOrder", body.clone())).await;
    refused(answer, Code::FailedPrecondition, "PRICE_CHANGED");
    shop.has_sold_nothing().await;
    assert!(shop.customer.payments().await.is_empty(), "nothing was asked of payment");

    body["expectedTotalKrw"] = json!(3 * dearer);
    let order = patiently(|| shop.customer.order("PlaceOrder", body.clone())).await.unwrap();
    assert_eq!(order.text("totalKrw"), (3 * dearer).to_string());
    reprices(ROSES_KRW).await;
    let stands = shop.customer.sees_order(order.id(), "STATE_PLACED").await;
    assert_eq!(stands.text("totalKrw"), (3 * dearer).to_string());
    shop.balances(BUNCHES - 3).await;
}

/// E.13-5, E-F2, E-F3
#[tokio::test(flavor = "multi_thread")]
async fn what_the_provider_declines_is_not_ordered() {
    let (shop, declines) = (shop().await, json!({"declineFromKrw": 3 * ROSES_KRW}));
    shop.market.operator().has_provider(declines).await;
    let answer = patiently(|| shop.customer.orders(&shop.roses, 3)).await;
    let status = refused(answer, Code::FailedPrecondition, "PAYMENT_DECLINED");
    assert!(status.message().contains("provider declines this amount"), "{status:?}");
    shop.has_sold_nothing().await;
    let payments = shop.customer.payments().await;
    let told = (states(&payments)[0], &payments[0]["reason"]);
    assert_eq!(told, ("STATE_DECLINED", &json!("PAYMENT_DECLINED")));
    // It is the amount that is declined.
    shop.customer.orders_at_last(&shop.roses, 2).await;
    shop.balances(BUNCHES - 2).await;
}

/// Where a delivery goes, and whom its courier calls, as somebody sees it.
async fn destination(person: &Client, delivery: &str) -> [String; 2] {
    let seen = person.finds_delivery(delivery).await.unwrap();
    addressed(&seen)
}

fn addressed(seen: &Reply) -> [String; 2] {
    ["address", "phoneNumber"].map(|field| seen.text(field).to_owned())
}

/// E.13-6, E-F4: its customer and its courier know where it goes, until it has arrived.
#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_has_all_that_its_courier_needs_and_nobody_else_sees_it() {
    let shop = shop().await;
    let order = shop.ordered().await;
    let (known, unknown) = ([ADDRESS, PHONE], ["", ""]);
    let Shop { florist, customer, rider, .. } = &shop;
    let waiting = rider.delivery("ListWaitingDeliveries", json!({})).await.unwrap();
    let waiting = listed(&waiting, "deliveries");
    assert_eq!((&waiting[0]["id"], &waiting[0]["address"]), (&json!(order), &Value::Null));
    assert_eq!(destination(rider, &order).await, unknown);
    rider.picks_up(&order).await.unwrap();
    for person in [customer, rider] {
        until(SOON, async || (destination(person, &order).await == known).then_some(())).await;
    }
    assert_eq!(destination(florist, &order).await, unknown);
    let answer = shop.market.courier("rider02").finds_delivery(&order).await;
    refused(answer, Code::NotFound, "DELIVERY_NOT_FOUND");
    let waiting = rider.delivery("ListWaitingDeliveries", json!({})).await.unwrap();
    assert!(listed(&waiting, "deliveries").is_empty());

    rider.completes(&order).await.unwrap();
    for person in [customer, rider, florist] {
        assert_eq!(destination(person, &order).await, unknown);
    }
    // The customer remembers it, and nobody else does.
    assert_eq!(addressed(&customer.sees_order(&order, "STATE_DELIVERED").await), known);
    assert_eq!(addressed(&florist.sees_order(&order, "STATE_DELIVERED").await), unknown);
    let answer = rider.order("GetOrder", json!({"id": order})).await;
    refused(answer, Code::NotFound, "ORDER_NOT_FOUND");
}
