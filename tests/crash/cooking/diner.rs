//! A customer, a cook and a courier who do not give up.

use anyhow::Result;
use jangteo_testing::tokens::Keys;
use serde_json::{Value, json};
use tonic::transport::Channel;

use super::super::insist::Insisting;

/// Requests that are refused like that have come to nothing.
const IN_VAIN: &[&str] = &["PAYMENT_UNAVAILABLE", "INVENTORY_UNAVAILABLE", "STORE_UNAVAILABLE"];
/// Neither the store nor the delivery may have heard of the order.
const UNHEARD: &[&str] = &["TICKET_NOT_FOUND", "DELIVERY_NOT_FOUND"];

const ORDER: &str = "/jangteo.order.v1.OrderService";
const TICKET: &str = "/jangteo.store.v1.TicketService";
const DELIVERY: &str = "/jangteo.delivery.v1.DeliveryService";

/// The three, on one connection.
pub(super) struct Diner {
    cook: Insisting,
    customer: Insisting,
    courier: Insisting,
}

impl Diner {
    pub(super) fn new(door: &Channel, keys: &Keys) -> Self {
        let somebody =
            |token| Insisting { door: door.clone(), token, in_vain: IN_VAIN, unheard: UNHEARD };
        Self {
            cook: somebody(keys.user("cook01")),
            customer: somebody(keys.user("customer01")),
            courier: somebody(keys.user_with_roles("rider01", &["courier"])),
        }
    }

    /// Orders three times: calls off what the store has taken on, is turned down, and gets something to eat.
    pub(super) async fn dines(&self) -> Result<()> {
        let store = json!({"name": "스토어99"});
        let store = self.cook.asks("/jangteo.store.v1.StoreService/OpenStore", store).await?;
        let dish = json!({"name": "비빔밥", "price_krw": 22_000, "store_id": store["id"]});
        let register = "/jangteo.inventory.v1.InventoryService/RegisterProduct";
        let dish = self.cook.asks(register, dish).await?["id"].clone();

        let first = self.placed(&dish).await?;
        self.cooks("AcceptTicket", &first).await?;
        self.customer.asks(&format!("{ORDER}/CancelOrder"), json!({"id": first})).await?;
        self.becomes(&first, "STATE_CANCELLED").await?;

        let second = self.placed(&dish).await?;
        self.cooks("RejectTicket", &second).await?;
        self.becomes(&second, "STATE_CANCELLED").await?;

        let third = self.placed(&dish).await?;
        for step in ["AcceptTicket", "StartCooking", "FinishCooking"] {
            self.cooks(step, &third).await?;
        }
        let id = json!({"id": third});
        self.courier.asks(&format!("{DELIVERY}/PickUpDelivery"), id.clone()).await?;
        self.courier.asks(&format!("{DELIVERY}/CompleteDelivery"), id).await?;
        self.becomes(&third, "STATE_DELIVERED").await
    }

    async fn placed(&self, dish: &Value) -> Result<Value> {
        let place = format!("{ORDER}/PlaceOrder");
        let order = |expected_total_krw: i64| {
            json!({
                "lines": [{"product_id": dish, "quantity": 21}],
                "address": "서울특별시 서초구 방배동 1",
                "phone_number": "010-0000-0000",
                "expected_total_krw": expected_total_krw,
            })
        };
        self.customer.is_refused(&place, order(22_000), "PRICE_CHANGED").await?;
        Ok(self.customer.asks(&place, order(21 * 22_000)).await?["id"].clone())
    }

    async fn cooks(&self, step: &str, order: &Value) -> Result<()> {
        self.cook.asks(&format!("{TICKET}/{step}"), json!({"id": order})).await.map(drop)
    }

    async fn becomes(&self, order: &Value, state: &str) -> Result<()> {
        self.customer.sees(&format!("{ORDER}/GetOrder"), order, state).await
    }
}
