//! What people do who sell by the piece, in the words of the market.

use jangteo_testing::until;
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
        let there = async || {
            let now = self.product("GetProduct", json!({"id": product})).await.ok()?;
            (pieces(&now) == [on_hand, available]).then_some(now)
        };
        until(SOON, there).await
    }
}

/// How many pieces are there, and how many can be had.
fn pieces(product: &Reply) -> [i64; 2] {
    ["onHand", "available"].map(|field| product.text(field).parse().unwrap_or(0))
}
