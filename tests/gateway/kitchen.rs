//! Story D through the one address, with the original data.

use crate::{
    mesh::Database,
    stories::{
        kitchen::SCRIPT,
        market::{KITCHENS, Layout, Market},
        script::Script,
    },
};

/// The story by curl.
const BY_CURL: Script = Script {
    file: "tests/gateway/kitchen.sh",
    end: "story D over HTTP: every step as it should be",
    ..SCRIPT
};

/// D-T1, D-T3, D-T4, D-T5
#[tokio::test(flavor = "multi_thread")]
async fn by_grpcurl_before_contexts_that_are_apart() {
    let market = Market::start(Layout::apart(KITCHENS, Database::Sqlite)).await.unwrap();
    let gateway = market.gateway().await;
    let addr = gateway.http_url().trim_start_matches("http://").to_owned();
    SCRIPT.by_grpcurl(&market, |_| addr.clone()).await;
}

/// D-T1, D-T3, D-T4, D-T5
#[tokio::test(flavor = "multi_thread")]
async fn by_curl_in_one_process() {
    let market = Market::of(KITCHENS, Database::Sqlite).await;
    BY_CURL.by_curl(&market, market.node("store").http_url()).await;
}

/// D-T1, D-T3, D-T4, D-T5
#[tokio::test(flavor = "multi_thread")]
async fn by_curl_before_contexts_that_are_apart() {
    let market = Market::start(Layout::apart(KITCHENS, Database::Sqlite)).await.unwrap();
    let gateway = market.gateway().await;
    BY_CURL.by_curl(&market, gateway.http_url()).await;
}
