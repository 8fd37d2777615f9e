//! A sale that a test can stop between any two contexts.

use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tonic::Status;
use uuid::Uuid;

use super::market::{Client, Layout, Market, Reply, SECOND_HAND};
use crate::{mesh::Database, seller::request_id};

/// A deal that has its offer and waits for its post.
pub(super) const HOLDING: &str = "state = 'holding'";

#[expect(clippy::disallowed_methods, reason = "a test waits for what it has begun")]
fn beside<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    tokio::spawn(work)
}

/// A market on SQLite with a post, its seller and a buyer.
pub(super) struct Scene {
    pub(super) market: Market,
    pub(super) seller: Client,
    pub(super) buyer: Client,
    pub(super) post: String,
}

impl Scene {
    /// Everything at its usual pace.
    pub(super) async fn new() -> Self {
        Self::with(&[]).await
    }

    /// With settings of the test's own.
    pub(super) async fn with(envs: &[(&str, &str)]) -> Self {
        let market = Market::gated(Layout::apart(SECOND_HAND, Database::Sqlite), envs).await;
        let [seller, buyer] = ["seller01", "buyer01"].map(|name| market.person(name));
        let post = seller.sells_phone().await;
        Self { market, seller, buyer, post }
    }

    /// Asks for the post in a task of its own.
    pub(super) fn requesting(&self, buyer: &Client) -> JoinHandle<Result<Reply, Status>> {
        let (buyer, post) = (buyer.clone(), self.post.clone());
        beside(async move { buyer.requests(&post).await })
    }

    /// Reserves in a task of its own.
    pub(super) fn reserving(
        &self,
        offer: &str,
        request_id: Uuid,
    ) -> JoinHandle<Result<Reply, Status>> {
        let (seller, body) = (self.seller.clone(), reservation(offer, request_id));
        beside(async move { seller.deal("ReserveDeal", body).await })
    }

    /// Reserves, and stops where the offer is taken and the post is to be asked.
    pub(super) async fn between_offer_and_post(
        &self,
        offer: &str,
    ) -> JoinHandle<Result<Reply, Status>> {
        self.market.gate("deal", "post").blackhole();
        let deal = self.reserving(offer, request_id());
        self.market.has("deal", 1, HOLDING).await;
        deal
    }

    /// Lets the deal ask its post.
    pub(super) async fn go_on(&self) {
        self.market.gate("deal", "post").restore().await.unwrap();
    }

    /// Nothing came of any deal: the post is free, and only this is left in its history.
    pub(super) async fn nothing_is_reserved(&self, state: &str) {
        self.market.rests().await;
        self.seller.sees_post(&self.post, state).await;
        assert!(self.seller.deals().await.is_empty());
        assert!(self.buyer.deals().await.is_empty());
    }
}

/// What is sent to reserve a deal.
pub(super) fn reservation(offer: &str, request_id: Uuid) -> Value {
    json!({"offerId": offer, "requestId": request_id.to_string()})
}
