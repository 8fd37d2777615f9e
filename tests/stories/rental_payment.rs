//! Paying for rentals: the money moves once, and it is where the rental says.
//!
//! B-T4, B-T11; B-F6, B-F7; B-N1, B-N3, B-O6; S.3-3, S.3-5.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use futures::future::join_all;
use serde_json::{Value, json};
use tonic::{Code, Status};

use super::{
    market::{Client, Layout, Market, RENTAL, Reply, on_each_database},
    refusal::{refused, says_when_to_retry},
    renting::{CAMERA_KRW, patiently},
    trade::states,
};
use crate::{
    mesh::Database,
    seller::{reason, request_id},
};

on_each_database!(
    RENTAL: a_payment_is_cancelled_and_the_rental_paid_again, ten_calls_at_once_are_one_charge,
);

fn people(market: &Market) -> [Client; 2] {
    ["owner01", "YoungEunSong"].map(|name| market.person(name))
}

/// Asserts that somebody was led to pay a little later.
#[track_caller]
fn later(answer: Result<Reply, Status>) {
    let status = refused(answer, Code::Unavailable, "PAYMENT_UNAVAILABLE");
    assert!(says_when_to_retry(&status), "{status:?}");
}

fn texts<'a>(rows: &'a [Value], field: &str) -> Vec<&'a str> {
    rows.iter().map(|row| row[field].as_str().unwrap_or_default()).collect()
}

/// The payments that were made, be it that the money went back; not those that came to nothing.
async fn made(renter: &Client) -> Vec<Value> {
    let made = |it: &Value| it["state"] == "STATE_APPROVED" || it["refunded"] == true;
    renter.payments().await.into_iter().filter(made).collect()
}

/// B-T4, B-T11, B-F6, B-F7: two payments, the first cancelled; the item is kept, and lent on the second.
async fn a_payment_is_cancelled_and_the_rental_paid_again(market: Market) {
    let [owner, renter] = people(&market);
    let camera = owner.registers_camera().await;
    let rental = renter.gets(&camera).await;
    let first = renter.pays_at_last(&rental).await;
    assert_eq!(first.text("state"), "STATE_PAID");
    let payments = made(&renter).await;
    assert_eq!(texts(&payments, "id"), [first.text("paymentId")]);
    assert_eq!(texts(&payments, "amountKrw"), [CAMERA_KRW.to_string()]);

    patiently(|| renter.takes_money_back(&rental)).await.unwrap();
    let kept = renter.sees_rental(&rental, "STATE_CONFIRMED").await;
    assert!(kept.body.get("paymentId").is_none(), "{kept:?}");
    let item = owner.sees_item(&camera, "STATE_RESERVED").await;
    assert_eq!(item.text("rentalId"), rental);
    for answer in [renter.takes_money_back(&rental).await, owner.lends(&camera, &rental).await] {
        refused(answer, Code::FailedPrecondition, "RENTAL_NOT_PAID");
    }
    market.balances(&[&renter]).await;

    let second = renter.pays_at_last(&rental).await;
    owner.hands_over(&camera, &rental).await;
    market.balances(&[&renter]).await;
    let payments = made(&renter).await;
    assert_eq!(states(&payments), ["STATE_APPROVED", "STATE_CANCELLED"]);
    let ids = [&second, &first].map(|rental| rental.text("paymentId"));
    assert_eq!(texts(&payments, "id"), ids);
    let resource = format!("rentals/{rental}/payments/");
    assert!(texts(&payments, "key").iter().all(|key| key.starts_with(&resource)), "{payments:?}");
    let operator = market.operator();
    operator.finds("payment", ids[1], &["PaymentApproved", "PaymentCancelled"]).await;
    let (begun, paid) = (["RentalRequested", "RentalConfirmed"], "RentalPaid");
    let told = [&begun[..], &[paid, "RentalPaymentCancelled", paid, "RentalLent"]].concat();
    operator.finds("rental", &rental, &told).await;
}

/// B-N1, S.3-3: as one request all get one answer; of different ones those that come while it is being
/// paid are told so, and those that come later find it paid.
async fn ten_calls_at_once_are_one_charge(market: Market) {
    let [owner, renter] = people(&market);
    // Long enough for the others to come while it is being paid.
    market.operator().has_provider(json!({"latencyMs": 100})).await;
    let clients: Vec<_> = (0..10).map(|_| renter.elsewhere(&market)).collect();
    for one_request in [true, false] {
        let rental = renter.gets(&owner.registers_camera().await).await;
        let request = request_id();
        let calls = clients.iter().map(|client| {
            let request = if one_request { request } else { request_id() };
            let body = json!({"id": rental, "requestId": request.to_string()});
            client.rental("PayRental", body)
        });
        let answers = join_all(calls).await;
        let now = renter.pays_at_last(&rental).await;
        let mut told = BTreeSet::new();
        for answer in answers {
            told.insert(match answer {
                Ok(paid) => {
                    assert_eq!(paid.text("paymentId"), now.text("paymentId"));
                    paid.text("state").to_owned()
                }
                Err(status) => {
                    assert!(says_when_to_retry(&status), "{status:?}");
                    reason(&status)
                }
            });
        }
        let (paid, busy, slow) = ("STATE_PAID", "RENTAL_BUSY", "PAYMENT_UNAVAILABLE");
        let known = if one_request { [paid, slow, slow] } else { [paid, slow, busy] };
        assert!(told.iter().all(|it| known.contains(&&**it)), "{told:?}");
        assert!(told.len() == 1 || !one_request, "one answer: {told:?}");
        market.balances(&[&renter]).await;
    }
    assert_eq!(states(&made(&renter).await), ["STATE_APPROVED", "STATE_APPROVED"]);
}

/// B-F6
#[tokio::test(flavor = "multi_thread")]
async fn what_the_provider_declines_is_not_paid_and_may_be_tried_again() {
    let market = Market::of(RENTAL, Database::Sqlite).await;
    let ([owner, renter], operator) = (people(&market), market.operator());
    let rental = renter.gets(&owner.registers_camera().await).await;
    let before = renter.sees_rental(&rental, "STATE_CONFIRMED").await;
    operator.has_provider(json!({"declineFromKrw": CAMERA_KRW})).await;
    let answer = patiently(|| renter.pays(&rental)).await;
    refused(answer, Code::FailedPrecondition, "PAYMENT_DECLINED");
    let after = renter.sees_rental(&rental, "STATE_CONFIRMED").await;
    // There is no more time to pay than there was.
    assert_eq!(after.text("payBy"), before.text("payBy"));
    let payments = renter.payments().await;
    let told = (states(&payments)[0], texts(&payments, "reason")[0]);
    assert_eq!(told, ("STATE_DECLINED", "PAYMENT_DECLINED"));
    assert!(operator.charges().await.is_empty());
    // It is the amount that is declined.
    renter.gets_paid(&owner.registers("Juice", CAMERA_KRW - 1).await).await;
    operator.has_provider(json!({})).await;
    renter.pays_at_last(&rental).await;
    market.balances(&[&renter]).await;
}

/// B-N1, B-O6: whether it does nothing, is slow, or has taken the money and can't say so.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_provider_does_not_answer_is_undone_and_can_be_paid_later() {
    let market = Market::of(RENTAL, Database::Sqlite).await;
    let ([owner, renter], operator) = (people(&market), market.operator());
    for behaves in
        [json!({"latencyMs": 2_000}), json!({"outage": true}), json!({"loseAnswers": true})]
    {
        let rental = renter.gets(&owner.registers_camera().await).await;
        let before = renter.sees_rental(&rental, "STATE_CONFIRMED").await;
        operator.has_provider(behaves).await;
        later(renter.pays(&rental).await);
        // Whatever the provider does, the rental need not wait for it.
        let after = renter.sees_rental(&rental, "STATE_CONFIRMED").await;
        assert_eq!(after.text("payBy"), before.text("payBy"));
        operator.has_provider(json!({})).await;
        market.balances(&[&renter]).await;
        renter.pays_at_last(&rental).await;
        market.balances(&[&renter]).await;
    }
    // What was charged unheard went back, and nobody was told of either.
    let (charges, payments) = (operator.charges().await, renter.payments().await);
    // The oldest: that of a later try may have been approved before it was cancelled.
    let back = charges.iter().rev().find(|charge| charge["state"] == "STATE_REFUNDED");
    let key = &back.expect("the answer of a charge was lost")["key"];
    let undone = payments.iter().find(|payment| payment["key"] == *key).unwrap();
    assert_eq!(undone["refunded"], Value::Null, "{undone}");
    operator.finds("payment", undone["id"].as_str().unwrap(), &["PaymentCancelled"]).await;
}

/// B-N1: until it is known what came of a payment, or its undoing, nothing else is begun.
#[tokio::test(flavor = "multi_thread")]
async fn while_a_payment_is_out_the_rental_is_busy() {
    let layout = Layout::together(RENTAL, Database::Sqlite).alone(&["rental", "payment"]);
    let market = Market::gated(layout, &[]).await;
    let [owner, renter] = people(&market);
    renter.gets_paid(&owner.registers("Juice", 1).await).await;
    let gate = market.gate("rental", "payment");
    for held_answer in [false, true] {
        let rental = renter.gets(&owner.registers_camera().await).await;
        if held_answer {
            gate.hold_answers();
        } else {
            gate.blackhole();
        }
        let body = json!({"id": rental, "requestId": request_id().to_string()});
        later(renter.rental("PayRental", body.clone()).await);
        renter.sees_rental(&rental, "STATE_PAYING").await;
        for answer in [
            renter.pays(&rental).await,
            renter.calls_off(&rental).await,
            renter.takes_money_back(&rental).await,
        ] {
            let status = refused(answer, Code::Aborted, "RENTAL_BUSY");
            assert!(says_when_to_retry(&status), "{status:?}");
        }
        gate.restore().await.unwrap();
        renter.sees_rental(&rental, "STATE_CONFIRMED").await;
        // The late copy of a refused request does not come true; a new one does.
        later(renter.rental("PayRental", body).await);
        market.balances(&[&renter]).await;
        renter.pays_at_last(&rental).await;
        market.balances(&[&renter]).await;
    }
}

/// Renters with a rental each that can be paid.
async fn crowd(market: &Market, name: &str, many: usize) -> Vec<(Client, String)> {
    let owner = market.person("owner01");
    let each = (0..many).map(async |number| {
        let renter = market.person(&format!("{name}{number}"));
        let rental = renter.gets(&owner.registers_camera().await).await;
        (renter, rental)
    });
    join_all(each).await
}

async fn all_pay(crowd: &[(Client, String)]) -> Vec<Result<Reply, Status>> {
    join_all(crowd.iter().map(|(renter, rental)| renter.pays(rental))).await
}

/// One after the other: all at once may be more than a busy machine does in the time of one.
async fn all_have_paid(market: &Market, crowd: &[(Client, String)]) {
    for (renter, rental) in crowd {
        renter.pays_at_last(rental).await;
    }
    let renters: Vec<_> = crowd.iter().map(|(renter, _)| renter).collect();
    market.balances(&renters).await;
}

/// B-N3, B-O6: with the figures of the original, ten at once and 400 to 620 ms for each, some have paid
/// and some are told to come back; then it gets worse, and all are told so at once.
#[tokio::test(flavor = "multi_thread")]
async fn an_overloaded_provider_is_given_a_rest() {
    let market = Market::of(RENTAL, Database::Sqlite).await;
    let operator = market.operator();
    operator.has_provider(json!({"latencyMs": 400, "jitterMs": 220})).await;
    let patient = crowd(&market, "patient", 10).await;
    for answer in all_pay(&patient).await {
        match answer {
            Ok(paid) => assert_eq!(paid.text("state"), "STATE_PAID"),
            refused => later(refused),
        }
    }

    let crowd = crowd(&market, "renter", 30).await;
    operator.has_provider(json!({"latencyMs": 2_000})).await;
    all_pay(&crowd).await.into_iter().for_each(later);
    let log = market.node("rental").output();
    let opened = log.lines().filter(|line| line.contains("breaker changed"));
    let opened: Vec<_> = opened.filter(|line| line.contains("ApprovePayment")).collect();
    assert!(!opened.is_empty(), "it is told that the breaker opens");
    // Each would take 610 ms if it were to wait; and nothing is begun.
    let (renter, rental) = &crowd[0];
    renter.sees_rental(rental, "STATE_CONFIRMED").await;
    let tried = renter.payments().await.len();
    let since = Instant::now();
    for _ in 0..10 {
        renter.sees_rental(rental, "STATE_CONFIRMED").await;
        later(renter.pays(rental).await);
    }
    assert!(since.elapsed() < Duration::from_secs(5), "it took {:?}", since.elapsed());
    assert!(renter.payments().await.len() <= tried + 1, "one at most has looked how it is");

    operator.has_provider(json!({})).await;
    all_have_paid(&market, &[patient, crowd].concat()).await;
}

/// S.3-3, S.3-5: whatever was lost, late or refused, in the end each has paid once.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_bad_day_of_the_provider_all_money_is_where_it_belongs() {
    let market = Market::of(RENTAL, Database::Sqlite).await;
    let operator = market.operator();
    let crowd = crowd(&market, "renter", 8).await;
    for behaves in [
        json!({"loseAnswers": true}),
        json!({"latencyMs": 450, "jitterMs": 300}),
        json!({"outage": true}),
        json!({"loseAnswers": true, "jitterMs": 600}),
    ] {
        operator.has_provider(behaves).await;
        all_pay(&crowd).await;
        // Half of those who could pay want their money back at once.
        let back = crowd.iter().step_by(2);
        join_all(back.map(|(renter, rental)| renter.takes_money_back(rental))).await;
    }
    operator.has_provider(json!({})).await;
    all_have_paid(&market, &crowd).await;
    let charges = operator.charges().await;
    assert!(charges.iter().any(|charge| charge["state"] == "STATE_REFUNDED"), "{charges:?}");
    assert_eq!(charges.iter().filter(|charge| charge["state"] == "STATE_CHARGED").count(), 8);
}
