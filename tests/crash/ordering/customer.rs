//! A customer, a florist and a courier who do not give up.

use anyhow::Result;
use jangteo_testing::tokens::Keys;
use serde_json::{Value, json};
use tonic::transport::Channel;

use super::super::insist::Insisting;

/// Requests that are refused like that have come to nothing.
const IN_VAIN: &[&str] =
    &["PAYMENT_UNAVAILABLE", "INVENTORY_UNAVAILABLE", "DELIVERY_UNAVAILABLE", "OUT_OF_STOCK"];
/// The delivery may not have heard of its order; nor the product that there are pieces again.
const UNHEARD: &[&str] = &["DELIVERY_NOT_FOUND", "OUT_OF_STOCK"];

const ORDER: &str = "/jangteo.order.v1.OrderService";
const DELIVERY: &str = "/jangteo.delivery.v1.DeliveryService";
const INVENTORY: &str = "/jangteo.inventory.v1.InventoryService";

/// The three, on one connection.
pub(super) struct Customer {
    florist: Insisting,
    buyer: Insisting,
    courier: Insisting,
}

impl Customer {
    pub(super) fn new(door: &Channel, keys: &Keys) -> Self {
        let somebody =
            |token| Insisting { door: door.clone(), token, in_vain: IN_VAIN, unheard: UNHEARD };
        Self {
            florist: somebody(keys.user("florist01")),
            buyer: somebody(keys.user("customer01")),
            courier: somebody(keys.user_with_roles("rider01", &["courier"])),
        }
    }

    /// Orders all there is, at the wrong price first, and calls it off; then the same once more, and gets it.
    pub(super) async fn orders(&self) -> Result<()> {
        let roses = json!({"name": "장미", "spec": "100송이", "price_krw": 50_000, "quantity": 3});
        let roses = self.florist.asks(&format!("{INVENTORY}/RegisterProduct"), roses).await?;
        let first = self.placed(&roses["id"]).await?;
        self.buyer.asks(&format!("{ORDER}/CancelOrder"), json!({"id": first})).await?;
        self.becomes(&first, "STATE_CANCELLED").await?;

        let second = self.placed(&roses["id"]).await?;
        let id = json!({"id": second});
        self.courier.asks(&format!("{DELIVERY}/PickUpDelivery"), id.clone()).await?;
        self.courier.asks(&format!("{DELIVERY}/CompleteDelivery"), id).await?;
        self.becomes(&second, "STATE_DELIVERED").await
    }

    async fn placed(&self, product: &Value) -> Result<Value> {
        let place = format!("{ORDER}/PlaceOrder");
        let order = |expected_total_krw: i64| {
            json!({
                "lines": [{"product_id": product, "quantity": 3}],
                "address": "서울특별시 서초구 방배동 1",
                "phone_number": "010-0000-0000",
                "expected_total_krw": expected_total_krw,
            })
        };
        self.buyer.is_refused(&place, order(100_000), "PRICE_CHANGED").await?;
        Ok(self.buyer.asks(&place, order(150_000)).await?["id"].clone())
    }

    async fn becomes(&self, order: &Value, state: &str) -> Result<()> {
        self.buyer.sees(&format!("{ORDER}/GetOrder"), order, state).await
    }
}
