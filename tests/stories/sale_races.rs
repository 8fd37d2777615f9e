//! What may come between the steps of a sale, each in the order that hurts.

use std::time::Duration;

use futures::future::join_all;
use serde_json::json;
use tokio::time::timeout;
use tonic::Code;

use super::{
    market::{Market, on_each_database},
    refusal::{refused, says_when_to_retry},
    scene::{HOLDING, Scene, reservation},
    trade::{PHONE_KRW, SOON, states},
};
use crate::seller::request_id;

on_each_database!(
    of_two_offers_accepted_at_once_one_is,
    of_a_cancel_and_a_completion_at_once_one_comes_true,
);

const CANCEL: &str = "CancelDeal";
const COMPLETE: &str = "CompleteDeal";

/// A-F3
#[tokio::test(flavor = "multi_thread")]
async fn an_offer_is_not_withdrawn_between_its_taking_and_the_reservation_of_its_post() {
    let scene = Scene::new().await;
    let offer = scene.buyer.requests(&scene.post).await.unwrap();
    let deal = scene.between_offer_and_post(offer.id()).await;
    for (person, method) in [(&scene.buyer, "WithdrawOffer"), (&scene.seller, "RefuseOffer")] {
        let answer = person.offer(method, json!({"id": offer.id()})).await;
        let status = refused(answer, Code::FailedPrecondition, "OFFER_IN_DEAL");
        assert!(says_when_to_retry(&status), "{method}");
    }
    scene.go_on().await;
    let deal = deal.await.unwrap().unwrap();
    assert_eq!(deal.text("state"), "STATE_RESERVED");
    scene.buyer.sees_offer(offer.id(), "STATE_IN_DEAL").await;
}

/// A-F10
async fn of_two_offers_accepted_at_once_one_is(market: Market) {
    let seller = market.person("seller01");
    let clients: Vec<_> = (0..4).map(|_| seller.elsewhere(&market)).collect();
    let buyer = market.person("buyer01");
    for _ in 0..15 {
        let post = seller.sells_phone().await;
        let mut offers = vec![];
        for number in 0..4 {
            let offer = buyer.proposes(&post, PHONE_KRW + number).await.unwrap();
            offers.push(json!({"id": offer.id()}));
        }
        let at_once = clients.iter().zip(&offers);
        let at_once = at_once.map(|(client, id)| client.offer("AcceptOffer", id.clone()));
        let (won, lost): (Vec<_>, _) = join_all(at_once).await.into_iter().partition(Result::is_ok);
        assert_eq!((won.len(), lost.len()), (1, 3), "{won:?} {lost:?}");
        for answer in lost {
            refused(answer, Code::FailedPrecondition, "ANOTHER_OFFER_ACCEPTED");
        }
        let mut now: Vec<_> = buyer.offers(&post).await;
        now.sort_by_key(|offer| offer["state"].to_string());
        let pending = "STATE_PENDING";
        assert_eq!(states(&now), ["STATE_ACCEPTED", pending, pending, pending]);
    }
}

/// A-F3, A-F6, A-F7
#[tokio::test(flavor = "multi_thread")]
async fn a_post_in_a_deal_is_neither_edited_nor_hidden_nor_deleted() {
    let scene = Scene::new().await;
    let offer = scene.buyer.requests(&scene.post).await.unwrap();
    let deal = scene.seller.reserves(offer.id()).await.unwrap();
    let id = json!({"id": scene.post});
    for change in ["UpdatePost", "HidePost", "DeletePost"] {
        let answer = scene.seller.post(change, id.clone()).await;
        let status = refused(answer, Code::FailedPrecondition, "POST_RESERVED");
        assert!(says_when_to_retry(&status), "{change}");
    }
    scene.buyer.deal("CancelDeal", json!({"id": deal.id()})).await.unwrap();
    scene.seller.sees_post(&scene.post, "STATE_AVAILABLE").await;
    for change in ["UpdatePost", "HidePost", "DeletePost"] {
        scene.seller.post(change, id.clone()).await.unwrap();
    }
    scene.buyer.sees_offer(offer.id(), "STATE_AUTO_CANCELLED").await;
}

/// A-F4, A-F5
async fn of_a_cancel_and_a_completion_at_once_one_comes_true(market: Market) {
    let (seller, buyer) = (market.person("seller01"), market.person("buyer01"));
    let buyer = buyer.elsewhere(&market);
    for _ in 0..20 {
        let post = seller.sells_phone().await;
        let offer = buyer.requests(&post).await.unwrap();
        let deal = seller.reserves(offer.id()).await.unwrap();
        let id = json!({"id": deal.id()});
        let (cancelled, completed) =
            tokio::join!(buyer.deal("CancelDeal", id.clone()), seller.deal("CompleteDeal", id));
        let states = if completed.is_ok() {
            refused(cancelled, Code::FailedPrecondition, "DEAL_ENDED");
            ["STATE_ENDED", "STATE_SOLD", "STATE_COMPLETED"]
        } else {
            refused(completed, Code::FailedPrecondition, "DEAL_CANCELLED");
            cancelled.expect("one of them comes true");
            ["STATE_CANCELLED", "STATE_AVAILABLE", "STATE_PENDING"]
        };
        seller.sees_deal(deal.id(), states[0]).await;
        seller.sees_post(&post, states[1]).await;
        seller.sees_sale(&post, states[1]).await;
        buyer.sees_offer(offer.id(), states[2]).await;
    }
}

/// A-F4, A-F5: whichever comes first, the other finds it done, and so do offer and post.
#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_after_a_completion_changes_nothing_nor_a_completion_after_a_cancel() {
    for (first, second, reason, deal_is, post_is, offer_is) in [
        (CANCEL, COMPLETE, "DEAL_CANCELLED", "STATE_CANCELLED", "STATE_AVAILABLE", "STATE_PENDING"),
        (COMPLETE, CANCEL, "DEAL_ENDED", "STATE_ENDED", "STATE_SOLD", "STATE_COMPLETED"),
    ] {
        let Scene { market, seller, buyer, post } = Scene::new().await;
        let offer = buyer.requests(&post).await.unwrap();
        let deal = seller.reserves(offer.id()).await.unwrap();
        let id = json!({"id": deal.id()});
        seller.deal(first, id.clone()).await.unwrap();
        refused(seller.deal(second, id).await, Code::FailedPrecondition, reason);
        seller.sees_deal(deal.id(), deal_is).await;
        seller.sees_post(&post, post_is).await;
        buyer.sees_offer(offer.id(), offer_is).await;
        market.rests().await;
        let told = ["DealReserved", if first == CANCEL { "DealCancelled" } else { "DealEnded" }];
        market.operator().finds("deal", deal.id(), &told).await;
    }
}

/// A-F3: it is hidden once the offer is taken; a proposal stays accepted, a request pending.
#[tokio::test(flavor = "multi_thread")]
async fn an_offer_is_what_it_was_when_the_post_refuses_its_deal() {
    for agreed in [false, true] {
        let scene = Scene::new().await;
        let (seller, buyer, post) = (&scene.seller, &scene.buyer, &scene.post);
        let (offer, state) = if agreed {
            (buyer.agrees(seller, post, 510_000).await, "STATE_ACCEPTED")
        } else {
            (buyer.requests(post).await.unwrap().id().to_owned(), "STATE_PENDING")
        };
        let deal = scene.between_offer_and_post(&offer).await;
        seller.post("HidePost", json!({"id": post})).await.unwrap();
        scene.go_on().await;
        refused(deal.await.unwrap(), Code::FailedPrecondition, "POST_HIDDEN");
        scene.nothing_is_reserved("STATE_HIDDEN").await;
        buyer.sees_offer(&offer, state).await;
        // And it can be reserved as soon as the post is back.
        seller.post("UnhidePost", json!({"id": post})).await.unwrap();
        seller.reserves(&offer).await.unwrap();
    }
}

/// A-F3, A-F7: its post is deleted once the offer is taken; it closes like all others for the post.
#[tokio::test(flavor = "multi_thread")]
async fn an_offer_closes_when_its_post_is_deleted_while_a_deal_holds_it() {
    let scene = Scene::new().await;
    let offer = scene.buyer.agrees(&scene.seller, &scene.post, 510_000).await;
    let deal = scene.between_offer_and_post(&offer).await;
    scene.seller.post("DeletePost", json!({"id": scene.post})).await.unwrap();
    scene.go_on().await;
    refused(deal.await.unwrap(), Code::FailedPrecondition, "POST_DELETED");
    scene.buyer.sees_offer(&offer, "STATE_AUTO_CANCELLED").await;
    scene.market.rests().await;
    assert!(scene.seller.deals().await.is_empty());
    let told = ["PriceProposed", "OfferAccepted", "OfferAutoCancelled"];
    scene.market.operator().finds("offer", &offer, &told).await;
}

/// A-F3
#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_another_deal_gets_first_refuses_the_second() {
    let scene = Scene::new().await;
    let offer = scene.buyer.agrees(&scene.seller, &scene.post, 510_000).await;
    let deal = scene.between_offer_and_post(&offer).await;
    let other = request_id().to_string();
    let key = format!("deals/{other}");
    let question = json!({
        "id": scene.post, "dealId": other, "offerId": request_id().to_string(),
        "seller": "seller01", "buyer": "buyer02", "agreedPriceKrw": 1, "callKey": key,
    });
    scene.market.service("deal").post("ReservePost", question).await.unwrap();
    scene.go_on().await;
    let status = refused(deal.await.unwrap(), Code::FailedPrecondition, "POST_RESERVED");
    assert!(says_when_to_retry(&status));
    scene.nothing_is_reserved("STATE_RESERVED").await;
    scene.buyer.sees_offer(&offer, "STATE_ACCEPTED").await;
    scene.market.operator().finds("post", &scene.post, &["PostWritten", "PostReserved"]).await;
}

/// A-F3: whether the question is late or its answer, the caller is told, and nothing happens
/// behind his back.
#[tokio::test(flavor = "multi_thread")]
async fn what_answers_after_its_deadline_finds_everything_let_go() {
    for (peer, reason) in [("offer", "OFFER_UNAVAILABLE"), ("post", "POST_UNAVAILABLE")] {
        for held_answer in [false, true] {
            late(peer, reason, held_answer).await;
        }
    }
}

async fn late(peer: &str, reason: &str, held_answer: bool) {
    let scene = Scene::new().await;
    let offer = scene.buyer.agrees(&scene.seller, &scene.post, 510_000).await;
    let gate = scene.market.gate("deal", peer);
    if held_answer {
        gate.hold_answers();
    } else {
        gate.blackhole();
    }
    let request = request_id();
    let told = timeout(SOON, scene.reserving(&offer, request)).await.unwrap().unwrap();
    assert!(says_when_to_retry(&refused(told, Code::Unavailable, reason)));
    assert!(scene.seller.deals().await.is_empty());
    if held_answer && peer == "post" {
        // The post has said yes to somebody who was gone, and hears that he is.
        let told = ["PostWritten", "PostReserved", "PostReopened"];
        scene.market.operator().finds("post", &scene.post, &told).await;
    }
    gate.restore().await.unwrap();
    scene.nothing_is_reserved("STATE_AVAILABLE").await;
    scene.buyer.sees_offer(&offer, "STATE_ACCEPTED").await;
    // The late copy of a refused request does not come true; a new one does.
    let again = scene.reserving(&offer, request).await.unwrap();
    refused(again, Code::Unavailable, reason);
    scene.seller.reserves(&offer).await.unwrap();
}

/// A-F3
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hangs_up_cancels_nothing() {
    let scene = Scene::new().await;
    let offer = scene.buyer.requests(&scene.post).await.unwrap();
    let deal = scene.between_offer_and_post(offer.id()).await;
    deal.abort();
    assert!(deal.await.unwrap_err().is_cancelled());
    scene.go_on().await;
    scene.seller.sees_post(&scene.post, "STATE_RESERVED").await;
    scene.market.rests().await;
    assert_eq!(states(&scene.seller.deals().await), ["STATE_RESERVED"]);
}

/// A-F3
#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_of_a_running_request_shares_its_answer() {
    let scene = Scene::new().await;
    let (offer, request) = (scene.buyer.requests(&scene.post).await.unwrap(), request_id());
    let gate = scene.market.gate("deal", "post");
    gate.blackhole();
    let first = scene.reserving(offer.id(), request);
    scene.market.has("deal", 1, HOLDING).await;
    let body = reservation(offer.id(), request);
    let short = Some(Duration::from_millis(300));
    let rpc = "deal.v1.DealService/ReserveDeal";
    let answer = scene.seller.ask_within(rpc, body.clone(), short).await;
    let status = refused(answer, Code::Aborted, "REQUEST_RUNNING");
    assert!(says_when_to_retry(&status));
    let other = json!({"offerId": request_id().to_string(), "requestId": request.to_string()});
    let answer = scene.seller.deal("ReserveDeal", other).await;
    refused(answer, Code::InvalidArgument, "REQUEST_ID_REUSED");
    let second = scene.reserving(offer.id(), request);
    scene.go_on().await;
    let first = first.await.unwrap().unwrap();
    assert_eq!(second.await.unwrap().unwrap(), first);
    // Whatever has become of the deal since.
    scene.buyer.deal("CancelDeal", json!({"id": first.id()})).await.unwrap();
    assert_eq!(scene.seller.deal("ReserveDeal", body).await.unwrap(), first);
    assert_eq!(states(&scene.seller.deals().await), ["STATE_CANCELLED"]);
}
