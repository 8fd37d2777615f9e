//! Story A through the one address, with the original data.

use crate::{
    mesh::Database,
    stories::{
        market::{Layout, Market},
        second_hand::play,
        shell,
    },
};

pub(crate) const PEOPLE: [&str; 5] = ["seller01", "seller02", "buyer01", "buyer02", "buyer03"];

/// A-T1, A-T2, A-T3, A-T4, A-T5, A-T6, A-T7, A-T8, A-T9, A-T10, A-T11, A-T12
#[tokio::test(flavor = "multi_thread")]
async fn by_grpcurl_before_contexts_that_are_apart() {
    let market = Market::start(Layout::apart(Database::Sqlite)).await.unwrap();
    let gateway = market.gateway().await;
    let addr = gateway.http_url().trim_start_matches("http://").to_owned();
    play(&market, |_| addr.clone()).await;
}

async fn by_curl(market: &Market, url: &str) {
    let mut script = shell::bash();
    script.arg(shell::root().join("tests/gateway/second_hand.sh")).env("URL", url);
    for person in PEOPLE {
        script.env(person.to_uppercase(), market.keys.user(person));
    }
    let said = shell::run(script).await.well();
    assert_eq!(said, "story A over HTTP: every step as it should be\n");
}

/// A-T1, A-T2, A-T3, A-T4, A-T5, A-T6, A-T7, A-T8, A-T9, A-T10, A-T11, A-T12
#[tokio::test(flavor = "multi_thread")]
async fn by_curl_in_one_process() {
    let market = Market::on(Database::Sqlite).await;
    by_curl(&market, &market.post().http_url()).await;
}

/// A-T1, A-T2, A-T3, A-T4, A-T5, A-T6, A-T7, A-T8, A-T9, A-T10, A-T11, A-T12
#[tokio::test(flavor = "multi_thread")]
async fn by_curl_before_contexts_that_are_apart() {
    let market = Market::start(Layout::apart(Database::Sqlite)).await.unwrap();
    let gateway = market.gateway().await;
    by_curl(&market, &gateway.http_url()).await;
}
