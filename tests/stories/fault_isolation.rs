//! Contexts that are away: the others go on without them, and what was missed is made up for.

use std::time::{Duration, Instant};

use futures::future::join_all;
use jangteo_testing::until;
use serde_json::{Value, json};
use tonic::{Code, Status};

use super::{
    market::{Client, Layout, Market, Reply, SECOND_HAND},
    refusal::{refused, says_when_to_retry},
    trade::{SOON, listed, states},
};
use crate::mesh::Database;

/// How long a peer may take, with time to spare for a busy machine.
const BOUND: Duration = Duration::from_secs(10);

async fn apart() -> (Market, Client, Client) {
    let market = Market::start(Layout::apart(SECOND_HAND, Database::Sqlite)).await.unwrap();
    let (seller, buyer) = (market.person("seller01"), market.person("buyer01"));
    (market, seller, buyer)
}

/// Asserts the answer of somebody who needs a context that is away, and that it came in time.
#[track_caller]
fn away(answer: Result<Reply, Status>, since: Instant, reason: &str) {
    let status = refused(answer, Code::Unavailable, reason);
    assert!(says_when_to_retry(&status), "{status:?}");
    assert!(since.elapsed() < BOUND, "it took {:?}", since.elapsed());
}

/// A-T13, A-N2
#[tokio::test(flavor = "multi_thread")]
async fn posts_are_written_edited_hidden_listed_and_deleted_without_offers_and_deals() {
    let (market, seller, buyer) = apart().await;
    let [kept, deleted] = [seller.sells_phone().await, seller.writes("의자", 5_000).await];
    let staying = buyer.requests(&kept).await.unwrap();
    let closing = buyer.requests(&deleted).await.unwrap();
    for context in ["offer", "deal"] {
        market.node(context).kill();
    }
    let written = seller.writes("무선마우스", 10_000).await;
    seller.post("UpdatePost", json!({"id": written, "priceKrw": 9_000})).await.unwrap();
    seller.post("HidePost", json!({"id": written})).await.unwrap();
    let shown = seller.post("UnhidePost", json!({"id": written})).await.unwrap();
    let gone = seller.post("DeletePost", json!({"id": deleted})).await.unwrap();
    let page = buyer.post("ListPosts", json!({"seller": "seller01"})).await.unwrap();
    let found: Vec<Value> = listed(&page, "posts").iter().map(|post| post["id"].clone()).collect();
    assert_eq!(found, [json!(written), json!(kept)]);
    seller.my_sales("GetMySale", json!({"postId": written}), &shown.written).await.unwrap();
    let page = seller.my_sales("ListMySales", json!({}), &gone.written).await.unwrap();
    assert_eq!(states(&listed(&page, "sales")), ["STATE_AVAILABLE", "STATE_AVAILABLE"]);

    for context in ["offer", "deal"] {
        market.node(context).restart().await.unwrap();
    }
    buyer.sees_offer(closing.id(), "STATE_AUTO_CANCELLED").await;
    buyer.sees_offer(staying.id(), "STATE_PENDING").await;
    let offer = buyer.requests(&written).await.unwrap();
    assert_eq!(offer.text("priceKrw"), "9000");
    seller.reserves(offer.id()).await.unwrap();
}

/// A-N2
#[tokio::test(flavor = "multi_thread")]
async fn what_deals_decide_while_posts_and_offers_are_away_comes_true_when_they_are_back() {
    let (market, seller, buyer) = apart().await;
    let [sold, freed] = [seller.sells_phone().await, seller.writes("의자", 5_000).await];
    let won = buyer.requests(&sold).await.unwrap();
    let lost = market.person("buyer02").requests(&sold).await.unwrap();
    let asked = buyer.requests(&freed).await.unwrap();
    let [sale, call_off] = [&won, &asked].map(|offer| seller.reserves(offer.id()));
    let (sale, call_off) = (sale.await.unwrap(), call_off.await.unwrap());
    for context in ["post", "offer"] {
        market.node(context).kill();
    }
    seller.deal("CompleteDeal", json!({"id": sale.id()})).await.unwrap();
    buyer.deal("CancelDeal", json!({"id": call_off.id()})).await.unwrap();
    for context in ["post", "offer"] {
        market.node(context).restart().await.unwrap();
    }
    seller.sees_post(&sold, "STATE_SOLD").await;
    seller.sees_post(&freed, "STATE_AVAILABLE").await;
    buyer.sees_offer(won.id(), "STATE_COMPLETED").await;
    seller.sees_offer(lost.id(), "STATE_AUTO_CANCELLED").await;
    buyer.sees_offer(asked.id(), "STATE_PENDING").await;
    seller.sees_sale(&sold, "STATE_SOLD").await;
    seller.sees_sale(&freed, "STATE_AVAILABLE").await;
}

/// A-N1, A-N2
#[tokio::test(flavor = "multi_thread")]
async fn without_posts_nothing_is_offered_or_reserved_and_it_works_again_by_itself() {
    let (market, seller, buyer) = apart().await;
    let post = seller.sells_phone().await;
    let request = buyer.requests(&post).await.unwrap().id().to_owned();
    let proposal = buyer.agrees(&seller, &post, 510_000).await;
    market.node("post").kill();

    let before = Instant::now();
    away(buyer.requests(&post).await, before, "POST_UNAVAILABLE");
    let before = Instant::now();
    away(seller.reserves(&proposal).await, before, "POST_UNAVAILABLE");
    // What was taken for the deal is let go of without the post.
    buyer.sees_offer(&proposal, "STATE_ACCEPTED").await;
    assert_eq!(states(&buyer.offers(&post).await), ["STATE_ACCEPTED", "STATE_PENDING"]);
    assert!(seller.deals().await.is_empty());
    assert!(buyer.deals().await.is_empty());

    market.node("post").restart().await.unwrap();
    market.rests().await;
    let offers = buyer.offers(&post).await;
    assert_eq!(states(&offers), ["STATE_ACCEPTED", "STATE_PENDING"], "{offers:?}");
    assert_eq!(offers[1]["id"], json!(request));
    market.operator().finds("post", &post, &["PostWritten"]).await;
    until(SOON, async || buyer.requests(&post).await.ok()).await;
    let deal = until(SOON, async || seller.reserves(&proposal).await.ok()).await;
    assert_eq!(deal.text("state"), "STATE_RESERVED");
    market.has("deal", 1, "state = 'reserved'").await;
}

/// A-N2
#[tokio::test(flavor = "multi_thread")]
async fn without_offers_nothing_is_reserved() {
    let (market, seller, buyer) = apart().await;
    let post = seller.sells_phone().await;
    let offer = buyer.requests(&post).await.unwrap();
    market.node("offer").kill();
    let before = Instant::now();
    away(seller.reserves(offer.id()).await, before, "OFFER_UNAVAILABLE");
    assert!(seller.deals().await.is_empty());
    market.node("offer").restart().await.unwrap();
    market.rests().await;
    let shown = buyer.offer("GetOffer", json!({"id": offer.id()})).await.unwrap();
    assert_eq!(shown.body, offer.body);
    for (context, id, told) in
        [("post", post.as_str(), "PostWritten"), ("offer", offer.id(), "DealOffered")]
    {
        market.operator().finds(context, id, &[told]).await;
    }
    until(SOON, async || seller.reserves(offer.id()).await.ok()).await;
}

/// A-N2: who fails too often is not asked for a while, so that nobody waits in vain.
#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_only_keeps_others_waiting_is_given_a_rest_and_asked_again() {
    let market = Market::gated(Layout::apart(SECOND_HAND, Database::Sqlite), &[]).await;
    let (seller, buyer) = (market.person("seller01"), market.person("buyer01"));
    let post = seller.sells_phone().await;
    buyer.requests(&post).await.unwrap();
    let gate = market.gate("offer", "post");
    gate.blackhole();
    let before = Instant::now();
    for answer in join_all((0..30).map(|_| buyer.requests(&post))).await {
        away(answer, before, "POST_UNAVAILABLE");
    }
    assert!(before.elapsed() >= Duration::from_secs(1), "they were kept waiting");
    let log = market.node("offer").output();
    let opened = log.lines().find(|line| line.contains("breaker changed"));
    let opened = opened.expect("it is told that the breaker opens");
    assert!(opened.contains("CheckPost") && opened.contains("open"), "{opened}");
    // Ten in a row would take 20 s if each were to wait.
    let before = Instant::now();
    for _ in 0..10 {
        away(buyer.requests(&post).await, before, "POST_UNAVAILABLE");
    }
    assert_eq!(states(&buyer.offers(&post).await), ["STATE_PENDING"]);

    gate.restore().await.unwrap();
    until(SOON, async || buyer.requests(&post).await.ok()).await;
    let told = market.node("offer").output();
    assert!(told.lines().filter(|line| line.contains("breaker changed")).count() >= 3, "{told}");
    let all = join_all((0..10).map(|_| buyer.requests(&post))).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
}
