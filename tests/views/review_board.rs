//! The review screen: what was written, for everybody.
//!
//! B-F14, B-N7, B-T12

use jangteo_testing::until;
use serde_json::{Value, json};
use tonic::Code;

use super::item_board::rebuilt;
use crate::{
    mesh::Database,
    stories::{
        market::{Client, Market, RENTAL, on_each_database},
        refusal::refused,
        trade::SOON,
    },
};

on_each_database!(RENTAL: everybody_finds_what_was_written_newest_first);

const GET: &str = "ReviewBoardService/GetReviewBoardRow";
const LIST: &str = "view.v1.ReviewBoardService/ListReviewBoard";
const WATCH: &str = "view.v1.ReviewBoardService/WatchReviewBoard";

/// Rents an item and reviews it; answers the rental's id once the review is on the board.
async fn reviewed(market: &Market, owner: &str, renter: &str, score: i32) -> String {
    let [owner, renter] = [owner, renter].map(|name| market.person(name));
    let rental = renter.has_rented(&owner, &owner.registers_camera().await).await;
    renter.writes_review(&rental, score).await.unwrap();
    let (anybody, asked) = (market.stranger(), json!({"rentalId": rental}));
    until(SOON, async || anybody.view(GET, asked.clone(), "").await.ok()).await;
    rental
}

/// The ids of the reviews that somebody lists.
async fn found(reader: &Client, owner: &str) -> Vec<String> {
    let rows = reader.all(LIST, "rows", json!({"pageSize": 2, "owner": owner})).await;
    rows.iter().map(|row| row["rentalId"].as_str().unwrap_or_default().to_owned()).collect()
}

/// B-F14, B-T12
async fn everybody_finds_what_was_written_newest_first(market: Market) {
    let mut written = vec![];
    for (owner, renter, score) in
        [("owner01", "YoungEunSong", 4), ("owner02", "JangHyemi", 1), ("owner01", "JangHyemi", 5)]
    {
        written.insert(0, reviewed(&market, owner, renter, score).await);
    }
    let anybody = market.stranger();
    assert_eq!(found(&anybody, "").await, written);
    assert_eq!(found(&anybody, "owner01").await, [written[0].as_str(), &written[2]]);
    let row = anybody.view(GET, json!({"rentalId": written[0]}), "").await.unwrap();
    for (field, value) in [
        ("renter", json!("JangHyemi")),
        ("owner", json!("owner01")),
        ("itemName", json!("Camera")),
        ("score", json!(5)),
    ] {
        assert_eq!(row.body[field], value, "{field}");
    }
    // What is only asked for is no review.
    let [owner, renter] = ["owner01", "YoungEunSong"].map(|name| market.person(name));
    let asked = renter.has_rented(&owner, &owner.registers_camera().await).await;
    let row = renter.view(GET, json!({"rentalId": asked}), "").await;
    refused(row, Code::NotFound, "REVIEW_BOARD_ROW_NOT_FOUND");
}

/// B-F14, B-N7
#[tokio::test(flavor = "multi_thread")]
async fn everybody_watches_and_a_rebuilt_board_says_the_same() {
    let market = Market::of(RENTAL, Database::Sqlite).await;
    let anybody = market.stranger();
    let first = reviewed(&market, "owner01", "YoungEunSong", 4).await;
    let mut watch = anybody.watch(WATCH, json!({})).await.unwrap();
    assert!(watch.next().await.unwrap()["reset"].is_object());
    let change = watch.next().await.unwrap();
    assert_eq!(change["row"]["rentalId"], json!(first));
    let token = change["resumeToken"].clone();
    drop(watch);
    let second = reviewed(&market, "owner01", "JangHyemi", 5).await;
    let mut watch = anybody.watch(WATCH, json!({"resumeToken": token})).await.unwrap();
    assert_eq!(
        watch.next().await.unwrap()["row"]["rentalId"],
        json!(second),
        "and nothing before it"
    );

    let before = found(&anybody, "").await;
    rebuilt(&market, "review_board").await;
    assert_eq!(found(&anybody, "").await, before);
    assert!(watch.next().await.unwrap()["reset"].is_object());
    let mut again: Vec<Value> = vec![];
    for _ in 0..2 {
        again.push(watch.next().await.unwrap()["row"]["rentalId"].clone());
    }
    again.sort_by_key(Value::to_string);
    let mut both = [json!(first), json!(second)];
    both.sort_by_key(Value::to_string);
    assert_eq!(again, both);
}
