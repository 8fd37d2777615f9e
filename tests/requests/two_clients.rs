//! Two clients change one post at the same time.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tonic::Code;

use crate::stories::{
    market::{Client, Market, Reply, on_each_database},
    refusal::refused,
};

on_each_database!(no_update_is_lost_and_none_fails_but_by_its_etag);

const UPDATES: u64 = 100;

async fn update(client: &Client, mut change: Value, id: &str) -> Result<Reply, tonic::Status> {
    change["id"] = json!(id);
    client.post("UpdatePost", change).await
}

/// Sets a price of one's own again and again; answers the revisions that came of it.
async fn set(client: &Client, id: &str, base: u64) -> Vec<u64> {
    let mut revisions = vec![];
    for number in 1..=UPDATES {
        let set = update(client, json!({"priceKrw": base + number}), id).await;
        let set = set.expect("without an etag nothing is in the way");
        assert_eq!(set.text("priceKrw"), (base + number).to_string());
        revisions.push(set.revision());
    }
    revisions
}

/// Raises the price by one, a hundred times, each time from the version it has read.
async fn raise(client: &Client, id: &str) {
    let mut seen = client.post("GetPost", json!({"id": id})).await.unwrap();
    let mut raised = 0;
    while raised < UPDATES {
        let price: u64 = seen.text("priceKrw").parse().unwrap();
        let change = json!({"priceKrw": price + 1, "etag": seen.text("etag")});
        seen = match update(client, change, id).await {
            Ok(post) => {
                raised += 1;
                post
            }
            Err(status) => {
                refused(Err::<(), _>(status), Code::Aborted, "ETAG_MISMATCH");
                client.post("GetPost", json!({"id": id})).await.unwrap()
            }
        };
    }
}

/// A-F6
async fn no_update_is_lost_and_none_fails_but_by_its_etag(market: Market) {
    let one = market.person("seller02");
    let other = one.elsewhere(&market);
    let post = json!({"goods": "무선마우스", "priceKrw": 10_000, "neighbourhood": "서초동"});
    let post = one.post("CreatePost", post).await.unwrap();
    let id = post.id();

    let (first, second) = tokio::join!(set(&one, id, 100_000), set(&other, id, 200_000));
    let revisions: BTreeSet<u64> = first.into_iter().chain(second).collect();
    let expected: BTreeSet<u64> = (2..=2 * UPDATES + 1).collect();
    assert_eq!(revisions, expected, "each update made a version of its own");

    let start = update(&one, json!({"priceKrw": 1}), id).await.unwrap().revision();
    tokio::join!(raise(&one, id), raise(&other, id));
    let end = one.post("GetPost", json!({"id": id})).await.unwrap();
    assert_eq!(end.text("priceKrw"), (1 + 2 * UPDATES).to_string());
    assert_eq!(end.revision(), start + 2 * UPDATES);
}
