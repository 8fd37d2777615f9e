//! What customers and couriers do, and who sells them flowers, in the words of the market.

use serde_json::{Value, json};
use tonic::Status;

use super::{
    market::{Client, Market, Reply},
    renting::patiently,
};

/// What a bunch of the roses of the story costs (E.12).
pub(crate) const ROSES_KRW: i64 = 50_000;
/// Where they go.
pub(crate) const ADDRESS: &str = "서울특별시 서초구 방배로 1";
/// Whom the courier calls.
pub(crate) const PHONE: &str = "010-1234-5678";

/// A request for some pieces of a product.
pub(crate) fn of_pieces(product: &str, quantity: i64) -> Value {
    json!({
        "lines": [{"productId": product, "quantity": quantity}],
        "address": ADDRESS,
        "phoneNumber": PHONE,
    })
}

impl Market {
    /// Somebody who brings orders to their customers.
    pub(crate) fn courier(&self, name: &str) -> Client {
        self.bearer(self.keys.user_with_roles(name, &["courier"]))
    }
}

impl Client {
    /// Calls an RPC of orders.
    pub(crate) async fn order(&self, method: &str, body: Value) -> Result<Reply, Status> {
        self.ask(&format!("order.v1.OrderService/{method}"), body).await
    }

    /// Calls an RPC of deliveries.
    pub(crate) async fn delivery(&self, method: &str, body: Value) -> Result<Reply, Status> {
        self.ask(&format!("delivery.v1.DeliveryService/{method}"), body).await
    }

    /// Registers the roses with so many bunches, and answers their id.
    pub(crate) async fn stocks_roses(&self, quantity: i64) -> String {
        let roses =
            json!({"name": "장미", "spec": "100송이", "priceKrw": ROSES_KRW, "quantity": quantity});
        self.product("RegisterProduct", roses).await.unwrap().id().to_owned()
    }

    /// Orders some pieces of a product.
    pub(crate) async fn orders(&self, product: &str, quantity: i64) -> Result<Reply, Status> {
        self.order("PlaceOrder", of_pieces(product, quantity)).await
    }

    /// Orders some pieces of a product, however often it takes: a try that is refused has come to nothing.
    pub(crate) async fn orders_at_last(&self, product: &str, quantity: i64) -> Reply {
        patiently(|| self.orders(product, quantity)).await.unwrap()
    }

    /// Calls an order off.
    pub(crate) async fn cancels(&self, order: &str) -> Result<Reply, Status> {
        self.order("CancelOrder", json!({"id": order})).await
    }

    /// Calls an order off, however long that takes.
    pub(crate) async fn cancels_at_last(&self, order: &str) -> Reply {
        patiently(|| self.cancels(order)).await.unwrap();
        self.sees_order(order, "STATE_CANCELLED").await
    }

    /// Takes a delivery, to bring it.
    pub(crate) async fn picks_up(&self, delivery: &str) -> Result<Reply, Status> {
        self.delivery("PickUpDelivery", json!({"id": delivery})).await
    }

    /// Says that a delivery has arrived.
    pub(crate) async fn completes(&self, delivery: &str) -> Result<Reply, Status> {
        self.delivery("CompleteDelivery", json!({"id": delivery})).await
    }

    /// Reads a delivery.
    pub(crate) async fn finds_delivery(&self, id: &str) -> Result<Reply, Status> {
        self.delivery("GetDelivery", json!({"id": id})).await
    }

    /// Waits until an order of the caller's stands so.
    pub(crate) async fn sees_order(&self, id: &str, state: &str) -> Reply {
        self.sees("order.v1.OrderService/GetOrder", json!({"id": id}), state).await
    }

    /// Waits until a delivery that concerns the caller stands so.
    pub(crate) async fn sees_delivery(&self, id: &str, state: &str) -> Reply {
        self.sees("delivery.v1.DeliveryService/GetDelivery", json!({"id": id}), state).await
    }

    /// What the caller has ordered, newest first.
    pub(crate) async fn own_orders(&self) -> Vec<Value> {
        let asked = json!({"pageSize": 100, "side": "SIDE_CUSTOMER"});
        self.all("order.v1.OrderService/ListOrders", "orders", asked).await
    }
}
