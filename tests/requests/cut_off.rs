//! Clients that hang up, and ask again.

use std::{collections::BTreeSet, time::Duration};

use futures::{StreamExt as _, stream};
use jangteo_testing::{
    checker::{Case, History, Write, check, messages, settled},
    until,
};
use serde_json::{Value, json};
use tokio::time::timeout;
use uuid::Uuid;

use crate::stories::market::{Client, Market, Reply, on_each_database};

on_each_database!(whoever_hangs_up_and_asks_again_neither_loses_nor_doubles);

const REQUESTS: u32 = 120;
const AT_ONCE: usize = 4;
const LIMIT: Duration = Duration::from_secs(30);
/// Between the moments at which two callers hang up; the last ones wait for most answers.
const STEP: Duration = Duration::from_micros(97);

fn request_id(number: u32) -> Uuid {
    Uuid::from_u128(0x0190_a7c5_0000_4000_8000_0000_0000_0000 + u128::from(number))
}

/// Asks and does not wait for the answer: has the call time out, drops it, or drops the whole
/// connection, a little later each time.
async fn hang_up(market: &Market, client: &Client, method: &str, body: &Value, number: u32) {
    let (patience, body) = (STEP * number, body.clone());
    match number % 3 {
        0 => drop(client.post_within(method, body, Some(patience)).await),
        1 => drop(timeout(patience, client.post(method, body)).await),
        _ => {
            let alone = client.elsewhere(market);
            drop(timeout(patience, async move { alone.post(method, body).await }).await);
        }
    }
}

/// Asks until there is an answer, then once more: it must be the same.
async fn insist(client: &Client, method: &str, body: &Value) -> Reply {
    let answer = until(LIMIT, async || client.post(method, body.clone()).await.ok()).await;
    assert_eq!(client.post(method, body.clone()).await.unwrap(), answer);
    answer
}

/// Hangs up on a request twice, then insists on it; what came of it, for the checker.
async fn request(
    market: &Market,
    client: &Client,
    number: u32,
    method: &str,
    event: &'static str,
    body: Value,
) -> Write {
    let mut body = body;
    body["requestId"] = json!(request_id(number).to_string());
    hang_up(market, client, method, &body, number % 60).await;
    hang_up(market, client, method, &body, number % 31).await;
    let answer = insist(client, method, &body).await;
    let (id, etag) = (answer.id().parse().unwrap(), answer.text("etag").to_owned());
    Write { request_id: request_id(number), id, etag, event }
}

/// A-F1, A-F6
async fn whoever_hangs_up_and_asks_again_neither_loses_nor_doubles(market: Market) {
    let seller = market.person("seller02");
    let create = json!({"goods": "무선마우스", "priceKrw": 10_000, "neighbourhood": "서초동"});
    let created = stream::iter(0..REQUESTS)
        .map(|number| {
            request(&market, &seller, number, "CreatePost", "PostWritten", create.clone())
        })
        .buffer_unordered(AT_ONCE);
    let mut writes: Vec<Write> = created.collect().await;
    let posts: BTreeSet<Uuid> = writes.iter().map(|write| write.id).collect();
    assert_eq!(posts.len(), writes.len(), "each request wrote a post of its own");

    // All of them at one post: every edit is a change, so every one makes a version.
    let id = writes[0].id;
    let edited = stream::iter(REQUESTS..2 * REQUESTS)
        .map(|number| {
            let edit = json!({"id": id.to_string(), "priceKrw": 20_000 + number});
            request(&market, &seller, number, "UpdatePost", "PostEdited", edit)
        })
        .buffer_unordered(AT_ONCE);
    writes.extend(edited.collect::<Vec<_>>().await);
    let post = seller.post("GetPost", json!({"id": id.to_string()})).await.unwrap();
    assert_eq!(post.revision(), 1 + u64::from(REQUESTS));

    let broker = market.nats.client().await.unwrap();
    let [post, view] = ["post", "view"].map(|context| market.database(context).to_owned());
    settled(LIMIT, async || {
        let stream = Some(messages(&broker, "POST").await?);
        let history = History { writes: writes.clone(), complete: true, ..History::default() };
        let (post, view) = (post.clone(), view.clone());
        check(&Case { post, view, sale: None, stream, history }).await
    })
    .await;
}
