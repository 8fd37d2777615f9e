//! Story B without one of its contexts: the others go on, or say in time that they can't.
//!
//! B-T8, B-T9, B-T13; B-N1, B-N2, B-N5, B-N6.

use std::time::{Duration, Instant};

use serde_json::json;
use tonic::{Code, Status};

use super::{
    market::{Layout, Market, RENTAL, Reply},
    refusal::{refused, says_when_to_retry},
    renting::patiently,
};
use crate::mesh::Database;

/// How long a peer may take (610 ms), with time to spare for a busy machine.
const BOUND: Duration = Duration::from_secs(10);

/// A market with these contexts apart, so that a test can stop them.
async fn with_alone(contexts: &[&'static str]) -> Market {
    let layout = Layout::together(RENTAL, Database::Sqlite).alone(contexts);
    Market::start(layout).await.unwrap()
}

/// Asserts the answer of somebody who needs a context that is away, and that it came in time.
#[track_caller]
fn away(answer: Result<Reply, Status>, since: Instant, reason: &str) {
    let status = refused(answer, Code::Unavailable, reason);
    assert!(says_when_to_retry(&status), "{status:?}");
    assert!(since.elapsed() < BOUND, "it took {:?}", since.elapsed());
}

/// B-T8, B-N1, B-N3
#[tokio::test(flavor = "multi_thread")]
async fn without_payments_nothing_is_paid_and_the_rental_stays_as_it_was() {
    let market = with_alone(&["payment"]).await;
    let [owner, renter] = ["owner01", "YoungEunSong"].map(|name| market.person(name));
    let camera = owner.registers_camera().await;
    let rental = renter.gets(&camera).await;
    let before = renter.sees_rental(&rental, "STATE_CONFIRMED").await;
    market.node("payment").kill();

    for _ in 0..2 {
        let since = Instant::now();
        away(renter.pays(&rental).await, since, "PAYMENT_UNAVAILABLE");
    }
    let after = renter.sees_rental(&rental, "STATE_CONFIRMED").await;
    for field in ["payBy", "paymentId", "priceKrw"] {
        assert_eq!(after.body[field], before.body[field], "{field}");
    }
    // Everything else goes on, also calling off.
    let other = renter.gets(&owner.registers("Juice", 100).await).await;
    assert_eq!(renter.calls_off(&other).await.unwrap().text("state"), "STATE_CANCELLED");

    market.node("payment").restart().await.unwrap();
    renter.pays_at_last(&rental).await;
    let told = ["RentalRequested", "RentalConfirmed", "RentalPaid"];
    market.operator().finds("rental", &rental, &told).await;
    market.balances(&[&renter]).await;
}

/// B-T9, B-N2
#[tokio::test(flavor = "multi_thread")]
async fn without_items_rentals_are_accepted_and_the_item_catches_up() {
    let market = with_alone(&["item"]).await;
    let [owner, renter] = ["owner01", "YoungEunSong"].map(|name| market.person(name));
    let (camera, juice) = (owner.registers_camera().await, owner.registers("Juice", 100).await);
    market.node("item").kill();

    let rental = renter.rents(&camera).await.unwrap();
    assert_eq!(rental.text("state"), "STATE_REQUESTED");
    let answer = renter.pays(rental.id()).await;
    let status = refused(answer, Code::FailedPrecondition, "RENTAL_NOT_CONFIRMED");
    assert!(says_when_to_retry(&status), "{status:?}");
    // Also what is not there, as far as anybody knows, and what its renter wants no more.
    let nobodys = "0190a7c5-0000-7000-8000-00000000ffff";
    let nothing = renter.rents(nobodys).await.unwrap();
    let dropped = renter.rents(&juice).await.unwrap();
    renter.calls_off(dropped.id()).await.unwrap();

    market.node("item").restart().await.unwrap();
    renter.sees_rental(rental.id(), "STATE_CONFIRMED").await;
    let item = owner.sees_item(&camera, "STATE_RESERVED").await;
    assert_eq!(item.text("rentalId"), rental.id());
    let nothing = renter.sees_rental(nothing.id(), "STATE_REFUSED").await;
    assert_eq!(nothing.text("reason"), "ITEM_NOT_FOUND");
    let operator = market.operator();
    operator.finds("rental", dropped.id(), &["RentalRequested", "RentalCancelled"]).await;
    operator.finds("item", &juice, &["ItemRegistered", "ItemReserved", "ItemReleased"]).await;
    renter.pays_at_last(rental.id()).await;
}

/// B-F4, B-F7: only the item knows whether it is lent, so no money goes back without it.
#[tokio::test(flavor = "multi_thread")]
async fn without_items_nothing_that_is_paid_is_called_off() {
    let market = with_alone(&["item"]).await;
    let [owner, renter] = ["owner01", "YoungEunSong"].map(|name| market.person(name));
    let camera = owner.registers_camera().await;
    let rental = renter.gets_paid(&camera).await;
    market.node("item").kill();

    let since = Instant::now();
    away(renter.calls_off(&rental).await, since, "ITEM_UNAVAILABLE");
    let since = Instant::now();
    away(renter.takes_money_back(&rental).await, since, "ITEM_UNAVAILABLE");
    renter.sees_rental(&rental, "STATE_PAID").await;
    market.balances(&[&renter]).await;

    market.node("item").restart().await.unwrap();
    patiently(|| renter.takes_money_back(&rental)).await.unwrap();
    renter.sees_rental(&rental, "STATE_CONFIRMED").await;
    owner.sees_item(&camera, "STATE_RESERVED").await;
    renter.calls_off(&rental).await.unwrap();
    owner.sees_item(&camera, "STATE_RENTABLE").await;
    market.balances(&[&renter]).await;
}

/// B-T13, B-N5
#[tokio::test(flavor = "multi_thread")]
async fn without_items_no_review_is_written() {
    let market = with_alone(&["item"]).await;
    let [owner, renter] = ["owner01", "JangHyemi"].map(|name| market.person(name));
    let camera = owner.registers_camera().await;
    let rental = renter.has_rented(&owner, &camera).await;
    market.node("item").kill();

    let since = Instant::now();
    away(renter.writes_review(&rental, 5).await, since, "ITEM_UNAVAILABLE");
    let review = renter.sees_review(&rental, "STATE_REQUESTED").await;
    assert!(review.body.get("score").is_none(), "{review:?}");
    market.operator().finds("review", &rental, &["ReviewRequested"]).await;

    market.node("item").restart().await.unwrap();
    assert_eq!(owner.finds_items("owner01").await, [camera.as_str()]);
    patiently(|| renter.writes_review(&rental, 5)).await.unwrap();
    market.stranger().sees_review(&rental, "STATE_WRITTEN").await;
    assert!(owner.finds_items("owner01").await.is_empty());
}

/// B-N6: the item may have heard of it, so it is asked until it says so, and the review is written then.
#[tokio::test(flavor = "multi_thread")]
async fn a_review_whose_item_does_not_answer_in_time_is_written_later() {
    for held_answer in [false, true] {
        let layout = Layout::together(RENTAL, Database::Sqlite).alone(&["item"]);
        let market = Market::gated(layout, &[]).await;
        let [owner, renter] = ["owner01", "JangHyemi"].map(|name| market.person(name));
        let camera = owner.registers_camera().await;
        let rental = renter.has_rented(&owner, &camera).await;
        let gate = market.gate("review", "item");
        if held_answer {
            gate.hold_answers();
        } else {
            gate.blackhole();
        }
        let writing = renter.writes_review(&rental, 5).await.unwrap();
        assert_eq!(writing.text("state"), "STATE_WRITING");
        // Nobody else sees it yet, and it is not written twice.
        let answer = market.stranger().review("GetReview", json!({"id": rental})).await;
        refused(answer, Code::NotFound, "REVIEW_NOT_FOUND");
        let status =
            refused(renter.writes_review(&rental, 1).await, Code::Aborted, "REVIEW_RUNNING");
        assert!(says_when_to_retry(&status), "{status:?}");
        gate.restore().await.unwrap();
        let written = market.stranger().sees_review(&rental, "STATE_WRITTEN").await;
        assert_eq!(written.body["score"], 5);
        owner.sees_item(&camera, "STATE_RETIRED").await;
        let told = ["ReviewRequested", "ReviewWritten"];
        market.operator().finds("review", &rental, &told).await;
    }
}
