//! What may come between the steps of a sale, each in the order that hurts.

use std::time::Duration;

use futures::future::join_all;
use jangteo_testing::until;
use serde_json::{Value, json};
use tokio::{task::JoinHandle, time::timeout};
use tonic::{Code, Status};
use uuid::Uuid;

use super::{
    market::{Client, Market, Reply, on_each_database},
    refusal::{refused, says_when_to_retry},
    trade::{PHONE_KRW, SOON, states},
};
use crate::{mesh::Database, seller::request_id};

on_each_database!(
    of_two_offers_accepted_at_once_one_is,
    of_a_cancel_and_a_completion_at_once_one_comes_true,
);

const HOLDING: &str = "state = 'holding'";

#[expect(clippy::disallowed_methods, reason = "a test waits for what it has begun")]
fn beside<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    tokio::spawn(work)
}

/// A market on SQLite with a post, its seller and a buyer.
struct Scene {
    market: Market,
    seller: Client,
    buyer: Client,
    post: String,
}

impl Scene {
    async fn new() -> Self {
        Self::with(&[]).await
    }

    async fn with(envs: &[(&str, &str)]) -> Self {
        let market = Market::gated(Database::Sqlite, envs).await;
        let [seller, buyer] = ["seller01", "buyer01"].map(|name| market.person(name));
        let post = seller.sells_phone().await;
        Self { market, seller, buyer, post }
    }

    /// Asks for the post in a task of its own.
    fn requesting(&self, buyer: &Client) -> JoinHandle<Result<Reply, Status>> {
        let (buyer, post) = (buyer.clone(), self.post.clone());
        beside(async move { buyer.requests(&post).await })
    }

    /// Reserves in a task of its own.
    fn reserving(&self, offer: &str, request_id: Uuid) -> JoinHandle<Result<Reply, Status>> {
        let (seller, body) = (self.seller.clone(), reservation(offer, request_id));
        beside(async move { seller.deal("ReserveDeal", body).await })
    }

    /// Reserves, and stops where the offer is taken and the post is to be asked.
    async fn between_offer_and_post(&self, offer: &str) -> JoinHandle<Result<Reply, Status>> {
        self.market.gate("deal", "post").blackhole();
        let deal = self.reserving(offer, request_id());
        self.market.has("deal", 1, HOLDING).await;
        deal
    }

    async fn go_on(&self) {
        self.market.gate("deal", "post").restore().await.unwrap();
    }

    /// Nothing came of any deal: the post is free, and only this is left in its history.
    async fn nothing_is_reserved(&self, state: &str) {
        self.market.rests().await;
        self.seller.sees_post(&self.post, state).await;
        assert!(self.seller.deals().await.is_empty());
        assert!(self.buyer.deals().await.is_empty());
    }
}

fn reservation(offer: &str, request_id: Uuid) -> Value {
    json!({"offerId": offer, "requestId": request_id.to_string()})
}

/// A-F12, A-N1: whether the sale comes before the question or before its answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_is_sold_while_an_offer_asks_about_it_ends_the_offer() {
    for held_answer in [false, true] {
        // Nothing but the question goes that way.
        let scene = Scene::with(&[("JANGTEO_COMPARE_MS", "3600000")]).await;
        let won = scene.buyer.requests(&scene.post).await.unwrap();
        let deal = scene.seller.reserves(won.id()).await.unwrap();
        let gate = scene.market.gate("offer", "post");
        let late = scene.market.person("buyer02");
        let asking = if held_answer {
            gate.hold_answers();
            let asking = scene.requesting(&late);
            until(SOON, async || gate.holds_answers().then_some(())).await;
            asking
        } else {
            gate.blackhole();
            scene.requesting(&late)
        };
        scene.market.has("offer", 1, "state = 'asking'").await;
        scene.seller.deal("CompleteDeal", json!({"id": deal.id()})).await.unwrap();
        scene.market.has("offer", 1, "state = 'abandoned'").await;
        gate.restore().await.unwrap();
        let told = timeout(SOON, asking).await.unwrap().unwrap();
        refused(told, Code::FailedPrecondition, "POST_SOLD");
        assert!(late.offers(&scene.post).await.is_empty());
        scene.buyer.sees_offer(won.id(), "STATE_COMPLETED").await;
        scene.market.rests().await;
        scene.market.has("offer", 2, "state IN ('abandoned', 'completed')").await;
    }
}

/// A-F3
#[tokio::test(flavor = "multi_thread")]
async fn an_offer_is_not_withdrawn_between_its_taking_and_the_reservation_of_its_post() {
    let scene = Scene::new().await;
    let offer = scene.buyer.requests(&scene.post).await.unwrap();
    let deal = scene.between_offer_and_post(offer.id()).await;
    for (person, method) in [(&scene.buyer, "WithdrawOffer"), (&scene.seller, "RefuseOffer")] {
        let answer = person.offer(method, json!({"id": offer.id()})).await;
        let status = refused(answer, Code::FailedPrecondition, "OFFER_IN_DEAL");
        assert!(says_when_to_retry(&status), "{method}");
    }
    scene.go_on().await;
    let deal = deal.await.unwrap().unwrap();
    assert_eq!(deal.text("state"), "STATE_RESERVED");
    scene.buyer.sees_offer(offer.id(), "STATE_IN_DEAL").await;
}

/// A-F10
async fn of_two_offers_accepted_at_once_one_is(market: Market) {
    let seller = market.person("seller01");
    let clients: Vec<_> = (0..4).map(|_| seller.elsewhere(&market)).collect();
    let buyer = market.person("buyer01");
    for _ in 0..15 {
        let post = seller.sells_phone().await;
        let mut offers = vec![];
        for number in 0..4 {
            let offer = buyer.proposes(&post, PHONE_KRW + number).await.unwrap();
            offers.push(json!({"id": offer.id()}));
        }
        let at_once = clients.iter().zip(&offers);
        let at_once = at_once.map(|(client, id)| client.offer("AcceptOffer", id.clone()));
        let (won, lost): (Vec<_>, _) = join_all(at_once).await.into_iter().partition(Result::is_ok);
        assert_eq!((won.len(), lost.len()), (1, 3), "{won:?} {lost:?}");
        for answer in lost {
            refused(answer, Code::FailedPrecondition, "ANOTHER_OFFER_ACCEPTED");
        }
        let mut now: Vec<_> = buyer.offers(&post).await;
        now.sort_by_key(|offer| offer["state"].to_string());
        let pending = "STATE_PENDING";
        assert_eq!(states(&now), ["STATE_ACCEPTED", pending, pending, pending]);
    }
}

/// A-F3, A-F6, A-F7
#[tokio::test(flavor = "multi_thread")]
async fn a_post_in_a_deal_is_neither_edited_nor_hidden_nor_deleted() {
    let scene = Scene::new().await;
    let offer = scene.buyer.requests(&scene.post).await.unwrap();
    let deal = scene.seller.reserves(offer.id()).await.unwrap();
    let id = json!({"id": scene.post});
    for change in ["UpdatePost", "HidePost", "DeletePost"] {
        let answer = scene.seller.post(change, id.clone()).await;
        let status = refused(answer, Code::FailedPrecondition, "POST_RESERVED");
        assert!(says_when_to_retry(&status), "{change}");
    }
    scene.buyer.deal("CancelDeal", json!({"id": deal.id()})).await.unwrap();
    scene.seller.sees_post(&scene.post, "STATE_AVAILABLE").await;
    for change in ["UpdatePost", "HidePost", "DeletePost"] {
        scene.seller.post(change, id.clone()).await.unwrap();
    }
    scene.buyer.sees_offer(offer.id(), "STATE_AUTO_CANCELLED").await;
}

/// A-F4, A-F5
async fn of_a_cancel_and_a_completion_at_once_one_comes_true(market: Market) {
    let (seller, buyer) = (market.person("seller01"), market.person("buyer01"));
    let buyer = buyer.elsewhere(&market);
    for _ in 0..20 {
        let post = seller.sells_phone().await;
        let offer = buyer.requests(&post).await.unwrap();
        let deal = seller.reserves(offer.id()).await.unwrap();
        let id = json!({"id": deal.id()});
        let (cancelled, completed) =
            tokio::join!(buyer.deal("CancelDeal", id.clone()), seller.deal("CompleteDeal", id));
        let states = if completed.is_ok() {
            refused(cancelled, Code::FailedPrecondition, "DEAL_ENDED");
            ["STATE_ENDED", "STATE_SOLD", "STATE_COMPLETED"]
        } else {
            refused(completed, Code::FailedPrecondition, "DEAL_CANCELLED");
            cancelled.expect("one of them comes true");
            ["STATE_CANCELLED", "STATE_AVAILABLE", "STATE_PENDING"]
        };
        seller.sees_deal(deal.id(), states[0]).await;
        seller.sees_post(&post, states[1]).await;
        seller.sees_sale(&post, states[1]).await;
        buyer.sees_offer(offer.id(), states[2]).await;
    }
}

/// A-F3: it is hidden once the offer is taken; a proposal stays accepted, a request pending.
#[tokio::test(flavor = "multi_thread")]
async fn an_offer_is_what_it_was_when_the_post_refuses_its_deal() {
    for agreed in [false, true] {
        let scene = Scene::new().await;
        let (seller, buyer, post) = (&scene.seller, &scene.buyer, &scene.post);
        let (offer, state) = if agreed {
            (buyer.agrees(seller, post, 510_000).await, "STATE_ACCEPTED")
        } else {
            (buyer.requests(post).await.unwrap().id().to_owned(), "STATE_PENDING")
        };
        let deal = scene.between_offer_and_post(&offer).await;
        seller.post("HidePost", json!({"id": post})).await.unwrap();
        scene.go_on().await;
        refused(deal.await.unwrap(), Code::FailedPrecondition, "POST_HIDDEN");
        scene.nothing_is_reserved("STATE_HIDDEN").await;
        buyer.sees_offer(&offer, state).await;
        // And it can be reserved as soon as the post is back.
        seller.post("UnhidePost", json!({"id": post})).await.unwrap();
        seller.reserves(&offer).await.unwrap();
    }
}

/// A-F3
#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_another_deal_gets_first_refuses_the_second() {
    let scene = Scene::new().await;
    let offer = scene.buyer.agrees(&scene.seller, &scene.post, 510_000).await;
    let deal = scene.between_offer_and_post(&offer).await;
    let other = request_id().to_string();
    let key = format!("deals/{other}");
    let question = json!({
        "id": scene.post, "dealId": other, "offerId": request_id().to_string(),
        "seller": "seller01", "buyer": "buyer02", "agreedPriceKrw": 1, "callKey": key,
    });
    scene.market.service("deal").post("ReservePost", question).await.unwrap();
    scene.go_on().await;
    let status = refused(deal.await.unwrap(), Code::FailedPrecondition, "POST_RESERVED");
    assert!(says_when_to_retry(&status));
    scene.nothing_is_reserved("STATE_RESERVED").await;
    scene.buyer.sees_offer(&offer, "STATE_ACCEPTED").await;
    scene.market.operator().finds("post", &scene.post, &["PostWritten", "PostReserved"]).await;
}

/// A-F3: whether the question is late or its answer, the caller is told, and nothing happens
/// behind his back.
#[tokio::test(flavor = "multi_thread")]
async fn what_answers_after_its_deadline_finds_everything_let_go() {
    for held_answer in [false, true] {
        let scene = Scene::new().await;
        let offer = scene.buyer.agrees(&scene.seller, &scene.post, 510_000).await;
        let gate = scene.market.gate("deal", "post");
        if held_answer {
            gate.hold_answers();
        } else {
            gate.blackhole();
        }
        let request = request_id();
        let told = timeout(SOON, scene.reserving(&offer, request)).await.unwrap().unwrap();
        let status = refused(told, Code::Unavailable, "POST_UNAVAILABLE");
        assert!(says_when_to_retry(&status));
        assert!(scene.seller.deals().await.is_empty());
        if held_answer {
            // The post has said yes to somebody who was gone, and hears that he is.
            let told = ["PostWritten", "PostReserved", "PostReopened"];
            scene.market.operator().finds("post", &scene.post, &told).await;
        }
        gate.restore().await.unwrap();
        scene.nothing_is_reserved("STATE_AVAILABLE").await;
        scene.buyer.sees_offer(&offer, "STATE_ACCEPTED").await;
        // The late copy of a refused request does not come true; a new one does.
        let again = scene.reserving(&offer, request).await.unwrap();
        refused(again, Code::Unavailable, "POST_UNAVAILABLE");
        scene.seller.reserves(&offer).await.unwrap();
    }
}

/// A-F3
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hangs_up_cancels_nothing() {
    let scene = Scene::new().await;
    let offer = scene.buyer.requests(&scene.post).await.unwrap();
    let deal = scene.between_offer_and_post(offer.id()).await;
    deal.abort();
    assert!(deal.await.unwrap_err().is_cancelled());
    scene.go_on().await;
    scene.seller.sees_post(&scene.post, "STATE_RESERVED").await;
    scene.market.rests().await;
    assert_eq!(states(&scene.seller.deals().await), ["STATE_RESERVED"]);
}

/// A-F3
#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_of_a_running_request_shares_its_answer() {
    let scene = Scene::new().await;
    let (offer, request) = (scene.buyer.requests(&scene.post).await.unwrap(), request_id());
    let gate = scene.market.gate("deal", "post");
    gate.blackhole();
    let first = scene.reserving(offer.id(), request);
    scene.market.has("deal", 1, HOLDING).await;
    let body = reservation(offer.id(), request);
    let short = Some(Duration::from_millis(300));
    let rpc = "deal.v1.DealService/ReserveDeal";
    let answer = scene.seller.ask_within(rpc, body.clone(), short).await;
    let status = refused(answer, Code::Aborted, "REQUEST_RUNNING");
    assert!(says_when_to_retry(&status));
    let other = json!({"offerId": request_id().to_string(), "requestId": request.to_string()});
    let answer = scene.seller.deal("ReserveDeal", other).await;
    refused(answer, Code::InvalidArgument, "REQUEST_ID_REUSED");
    let second = scene.reserving(offer.id(), request);
    scene.go_on().await;
    let first = first.await.unwrap().unwrap();
    assert_eq!(second.await.unwrap().unwrap(), first);
    // Whatever has become of the deal since.
    scene.buyer.deal("CancelDeal", json!({"id": first.id()})).await.unwrap();
    assert_eq!(scene.seller.deal("ReserveDeal", body).await.unwrap(), first);
    assert_eq!(states(&scene.seller.deals().await), ["STATE_CANCELLED"]);
}
