//! What people do who sell by the piece, in the words of the market.

use std::time::Duration;

use jangteo_testing::within;
use serde_json::{Value, json};
use tonic::Status;

use super::{
    market::{Client, Reply},
    trade::SOON,
};

/// What the watch of the story costs (C.11).
pub(crate) const WATCH_KRW: i64 = 50_000;

impl Client {
    /// Calls an RPC of products.
    pub(crate) async fn product(&self, method: &str, body: Value) -> Result<Reply, Status> {
        self.ask(&format!("inventory.v1.InventoryService/{method}"), body).await
    }

    /// Registers the watch with so many pieces, and answers its id.
    pub(crate) async fn stocks_watches(&self, quantity: i64) -> String {
        let watch = json!({"name": "애플워치", "priceKrw": WATCH_KRW, "quantity": quantity});
        self.product("RegisterProduct", watch).await.unwrap().id().to_owned()
    }

    /// Asks for a deal on some pieces of a product.
    pub(crate) async fn buys(&self, product: &str, quantity: i64) -> Result<Reply, Status> {
        let place = "서울특별시 서초구 방배동";
        let meet = json!({"productId": product, "quantity": quantity, "meetingPlace": place});
        self.deal("ReserveDeal", meet).await
    }

    /// Waits until as many pieces are there, and can be had.
    pub(crate) async fn sees_stock(&self, product: &str, on_hand: i64, available: i64) -> Reply {
        self.sees_stock_within(SOON, product, [on_hand, available]).await
    }

    /// The same, where more has to come to its end than usual.
    pub(crate) async fn sees_stock_within(
        &self,
        patience: Duration,
        product: &str,
        expected: [i64; 2],
    ) -> Reply {
        let now = async || self.product("GetProduct", json!({"id": product})).await;
        let there = async || now().await.ok().filter(|now| pieces(now) == expected);
        if let Some(there) = within(patience, there).await {
            return there;
        }
        panic!("there should be {expected:?}, on hand and to be had, not {:?}", now().await);
    }
}

/// How many pieces are there, and how many can be had.
fn pieces(product: &Reply) -> [i64; 2] {
    ["onHand", "available"].map(|field| product.text(field).parse().unwrap_or(0))
}
