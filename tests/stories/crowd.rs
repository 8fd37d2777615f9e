//! A crowd wants one post, and somebody else gets it.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use futures::{StreamExt as _, future::join_all, stream};
use jangteo_testing::until;
use serde_json::json;

use super::market::{Client, Market};
use crate::{
    mesh::Database,
    pace::{Pace, goes_on, is_full},
};

/// How many buy elsewhere at the same time.
const OTHERS: usize = 4;
/// How often each of them does before the sale.
const BEFORE: usize = 100;
const PATIENCE: Duration = Duration::from_mins(3);

/// The crowd: many pages of it.
fn crowd() -> usize {
    if is_full() { 5_000 } else { 600 }
}

/// Offers until there is an answer; how long it took. A machine that is far too busy may take longer
/// than the time in which a post has to answer.
async fn offers(buyer: &Client, post: &str) -> Duration {
    let since = Instant::now();
    until(PATIENCE, async || buyer.requests(post).await.ok()).await;
    since.elapsed()
}

/// Others offer for other posts, until `over`; how long each took.
async fn elsewhere(market: &Market, posts: &[String], over: impl Fn(usize) -> bool) -> Pace {
    let over = &over;
    let each = posts.iter().enumerate().map(async |(number, post)| {
        let buyer = market.person(&format!("other{number}")).elsewhere(market);
        let mut times = vec![];
        while !over(times.len()) {
            times.push(offers(&buyer, post).await);
        }
        times
    });
    Pace::of(join_all(each).await.concat())
}

/// How many offers were closed, and how many events say so.
async fn closed(market: &Market) -> (usize, usize) {
    let events = market.operator().events("offer").await;
    let closed =
        events.iter().filter(|event| event["type"] == "jangteo.offer.v1.OfferAutoCancelled");
    let mut ids: Vec<_> = closed.map(|event| event["aggregateId"].to_string()).collect();
    let events = ids.len();
    ids.sort();
    ids.dedup();
    (ids.len(), events)
}

/// A-F12
async fn thousands_of_offers_close_while_others_go_on(database: Database) {
    let market = Market::on(database).await;
    let (seller, winner, crowd) = (market.person("seller01"), market.person("buyer01"), crowd());
    let post = seller.sells_phone().await;
    let mut others = vec![];
    for _ in 0..OTHERS {
        others.push(seller.writes("의자", 5_000).await);
    }
    let buyers: Vec<_> = (0..20).map(|number| market.person(&format!("fan{number}"))).collect();
    let fans = (0..crowd).map(|number| offers(&buyers[number % buyers.len()], &post));
    assert_eq!(stream::iter(fans).buffer_unordered(16).count().await, crowd);
    let won = winner.requests(&post).await.unwrap();
    let deal = seller.reserves(won.id()).await.unwrap();

    let before = elsewhere(&market, &others, |done| done == BEFORE).await;
    let over = AtomicBool::new(false);
    let closing = async {
        seller.deal("CompleteDeal", json!({"id": deal.id()})).await.unwrap();
        let many = i64::try_from(crowd).unwrap();
        until(PATIENCE, async || {
            let now = market.rows("offer", "state = 'auto_cancelled'").await;
            (now == many).then_some(())
        })
        .await;
        over.store(true, Ordering::Relaxed);
    };
    let (during, ()) =
        tokio::join!(elsewhere(&market, &others, |_| over.load(Ordering::Relaxed)), closing);
    goes_on("offers elsewhere", &before, &during);

    winner.sees_offer(won.id(), "STATE_COMPLETED").await;
    until(PATIENCE, async || (closed(&market).await.0 == crowd).then_some(())).await;
    assert_eq!(closed(&market).await, (crowd, crowd), "each is told once");
    let now = market.person("other0").offers(&others[0]).await;
    assert!(now.iter().all(|offer| offer["state"] == "STATE_PENDING"));
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_offers_close_while_others_go_on_on_sqlite() {
    thousands_of_offers_close_while_others_go_on(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_offers_close_while_others_go_on_on_postgres() {
    thousands_of_offers_close_while_others_go_on(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_offers_close_while_others_go_on_on_mariadb() {
    thousands_of_offers_close_while_others_go_on(Database::MariaDb).await;
}
