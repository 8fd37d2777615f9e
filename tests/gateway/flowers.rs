//! Story E through the one address, with the original data.

use crate::{
    mesh::Database,
    stories::{
        flowers::SCRIPT,
        market::{FLOWERS, Layout, Market},
        script::Script,
    },
};

/// The story by curl.
const BY_CURL: Script = Script {
    file: "tests/gateway/flowers.sh",
    end: "story E over HTTP: every step as it should be",
    ..SCRIPT
};

/// E-T1, E-T2, E-T3, E-T4, E-T5, E-T7
#[tokio::test(flavor = "multi_thread")]
async fn by_grpcurl_before_contexts_that_are_apart() {
    let market = Market::start(Layout::apart(FLOWERS, Database::Sqlite)).await.unwrap();
    let gateway = market.gateway().await;
    let addr = gateway.http_url().trim_start_matches("http://").to_owned();
    SCRIPT.by_grpcurl(&market, |_| addr.clone()).await;
}

/// E-T1, E-T2, E-T3, E-T4, E-T5, E-T7
#[tokio::test(flavor = "multi_thread")]
async fn by_curl_in_one_process() {
    let market = Market::of(FLOWERS, Database::Sqlite).await;
    BY_CURL.by_curl(&market, market.node("order").http_url()).await;
}

/// E-T1, E-T2, E-T3, E-T4, E-T5, E-T7
#[tokio::test(flavor = "multi_thread")]
async fn by_curl_before_contexts_that_are_apart() {
    let market = Market::start(Layout::apart(FLOWERS, Database::Sqlite)).await.unwrap();
    let gateway = market.gateway().await;
    BY_CURL.by_curl(&market, gateway.http_url()).await;
}
