//! What is wrong with a request, as HTTP says it.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::web::{Answer, Web, answer};
use crate::{
    mesh::Database,
    stories::market::{Layout, Market, SECOND_HAND},
};

/// Far above the 100 ms that are asked for, and below what is usual.
const LIMIT: Duration = Duration::from_millis(1500);

async fn market() -> (Market, Web) {
    let market = Market::on(Database::Sqlite).await;
    let web = Web::of(market.post(), &market.keys.user("seller01"));
    (market, web)
}

fn chair() -> Value {
    json!({"goods": "의자", "priceKrw": 5_000, "neighbourhood": "방배동"})
}

#[track_caller]
fn is(answer: &Answer, code: u16, reason: &str) {
    assert_eq!((answer.code, answer.reason()), (code, reason), "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/json");
    assert!(!answer.body["message"].as_str().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_is_told_as_such() {
    let (market, web) = market().await;
    is(&web.get("/v1/no/such").await, 404, "PATH_UNKNOWN");
    let put = answer(web.ask(Method::PUT, "/v1/posts")).await;
    is(&put, 405, "METHOD_NOT_ALLOWED");
    assert_eq!(put.header("allow"), "GET, POST");
    let grpc = web.ask(Method::POST, "/jangteo.post.v1.PostService/ListPosts");
    let grpc = grpc.header("content-type", "application/grpc").body(vec![0; 300_000]);
    let grpc = answer(grpc).await;
    is(&grpc, 505, "NOT_HTTP2");
    assert_eq!(grpc.header("connection"), "", "nothing of it is in the way of the next one");
    let text = web.ask(Method::POST, "/v1/posts").body("goods=chair");
    is(&answer(text).await, 415, "NOT_JSON");
    let broken = web.ask(Method::POST, "/v1/posts").header("content-type", "application/json");
    is(&answer(broken.body("{\"goods\": ")).await, 400, "REQUEST_MALFORMED");
    let mut large = chair();
    large["goods"] = "가".repeat(360_000).into();
    let large = web.post("/v1/posts", large).await;
    is(&large, 413, "MESSAGE_TOO_LARGE");
    assert_eq!(large.header("connection"), "close");
    is(&Web::stranger(market.post()).post("/v1/posts", chair()).await, 401, "TOKEN_MISSING");
    // What is between contexts stays there, whoever asks.
    let taken = web.post("/v1/posts/x:reserve", json!({})).await;
    is(&taken, 404, "PATH_UNKNOWN");
    assert!(
        market.operator().post("ListPosts", json!({})).await.unwrap().body.get("posts").is_none()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_field_is_named() {
    let (_market, web) = market().await;
    for (body, field, reason) in [
        (json!({"colour": "red"}), "colour", "UNKNOWN_FIELD"),
        (json!({"goods": "의자", "price_krw": 1, "priceKrw": 2}), "priceKrw", "GIVEN_TWICE"),
        (
            json!({"goods": "의자", "priceKrw": "many", "neighbourhood": "방배동"}),
            "priceKrw",
            "MALFORMED",
        ),
        (
            json!({"goods": "의자", "priceKrw": -1, "neighbourhood": "방배동"}),
            "price_krw",
            "OUT_OF_RANGE",
        ),
    ] {
        let told = web.post("/v1/posts", body).await;
        is(&told, 400, "FIELD_INVALID");
        let details = told.body["details"].as_array().unwrap();
        let violations = details.iter().find_map(|it| it["fieldViolations"].as_array()).unwrap();
        assert_eq!(
            (&violations[0]["field"], &violations[0]["reason"]),
            (&json!(field), &json!(reason))
        );
    }
    let told = web.get("/v1/posts?pageSize=0&colour=red").await;
    is(&told, 400, "FIELD_INVALID");
}

/// AIP-155: the header is the field.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_sent_again_is_one() {
    let (_market, web) = market().await;
    let key = "0190a7c5-3b1e-7cc0-b2a4-5b8a0f1d2e3f";
    let write = |body: &Value| {
        answer(web.ask(Method::POST, "/v1/posts").header("idempotency-key", key).json(body))
    };
    let first = write(&chair()).await;
    let second = write(&chair()).await;
    assert_eq!((first.code, &first.body), (200, &second.body));
    is(
        &write(&json!({"goods": "책상", "priceKrw": 1, "neighbourhood": "방배동"})).await,
        400,
        "REQUEST_ID_REUSED",
    );
    let mut other = chair();
    other["requestId"] = "0190a7c5-3b1e-7cc0-b2a4-5b8a0f1d2e40".into();
    is(&write(&other).await, 400, "FIELD_INVALID");
    assert_eq!(web.get("/v1/posts").await.body["posts"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_condition_on_a_version_is_kept() {
    let (_market, web) = market().await;
    let post = web.post("/v1/posts", chair()).await;
    let path = format!("/v1/posts/{}", post.body["id"].as_str().unwrap());
    let etag = post.header("etag").to_owned();
    let known = answer(web.ask(Method::GET, &path).header("if-none-match", &etag)).await;
    assert_eq!((known.code, known.body), (304, Value::Null));
    let edit = |etag: &str, price: u32| {
        let body = json!({"priceKrw": price});
        answer(web.ask(Method::PATCH, &path).header("if-match", etag).json(&body))
    };
    let cheaper = edit(&etag, 4_000).await;
    assert_eq!((cheaper.code, &cheaper.body["priceKrw"]), (200, &json!("4000")));
    is(&edit(&etag, 3_000).await, 412, "ETAG_MISMATCH");
    assert_eq!(edit("*", 3_500).await.code, 200);
    let condition = web.ask(Method::GET, &path).header("if-match", &etag);
    is(&answer(condition).await, 400, "FIELD_INVALID");
    // A condition that would only be looked at when it is too late is none.
    let hide = web.ask(Method::POST, &format!("{path}:hide")).header("if-none-match", "*");
    is(&answer(hide.json(&json!({}))).await, 400, "FIELD_INVALID");
    assert_eq!(web.get(&path).await.body["state"], "STATE_AVAILABLE");
    let weak = web.ask(Method::GET, &path).header("if-none-match", "W/\"9\", W/\"3\"");
    assert_eq!(answer(weak).await.code, 304);
}

/// A write hands over a token; a read that brings it back has heard of the write.
#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_brings_the_token_of_a_write_has_heard_of_it() {
    let (_market, web) = market().await;
    for _ in 0..5 {
        let post = web.post("/v1/posts", chair()).await;
        let id = post.body["id"].as_str().unwrap();
        let sale = web.ask(Method::GET, &format!("/v1/my/sales/{id}"));
        let sale = answer(sale.header("jangteo-token", post.header("jangteo-token"))).await;
        assert_eq!((sale.code, &sale.body["postId"]), (200, &json!(id)), "{sale:?}");
    }
}

/// The caller's own deadline holds.
#[tokio::test(flavor = "multi_thread")]
async fn who_can_not_wait_is_told_in_time() {
    let market = Market::gated(Layout::apart(SECOND_HAND, Database::Sqlite), &[]).await;
    let gateway = market.gateway().await;
    let post = market.person("seller01").sells_phone().await;
    market.gate("offer", "post").blackhole();
    let web = Web::of(&gateway, &market.keys.user("buyer01"));
    let asked = web.ask(Method::POST, "/v1/offers").json(&json!({"postId": post}));
    let before = Instant::now();
    let told = answer(asked.header("grpc-timeout", "100m")).await;
    // Whether the context gives up in his favour or he is cut off: nobody waits the usual 2 s.
    assert!([503, 504].contains(&told.code) && before.elapsed() < LIMIT, "{told:?}");
}
