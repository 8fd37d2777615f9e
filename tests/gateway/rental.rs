//! Story B through the one address, with the original data.

use crate::{
    mesh::Database,
    stories::{
        market::{Layout, Market, RENTAL},
        rental::SCRIPT,
        script::Script,
    },
};

/// The story by curl.
const BY_CURL: Script = Script {
    file: "tests/gateway/rental.sh",
    end: "story B over HTTP: every step as it should be",
    ..SCRIPT
};

/// B-T1, B-T2, B-T3, B-T4, B-T5, B-T6, B-T7, B-T10, B-T11, B-T12
#[tokio::test(flavor = "multi_thread")]
async fn by_curl_in_one_process() {
    let market = Market::of(RENTAL, Database::Sqlite).await;
    BY_CURL.by_curl(&market, market.node("item").http_url()).await;
}

/// B-T1, B-T2, B-T3, B-T4, B-T5, B-T6, B-T7, B-T10, B-T11, B-T12
#[tokio::test(flavor = "multi_thread")]
async fn by_curl_and_by_grpcurl_before_contexts_that_are_apart() {
    let market = Market::start(Layout::apart(RENTAL, Database::Sqlite)).await.unwrap();
    let gateway = market.gateway().await;
    let addr = gateway.http_url().trim_start_matches("http://").to_owned();
    BY_CURL.by_curl(&market, gateway.http_url()).await;
    SCRIPT.by_grpcurl(&market, |_| addr.clone()).await;
}
