//! Rentals that nobody pays: the item is kept for fifteen minutes.
//!
//! B-F5, B-F6, B-F10; S.3-9.

use std::time::{Duration, SystemTime};

use futures::future::join_all;
use jangteo_testing::until;
use prost_types::Timestamp;
use serde_json::json;
use tonic::Code;

use super::{
    market::{Client, Layout, Market, RENTAL, Reply, on_each_database},
    refusal::refused,
    renting::patiently,
    trade::SOON,
};
use crate::{mesh::Database, seller::request_id};

on_each_database!(RENTAL: what_is_not_paid_for_fifteen_minutes_is_called_off);

/// How long a rental may stay unpaid.
const FIFTEEN_MS: i64 = 15 * 60 * 1000;
/// Later than that.
const SIXTEEN: Duration = Duration::from_mins(16);

/// Until when it has to be paid, in ms since 1970.
fn pay_by(rental: &Reply) -> i64 {
    ms(rental, "payBy")
}

fn ms(reply: &Reply, field: &str) -> i64 {
    let time: Timestamp = reply.text(field).parse().expect("it has this time");
    time.seconds * 1000 + i64::from(time.nanos) / 1_000_000
}

fn people(market: &Market) -> [Client; 2] {
    ["owner01", "YoungEunSong"].map(|name| market.person(name))
}

/// Asserts that a rental was called off since nobody had paid, and that its item is to be had.
async fn is_over([owner, renter]: [&Client; 2], rental: &str) {
    let over = renter.sees_rental(rental, "STATE_CANCELLED").await;
    assert_eq!(over.text("reason"), "NOT_PAID");
    refused(renter.pays(rental).await, Code::FailedPrecondition, "RENTAL_CANCELLED");
    owner.sees_item(over.text("itemId"), "STATE_RENTABLE").await;
}

/// The timer comes first, or the payment did. A payment that failed does not start it again, money
/// that went back does.
async fn what_is_not_paid_for_fifteen_minutes_is_called_off(mut market: Market) {
    let ([owner, renter], operator) = (people(&market), market.operator());
    let gets = async || renter.gets(&owner.registers_camera().await).await;
    let [unpaid, declined, back, paid] = [gets().await, gets().await, gets().await, gets().await];
    let confirmed = renter.sees_rental(&unpaid, "STATE_CONFIRMED").await;
    let kept = pay_by(&confirmed) - ms(&confirmed, "updateTime");
    assert!((kept - FIFTEEN_MS).abs() < 1_000, "{kept} ms to pay");

    let before = pay_by(&renter.sees_rental(&declined, "STATE_CONFIRMED").await);
    operator.has_provider(json!({"declineFromKrw": 1})).await;
    let answer = patiently(|| renter.pays(&declined)).await;
    refused(answer, Code::FailedPrecondition, "PAYMENT_DECLINED");
    assert_eq!(pay_by(&renter.sees_rental(&declined, "STATE_CONFIRMED").await), before);
    operator.has_provider(json!({})).await;

    let before = pay_by(&renter.sees_rental(&back, "STATE_CONFIRMED").await);
    for rental in [&back, &paid] {
        renter.pays_at_last(rental).await;
    }
    patiently(|| renter.takes_money_back(&back)).await.unwrap();
    assert!(pay_by(&renter.sees_rental(&back, "STATE_CONFIRMED").await) > before);

    market.later(SIXTEEN).await;
    for rental in [&unpaid, &declined, &back] {
        is_over([&owner, &renter], rental).await;
    }
    let stays = renter.sees_rental(&paid, "STATE_PAID").await;
    owner.hands_over(stays.text("itemId"), &paid).await;
    renter.sees_rental(&paid, "STATE_LENT").await;
    market.balances(&[&renter]).await;
    let told = ["RentalRequested", "RentalConfirmed", "RentalCancelled"];
    operator.finds("rental", &unpaid, &told).await;
}

/// S.3-5: the time is over while a payment is out. The clock stands still until it is known that
/// nothing comes of it.
#[tokio::test(flavor = "multi_thread")]
async fn no_rental_is_called_off_while_its_payment_is_out() {
    for held_answer in [false, true] {
        let layout = Layout::together(RENTAL, Database::Sqlite).alone(&["rental", "payment"]);
        let mut market = Market::gated(layout, &[]).await;
        let [owner, renter] = people(&market);
        renter.gets_paid(&owner.registers("Juice", 1).await).await;
        let rental = renter.gets(&owner.registers_camera().await).await;
        let gate = market.gate("rental", "payment");
        if held_answer {
            gate.hold_answers();
        } else {
            gate.blackhole();
        }
        let body = json!({"id": rental, "requestId": request_id().to_string()});
        let answer = renter.rental("PayRental", body).await;
        refused(answer, Code::Unavailable, "PAYMENT_UNAVAILABLE");
        market.later(SIXTEEN).await;
        let out = renter.sees_rental(&rental, "STATE_PAYING").await;
        assert!(pay_by(&out) < now() + millis(SIXTEEN), "the time is over");
        market.operator().finds("rental", &rental, &["RentalRequested", "RentalConfirmed"]).await;
        market.gate("rental", "payment").restore().await.unwrap();
        is_over([&owner, &renter], &rental).await;
        market.balances(&[&renter]).await;
    }
}

/// Several pay in the last moment: whoever is in time has paid, and whoever is not has not.
#[tokio::test(flavor = "multi_thread")]
async fn of_a_payment_and_the_end_of_its_time_at_once_one_comes_true() {
    let mut market = Market::of(RENTAL, Database::Sqlite).await;
    let ([owner, renter], operator) = (people(&market), market.operator());
    // Time to start again and for all to be ready.
    let ahead = Duration::from_mins(14) + Duration::from_secs(52);
    let rentals = (0..8).map(async |_| {
        let rental = renter.gets(&owner.registers_camera().await).await;
        let pay_by = pay_by(&renter.sees_rental(&rental, "STATE_CONFIRMED").await);
        (rental, pay_by)
    });
    let rentals = join_all(rentals).await;
    market.later(ahead).await;
    operator.has_provider(json!({"latencyMs": 60})).await;
    let pays = rentals.iter().zip(0..).map(async |((rental, pay_by), number)| {
        let moment = pay_by - 20 * number - millis(ahead);
        until(SOON, async || (now() >= moment).then_some(())).await;
        match renter.pays(rental).await {
            Ok(paid) => assert_eq!(paid.text("state"), "STATE_PAID"),
            Err(status) => assert!(status.code() != Code::Internal, "{status:?}"),
        }
    });
    join_all(pays).await;
    // Paid, or called off: nothing in between stays.
    for (rental, _) in &rentals {
        until(SOON, async || {
            let now = renter.rental("GetRental", json!({"id": rental})).await.ok()?;
            ["STATE_PAID", "STATE_CANCELLED"].contains(&now.text("state")).then_some(())
        })
        .await;
    }
    market.balances(&[&renter]).await;
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).expect("it is not long")
}

/// What the test's own clock says, in ms since 1970.
#[expect(clippy::disallowed_methods, reason = "a test compares its clock with that of a process")]
fn now() -> i64 {
    millis(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is after 1970"))
}
