//! The board of orders: customer and store see an order from its payment to its arrival.
//!
//! D-F5, D-P7, D-N4, D-T1, D-T3, D-T4, D-T5

use jangteo_testing::until;
use serde_json::{Value, json};
use tonic::Code;

use super::item_board::rebuilt;
use crate::{
    mesh::Database,
    seller::Watch,
    stories::{
        market::{Client, KITCHENS, Market, on_each_database},
        refusal::refused,
        renting::patiently,
        trade::SOON,
    },
};

on_each_database!(KITCHENS: the_board_follows_an_order_from_end_to_end);

const GET: &str = "OrderBoardService/GetOrderBoardRow";
const LIST: &str = "view.v1.OrderBoardService/ListOrderBoardRows";
const WATCH: &str = "view.v1.OrderBoardService/WatchOrderBoard";

/// When something happens to an order that arrives.
const TIMES: [&str; 8] = [
    "placeTime",
    "payTime",
    "acceptTime",
    "cookStartTime",
    "cookTime",
    "deliveryStartTime",
    "pickUpTime",
    "deliverTime",
];

/// A store with its cook, a customer who is hungry, and a courier.
struct Kitchen {
    market: Market,
    cook: Client,
    customer: Client,
    rider: Client,
    store: String,
    /// What there is to eat.
    soup: String,
}

impl Kitchen {
    async fn of(market: Market) -> Self {
        let [cook, customer] = ["store01", "customer01"].map(|name| market.person(name));
        let rider = market.courier("rider01");
        let opened = json!({"name": "스토어99"});
        let store = cook.ask("store.v1.StoreService/OpenStore", opened).await.unwrap();
        let store = store.id().to_owned();
        let soup = json!({"name": "마라탕", "priceKrw": 22_000, "storeId": store});
        let soup = cook.product("RegisterProduct", soup).await.unwrap().id().to_owned();
        Self { market, cook, customer, rider, store, soup }
    }

    /// D-T1: an order of 21 portions, once its kitchen has it.
    async fn ordered(&self) -> String {
        let order = self.customer.orders_at_last(&self.soup, 21).await.id().to_owned();
        let rpc = "store.v1.TicketService/GetTicket";
        self.cook.sees(rpc, json!({"id": order}), "STATE_RECEIVED").await;
        order
    }

    /// Does something about an order, however often it has to be said.
    async fn cooks(&self, method: &str, order: &str) {
        let rpc = format!("store.v1.TicketService/{method}");
        patiently(|| self.cook.ask(&rpc, json!({"id": order}))).await.unwrap();
    }

    async fn picks_up(&self, order: &str) {
        self.rider.sees_delivery(order, "STATE_STARTED").await;
        patiently(|| self.rider.picks_up(order)).await.unwrap();
    }

    async fn watching(&self, token: &str) -> Watch {
        self.customer.watch(WATCH, json!({"resumeToken": token})).await.unwrap()
    }

    /// What the board shows somebody of an order, once it says all this.
    async fn shows(&self, who: &Client, order: &str, fields: &Value) -> Value {
        let row = async || {
            let row = who.view(GET, json!({"orderId": order}), "").await.ok()?.body;
            let fields = fields.as_object().expect("the fields of a row");
            fields.iter().all(|(field, value)| row[field] == *value).then_some(row)
        };
        until(SOON, row).await
    }
}

/// The next row of an order that has this time, and where to go on after it.
async fn reaches(watch: &mut Watch, order: &str, time: &str) -> (Value, String) {
    loop {
        let mut change = watch.next().await.expect("the watch goes on");
        assert!(change.get("reset").is_none(), "{change}");
        let row = change["row"].take();
        assert_eq!(row["orderId"], order, "{row}");
        if row[time].is_string() {
            return (row, change["resumeToken"].as_str().unwrap_or_default().to_owned());
        }
    }
}

async fn begun(watch: &mut Watch) {
    let change = watch.next().await.unwrap();
    assert!(change["reset"].is_object(), "{change}");
}

/// D-F5, D-P7, D-T1, D-T3, D-T4: who watches from the beginning asks for nothing again.
async fn the_board_follows_an_order_from_end_to_end(market: Market) {
    let kitchen = Kitchen::of(market).await;
    let mut watch = kitchen.watching("").await;
    begun(&mut watch).await;
    let order = kitchen.ordered().await;
    let (row, _) = reaches(&mut watch, &order, "placeTime").await;
    assert_eq!(row["status"], "STATUS_PLACED");
    assert_eq!((&row["totalKrw"], &row["storeId"]), (&json!("462000"), &json!(kitchen.store)));
    assert_eq!((&row["customer"], &row["seller"]), (&json!("customer01"), &json!("store01")));
    let line = json!({
        "productId": kitchen.soup, "name": "마라탕", "quantity": "21", "priceKrw": "22000",
    });
    assert_eq!(row["lines"], json!([line]));
    for (method, time, status) in [
        ("AcceptTicket", "acceptTime", "STATUS_ACCEPTED"),
        ("StartCooking", "cookStartTime", "STATUS_COOKING"),
    ] {
        kitchen.cooks(method, &order).await;
        assert_eq!(reaches(&mut watch, &order, time).await.0["status"], status);
    }
    kitchen.cooks("FinishCooking", &order).await;
    let (row, _) = reaches(&mut watch, &order, "deliveryStartTime").await;
    assert_eq!(row["status"], "STATUS_DELIVERY_STARTED");
    kitchen.picks_up(&order).await;
    let (row, _) = reaches(&mut watch, &order, "pickUpTime").await;
    assert_eq!(row["status"], "STATUS_PICKED_UP");
    patiently(|| kitchen.rider.completes(&order)).await.unwrap();
    let (row, _) = reaches(&mut watch, &order, "deliverTime").await;
    assert_eq!(row["status"], "STATUS_DELIVERED");

    let delivered = json!({"status": "STATUS_DELIVERED"});
    for who in [&kitchen.customer, &kitchen.cook] {
        let timely = async || {
            let row = kitchen.shows(who, &order, &delivered).await;
            TIMES.iter().all(|time| row[time].is_string()).then_some(())
        };
        until(SOON, timely).await;
    }
}

/// D-P7, D-N4: a watch that broke off goes on where it was, also when the broker was away.
#[tokio::test(flavor = "multi_thread")]
async fn a_watch_goes_on_after_the_broker_was_away() {
    let kitchen = Kitchen::of(Market::of(KITCHENS, Database::Sqlite).await).await;
    let mut watch = kitchen.watching("").await;
    begun(&mut watch).await;
    let order = kitchen.ordered().await;
    kitchen.cooks("AcceptTicket", &order).await;
    let (_, token) = reaches(&mut watch, &order, "acceptTime").await;
    drop(watch);
    kitchen.market.nats.kill();
    // What happens now is told when the broker is back.
    kitchen.cooks("StartCooking", &order).await;
    kitchen.market.nats.restart().await.unwrap();
    let mut watch = kitchen.watching(&token).await;
    let (row, _) = reaches(&mut watch, &order, "cookStartTime").await;
    assert_eq!(row["status"], "STATUS_COOKING");
    kitchen.cooks("FinishCooking", &order).await;
    kitchen.picks_up(&order).await;
    patiently(|| kitchen.rider.completes(&order)).await.unwrap();
    let (row, _) = reaches(&mut watch, &order, "deliverTime").await;
    assert_eq!(row["status"], "STATUS_DELIVERED");
}

/// D-T5: called off by its customer, or turned down by its store; the money goes back either way.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_called_off_says_why_and_stays_on_the_board() {
    let kitchen = Kitchen::of(Market::of(KITCHENS, Database::Sqlite).await).await;
    let [off, down] = [kitchen.ordered().await, kitchen.ordered().await];
    kitchen.customer.cancels_at_last(&off).await;
    kitchen.cooks("RejectTicket", &down).await;
    for order in [&off, &down] {
        let cancelled = json!({"status": "STATUS_CANCELLED", "refunded": true});
        let row = kitchen.shows(&kitchen.customer, order, &cancelled).await;
        let reason = row["cancelReason"].as_str().unwrap_or_default();
        assert_eq!(reason == "BY_CUSTOMER", *order == off, "{row}");
        assert!(row["cancelTime"].is_string() && row["refundTime"].is_string(), "{row}");
    }
}

/// The orders that somebody lists.
async fn found(who: &Client, asked: Value) -> Vec<String> {
    let rows = who.all(LIST, "rows", asked).await;
    rows.iter().map(|row| row["orderId"].as_str().unwrap_or_default().to_owned()).collect()
}

/// D-F5: both sides list it, page by page, and nobody else; and a rebuilt board says the same.
#[tokio::test(flavor = "multi_thread")]
async fn customer_and_store_list_their_orders() {
    let kitchen = Kitchen::of(Market::of(KITCHENS, Database::Sqlite).await).await;
    let mut orders = vec![];
    for _ in 0..3 {
        orders.insert(0, kitchen.ordered().await);
        kitchen.shows(&kitchen.cook, &orders[0], &json!({"status": "STATUS_PLACED"})).await;
    }
    let pages = json!({"pageSize": 2});
    assert_eq!(found(&kitchen.customer, pages.clone()).await, orders);
    let menu = json!({"pageSize": 2, "side": "SIDE_SELLER", "storeId": kitchen.store});
    assert_eq!(found(&kitchen.cook, menu.clone()).await, orders);
    for (who, asked) in [
        (&kitchen.customer, menu),
        (&kitchen.cook, json!({"side": "SIDE_CUSTOMER"})),
        (&kitchen.cook, json!({"storeId": orders[0]})),
        (&kitchen.rider, pages.clone()),
    ] {
        assert_eq!(found(who, asked.clone()).await, [""; 0], "{asked}");
    }
    let foreign = kitchen.rider.view(GET, json!({"orderId": orders[0]}), "").await;
    refused(foreign, Code::NotFound, "ORDER_BOARD_ROW_NOT_FOUND");
    rebuilt(&kitchen.market, "order_board").await;
    assert_eq!(found(&kitchen.customer, pages).await, orders);
}
