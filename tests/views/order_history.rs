//! What somebody has ordered: his orders, with their payments and their deliveries.
//!
//! E-N2, E-T1, E-T4

use jangteo_testing::until;
use serde_json::{Value, json};
use tonic::Code;

use super::item_board::rebuilt;
use crate::{
    mesh::Database,
    seller::Watch,
    stories::{
        market::{Client, FLOWERS, Market, on_each_database},
        refusal::refused,
        renting::patiently,
        trade::SOON,
    },
};

on_each_database!(FLOWERS: an_order_is_followed_until_it_arrives);

const GET: &str = "OrderHistoryService/GetOrderHistoryEntry";
const LIST: &str = "view.v1.OrderHistoryService/ListOrderHistoryEntries";
const WATCH: &str = "view.v1.OrderHistoryService/WatchOrderHistory";

/// What an entry says of order, payment and delivery.
fn says(order: &str, payment: &str, delivery: &str) -> Value {
    json!({
        "orderStatus": format!("ORDER_STATUS_{order}"),
        "paymentStatus": format!("PAYMENT_STATUS_{payment}"),
        "deliveryStatus": format!("DELIVERY_STATUS_{delivery}"),
    })
}

fn is_so(entry: &Value, expected: &Value) -> bool {
    let fields = expected.as_object().expect("the fields of an entry");
    fields.iter().all(|(field, value)| entry[field] == *value)
}

/// Waits until the entry of an order says this.
async fn sees(customer: &Client, order: &str, expected: &Value) -> Value {
    let asked = json!({"orderId": order});
    let entry = async || {
        let entry = customer.view(GET, asked.clone(), "").await.ok()?.body;
        is_so(&entry, expected).then_some(entry)
    };
    until(SOON, entry).await
}

/// Watches until an order says this; where to go on after that.
async fn told(watch: &mut Watch, order: &str, expected: &Value) -> String {
    loop {
        let change = watch.next().await.expect("the watch goes on");
        assert!(change.get("reset").is_none(), "{change}");
        let entry = &change["entry"];
        if entry["orderId"] == order && is_so(entry, expected) {
            return change["resumeToken"].as_str().unwrap_or_default().to_owned();
        }
    }
}

/// E-N2, E-T1
async fn an_order_is_followed_until_it_arrives(market: Market) {
    let [florist, customer] = ["florist01", "customer01"].map(|name| market.person(name));
    let rider = market.courier("rider01");
    let roses = florist.stocks_roses(10).await;
    let mut watch = customer.watch(WATCH, json!({})).await.unwrap();
    assert!(watch.next().await.unwrap()["reset"].is_object());
    let order = customer.orders_at_last(&roses, 2).await.id().to_owned();
    let token = told(&mut watch, &order, &says("PLACED", "APPROVED", "STARTED")).await;
    drop(watch);
    rider.sees_delivery(&order, "STATE_STARTED").await;
    patiently(|| rider.picks_up(&order)).await.unwrap();
    let mut watch = customer.watch(WATCH, json!({"resumeToken": token})).await.unwrap();
    told(&mut watch, &order, &says("DELIVERING", "APPROVED", "PICKED_UP")).await;
    patiently(|| rider.completes(&order)).await.unwrap();
    told(&mut watch, &order, &says("DELIVERED", "APPROVED", "DELIVERED")).await;
    let entry = sees(&customer, &order, &json!({"pieces": "2", "totalKrw": "100000"})).await;
    assert!(entry["createTime"].is_string() && entry["updateTime"].is_string(), "{entry}");
}

/// E-T4: what is called off stays, and says so; nobody else sees it; and a rebuilt one says the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_customer_lists_what_he_has_ordered_and_called_off() {
    let market = Market::of(FLOWERS, Database::Sqlite).await;
    let [florist, customer] = ["florist01", "customer01"].map(|name| market.person(name));
    let roses = florist.stocks_roses(10).await;
    let mut orders = vec![];
    for _ in 0..3 {
        let order = customer.orders_at_last(&roses, 1).await.id().to_owned();
        sees(&customer, &order, &says("PLACED", "APPROVED", "STARTED")).await;
        orders.insert(0, order);
    }
    customer.cancels_at_last(&orders[1]).await;
    sees(&customer, &orders[1], &says("CANCELLED", "CANCELLED", "CANCELLED")).await;
    let listed = async || customer.all(LIST, "entries", json!({"pageSize": 2})).await;
    let before = listed().await;
    let found: Vec<_> = before.iter().map(|entry| entry["orderId"].as_str().unwrap()).collect();
    assert_eq!(found, orders);
    assert!(florist.all(LIST, "entries", json!({})).await.is_empty(), "he sells");
    let foreign = florist.view(GET, json!({"orderId": orders[0]}), "").await;
    refused(foreign, Code::NotFound, "ORDER_HISTORY_ENTRY_NOT_FOUND");
    rebuilt(&market, "order_history").await;
    assert_eq!(listed().await, before);
}
