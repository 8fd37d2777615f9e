//! Two who want different things of one item or one rental: whoever comes first, all agree on it
//! afterwards.
//!
//! B-F4, B-F7, B-F8, B-F9, B-F13; B-N2, B-N5; S.3-5, S.3-9.

use jangteo::errors;
use serde_json::json;
use tonic::Code;

use super::{
    market::{Client, Layout, Market, RENTAL, on_each_database},
    refusal::{refused, says_when_to_retry},
    renting::patiently,
};
use crate::mesh::Database;

on_each_database!(RENTAL: of_a_lending_and_a_calling_off_at_once_one_comes_true);

/// An owner and a renter of a market that a test can stop between any two of rentals, items and
/// payments, and between rentals or items and the broker, by which alone they hear of events.
struct Scene {
    market: Market,
    owner: Client,
    renter: Client,
    camera: String,
}

impl Scene {
    async fn new() -> Self {
        let layout = Layout::together(RENTAL, Database::Sqlite);
        let layout = layout.alone(&["rental", "item", "payment"]);
        let market = Market::gated(layout, &[("JANGTEO_COMPARE_MS", "3600000")]).await;
        let [owner, renter] = ["owner01", "YoungEunSong"].map(|name| market.person(name));
        let camera = owner.registers_camera().await;
        Self { market, owner, renter, camera }
    }

    /// A rental of the camera that may be lent.
    async fn paid(&self) -> String {
        let rental = self.renter.gets(&self.camera).await;
        self.renter.pays_in_sight_of(&self.camera, &rental).await;
        rental
    }

    /// The renter has the camera, and has paid for it.
    async fn is_lent(&self, rental: &str) {
        self.renter.sees_rental(rental, "STATE_LENT").await;
        self.owner.sees_item(&self.camera, "STATE_LENT").await;
        self.market.balances(&[&self.renter]).await;
    }
}

/// B-F8, B-F9, S.3-5
async fn of_a_lending_and_a_calling_off_at_once_one_comes_true(market: Market) {
    let [owner, renter] = ["owner01", "YoungEunSong"].map(|name| market.person(name));
    for round in 0..12 {
        let camera = owner.registers_camera().await;
        let rental = renter.gets(&camera).await;
        renter.pays_in_sight_of(&camera, &rental).await;
        let (method, then) = match round % 2 {
            0 => ("CancelRental", "STATE_CANCELLED"),
            _ => ("CancelRentalPayment", "STATE_CONFIRMED"),
        };
        let back = renter.rental(method, json!({"id": rental}));
        let (lent, back) = tokio::join!(owner.lends(&camera, &rental), back);
        let back = match back {
            // Neither comes true where the item could not say so in time.
            Err(status) if errors::reason(&status).as_deref() == Some("ITEM_UNAVAILABLE") => {
                patiently(|| renter.rental(method, json!({"id": rental}))).await
            }
            back => back,
        };
        if lent.is_ok() {
            refused(back, Code::FailedPrecondition, "ITEM_LENT");
            renter.sees_rental(&rental, "STATE_LENT").await;
        } else {
            let status = refused(lent, Code::FailedPrecondition, "RENTAL_NOT_PAID");
            assert!(says_when_to_retry(&status), "{status:?}");
            back.unwrap();
            renter.sees_rental(&rental, then).await;
        }
    }
    market.balances(&[&renter]).await;
}

/// B-F4, B-F7: the item is lent, and the rental has not heard of it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_lent_first_is_not_called_off() {
    let scene = Scene::new().await;
    let Scene { market, owner, renter, camera } = &scene;
    let rental = scene.paid().await;
    let broker = market.gate("rental", "broker");
    broker.blackhole();
    owner.lends(camera, &rental).await.unwrap();
    for method in ["CancelRental", "CancelRentalPayment"] {
        renter.sees_rental(&rental, "STATE_PAID").await;
        let answer = patiently(|| renter.rental(method, json!({"id": rental}))).await;
        refused(answer, Code::FailedPrecondition, "ITEM_LENT");
    }
    broker.restore().await.unwrap();
    scene.is_lent(&rental).await;
    refused(renter.calls_off(&rental).await, Code::FailedPrecondition, "ITEM_LENT");
    let told = ["RentalRequested", "RentalConfirmed", "RentalPaid", "RentalLent"];
    market.operator().finds("rental", &rental, &told).await;
}

/// B-F8: the money is on its way back, and has not arrived.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_called_off_first_is_not_lent() {
    let scene = Scene::new().await;
    let Scene { market, owner, renter, camera } = &scene;
    let rental = renter.gets(camera).await;
    let payment = market.gate("rental", "payment");
    for (method, then, item) in [
        ("CancelRentalPayment", "STATE_CONFIRMED", "STATE_RESERVED"),
        ("CancelRental", "STATE_CANCELLED", "STATE_RENTABLE"),
    ] {
        renter.pays_in_sight_of(camera, &rental).await;
        payment.blackhole();
        let back = patiently(|| renter.rental(method, json!({"id": rental}))).await.unwrap();
        assert_eq!(back.text("state"), "STATE_REFUNDING");
        let answer = owner.lends(camera, &rental).await;
        refused(answer, Code::FailedPrecondition, "RENTAL_NOT_PAID");
        let busy = refused(renter.calls_off(&rental).await, Code::Aborted, "RENTAL_BUSY");
        assert!(says_when_to_retry(&busy), "{busy:?}");
        payment.restore().await.unwrap();
        renter.sees_rental(&rental, then).await;
        owner.sees_item(camera, item).await;
        market.balances(&[renter]).await;
    }
    let answer = owner.lends(camera, &rental).await;
    refused(answer, Code::FailedPrecondition, "ITEM_NOT_RESERVED_FOR_RENTAL");
}

/// B-F7, B-F9: the renter is told, so nothing may happen behind his back; the item may be lent again,
/// whether it has heard of the question or not.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_item_does_not_answer_is_undone_and_the_item_lent() {
    for held_answer in [false, true] {
        let scene = Scene::new().await;
        let Scene { market, owner, renter, camera } = &scene;
        let rental = scene.paid().await;
        let item = market.gate("rental", "item");
        if held_answer {
            item.hold_answers();
        } else {
            item.blackhole();
        }
        let answer = renter.calls_off(&rental).await;
        let status = refused(answer, Code::Unavailable, "ITEM_UNAVAILABLE");
        assert!(says_when_to_retry(&status), "{status:?}");
        renter.sees_rental(&rental, "STATE_WITHHOLDING").await;
        let busy = refused(renter.calls_off(&rental).await, Code::Aborted, "RENTAL_BUSY");
        assert!(says_when_to_retry(&busy), "{busy:?}");
        item.restore().await.unwrap();
        renter.sees_rental(&rental, "STATE_PAID").await;
        owner.hands_over(camera, &rental).await;
        scene.is_lent(&rental).await;
    }
}

/// B-F8, B-F9: the item was lent before the question reached it, and is lent while that is undone.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_lent_while_the_question_is_on_its_way_stays_lent() {
    let scene = Scene::new().await;
    let Scene { market, owner, renter, camera } = &scene;
    let rental = scene.paid().await;
    let item = market.gate("rental", "item");
    item.blackhole();
    let answer = renter.takes_money_back(&rental).await;
    refused(answer, Code::Unavailable, "ITEM_UNAVAILABLE");
    owner.lends(camera, &rental).await.unwrap();
    renter.sees_rental(&rental, "STATE_LENT").await;
    item.restore().await.unwrap();
    scene.is_lent(&rental).await;
    owner.takes_back(camera, &rental).await.unwrap();
    renter.sees_rental(&rental, "STATE_RETURNED").await;
    owner.sees_item(camera, "STATE_RENTABLE").await;
    market.balances(&[renter]).await;
}

/// B-F13: whoever rents it when it is reviewed has it to the end, whatever that is.
#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_is_reviewed_under_a_running_rental_is_retired_with_its_end() {
    let market = Market::of(RENTAL, Database::Sqlite).await;
    let [owner, reviewer, renter] =
        ["owner01", "JangHyemi", "YoungEunSong"].map(|name| market.person(name));
    for called_off in [true, false] {
        let camera = owner.registers_camera().await;
        let over = reviewer.has_rented(&owner, &camera).await;
        let running = renter.gets_paid(&camera).await;
        reviewer.writes_review(&over, 5).await.unwrap();
        reviewer.sees_review(&over, "STATE_WRITTEN").await;
        // Off the lists at once.
        assert!(owner.finds_items("owner01").await.is_empty());
        let item = owner.sees_item(&camera, "STATE_RESERVED").await;
        assert_eq!((&item.body["retired"], item.text("rentalId")), (&json!(true), &*running));
        let mut told = vec!["ItemRegistered", "ItemReserved", "ItemLent", "ItemReturned"];
        told.extend(["ItemReserved", "ItemRetired"]);
        if called_off {
            patiently(|| renter.calls_off(&running)).await.unwrap();
            renter.sees_rental(&running, "STATE_CANCELLED").await;
            told.push("ItemReleased");
        } else {
            owner.hands_over(&camera, &running).await;
            owner.takes_back(&camera, &running).await.unwrap();
            renter.sees_review(&running, "STATE_REQUESTED").await;
            renter.writes_review(&running, 4).await.unwrap();
            renter.sees_review(&running, "STATE_WRITTEN").await;
            told.extend(["ItemLent", "ItemReturned"]);
        }
        owner.sees_item(&camera, "STATE_RETIRED").await;
        market.operator().finds("item", &camera, &told).await;
        let late = renter.rents(&camera).await.unwrap();
        let late = renter.sees_rental(late.id(), "STATE_REFUSED").await;
        assert_eq!(late.text("reason"), "ITEM_RETIRED");
    }
    market.balances(&[&reviewer, &renter]).await;
}

/// B-F13, B-N2: it was reserved before it was reviewed, and the item hears of it afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_is_reviewed_first_is_not_reserved() {
    let scene = Scene::new().await;
    let Scene { market, owner, renter, camera } = &scene;
    let reviewed = renter.has_rented(owner, camera).await;
    let broker = market.gate("item", "broker");
    broker.blackhole();
    let late = market.person("JangHyemi").rents(camera).await.unwrap();
    assert_eq!(late.text("state"), "STATE_REQUESTED");
    renter.writes_review(&reviewed, 5).await.unwrap();
    owner.sees_item(camera, "STATE_RETIRED").await;
    broker.restore().await.unwrap();
    let late = market.person("JangHyemi").sees_rental(late.id(), "STATE_REFUSED").await;
    assert_eq!(late.text("reason"), "ITEM_RETIRED");
    renter.sees_review(&reviewed, "STATE_WRITTEN").await;
}

/// S.3-9: what is over stays over, though the item's word of it comes late.
#[tokio::test(flavor = "multi_thread")]
async fn a_rental_that_was_called_off_is_not_taken_up_again() {
    let scene = Scene::new().await;
    let Scene { market, owner, renter, camera } = &scene;
    let broker = market.gate("rental", "broker");
    broker.blackhole();
    let rental = renter.rents(camera).await.unwrap().id().to_owned();
    renter.calls_off(&rental).await.unwrap();
    broker.restore().await.unwrap();
    let told = ["ItemRegistered", "ItemReserved", "ItemReleased"];
    market.operator().finds("item", camera, &told).await;
    owner.sees_item(camera, "STATE_RENTABLE").await;
    // The next one is confirmed after the late word of the first.
    renter.gets(camera).await;
    let told = ["RentalRequested", "RentalCancelled"];
    market.operator().finds("rental", &rental, &told).await;
    refused(renter.pays(&rental).await, Code::FailedPrecondition, "RENTAL_CANCELLED");
}
