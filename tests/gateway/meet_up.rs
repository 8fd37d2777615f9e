//! Story C through the one address, with the original data.

use crate::{
    mesh::Database,
    stories::{
        market::{Layout, MEET_UP, Market},
        meet_up::SCRIPT,
        script::Script,
    },
};

/// The story by curl.
const BY_CURL: Script = Script {
    file: "tests/gateway/meet_up.sh",
    end: "story C over HTTP: every step as it should be",
    ..SCRIPT
};

/// C-T1, C-T2, C-T3, C-T4, C-T5, C-T6
#[tokio::test(flavor = "multi_thread")]
async fn by_curl_in_one_process() {
    let market = Market::of(MEET_UP, Database::Sqlite).await;
    BY_CURL.by_curl(&market, market.node("inventory").http_url()).await;
}

/// C-T1, C-T2, C-T3, C-T4, C-T5, C-T6
#[tokio::test(flavor = "multi_thread")]
async fn by_curl_and_by_grpcurl_before_contexts_that_are_apart() {
    let market = Market::start(Layout::apart(MEET_UP, Database::Sqlite)).await.unwrap();
    let gateway = market.gateway().await;
    let addr = gateway.http_url().trim_start_matches("http://").to_owned();
    BY_CURL.by_curl(&market, gateway.http_url()).await;
    SCRIPT.by_grpcurl(&market, |_| addr.clone()).await;
}
