//! Story A through the one address, with the original data.

use crate::{
    mesh::Database,
    stories::{
        market::{Layout, Market, SECOND_HAND},
        script::Script,
        second_hand::SCRIPT,
    },
};

/// The story by curl.
const BY_CURL: Script = Script {
    file: "tests/gateway/second_hand.sh",
    end: "story A over HTTP: every step as it should be",
    ..SCRIPT
};

/// A-T1, A-T2, A-T3, A-T4, A-T5, A-T6, A-T7, A-T8, A-T9, A-T10, A-T11, A-T12
#[tokio::test(flavor = "multi_thread")]
async fn by_grpcurl_before_contexts_that_are_apart() {
    let market = Market::start(Layout::apart(SECOND_HAND, Database::Sqlite)).await.unwrap();
    let gateway = market.gateway().await;
    let addr = gateway.http_url().trim_start_matches("http://").to_owned();
    SCRIPT.by_grpcurl(&market, |_| addr.clone()).await;
}

/// A-T1, A-T2, A-T3, A-T4, A-T5, A-T6, A-T7, A-T8, A-T9, A-T10, A-T11, A-T12
#[tokio::test(flavor = "multi_thread")]
async fn by_curl_in_one_process() {
    let market = Market::on(Database::Sqlite).await;
    BY_CURL.by_curl(&market, market.post().http_url()).await;
}

/// A-T1, A-T2, A-T3, A-T4, A-T5, A-T6, A-T7, A-T8, A-T9, A-T10, A-T11, A-T12
#[tokio::test(flavor = "multi_thread")]
async fn by_curl_before_contexts_that_are_apart() {
    let market = Market::start(Layout::apart(SECOND_HAND, Database::Sqlite)).await.unwrap();
    let gateway = market.gateway().await;
    BY_CURL.by_curl(&market, gateway.http_url()).await;
}
