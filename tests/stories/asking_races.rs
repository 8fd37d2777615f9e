//! What may come while an offer asks about its post.

use jangteo_testing::until;
use serde_json::json;
use tokio::time::timeout;
use tonic::Code;

use super::{
    refusal::{refused, says_when_to_retry},
    scene::Scene,
    trade::SOON,
};

/// A-F12, A-N1: whether the sale comes before the question or before its answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_is_sold_while_an_offer_asks_about_it_ends_the_offer() {
    for held_answer in [false, true] {
        // Nothing but the question goes that way.
        let scene = Scene::with(&[("JANGTEO_COMPARE_MS", "3600000")]).await;
        let won = scene.buyer.requests(&scene.post).await.unwrap();
        let deal = scene.seller.reserves(won.id()).await.unwrap();
        let gate = scene.market.gate("offer", "post");
        let late = scene.market.person("buyer02");
        let asking = if held_answer {
            gate.hold_answers();
            let asking = scene.requesting(&late);
            until(SOON, async || gate.holds_answers().then_some(())).await;
            asking
        } else {
            gate.blackhole();
            scene.requesting(&late)
        };
        scene.market.has("offer", 1, "state = 'asking'").await;
        scene.seller.deal("CompleteDeal", json!({"id": deal.id()})).await.unwrap();
        scene.market.has("offer", 1, "state = 'abandoned'").await;
        gate.restore().await.unwrap();
        let told = timeout(SOON, asking).await.unwrap().unwrap();
        refused(told, Code::FailedPrecondition, "POST_SOLD");
        assert!(late.offers(&scene.post).await.is_empty());
        scene.buyer.sees_offer(won.id(), "STATE_COMPLETED").await;
        scene.market.rests().await;
        scene.market.has("offer", 2, "state IN ('abandoned', 'completed')").await;
    }
}

/// A-F2, A-F9: whether the question is late or its answer, nobody sees an offer that was refused.
#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_hears_of_its_post_too_late_is_none() {
    for held_answer in [false, true] {
        let scene = Scene::new().await;
        let gate = scene.market.gate("offer", "post");
        if held_answer {
            gate.hold_answers();
        } else {
            gate.blackhole();
        }
        let told = timeout(SOON, scene.requesting(&scene.buyer)).await.unwrap().unwrap();
        let status = refused(told, Code::Unavailable, "POST_UNAVAILABLE");
        assert!(says_when_to_retry(&status));
        gate.restore().await.unwrap();
        until(SOON, async || scene.buyer.requests(&scene.post).await.ok()).await;
        scene.market.rests().await;
        assert_eq!(scene.buyer.offers(&scene.post).await.len(), 1);
        scene.market.has("offer", 1, "state = 'pending'").await;
    }
}

/// A-F4: an offer whose deal was called off is shown as pending, and answered once its post is.
#[tokio::test(flavor = "multi_thread")]
async fn an_offer_is_not_accepted_while_it_asks_again_and_can_be_withdrawn() {
    for withdrawn in [false, true] {
        let scene = Scene::new().await;
        let (seller, buyer, post) = (&scene.seller, &scene.buyer, &scene.post);
        let offer = buyer.requests(post).await.unwrap();
        let deal = seller.reserves(offer.id()).await.unwrap();
        let gate = scene.market.gate("offer", "post");
        gate.blackhole();
        buyer.deal("CancelDeal", json!({"id": deal.id()})).await.unwrap();
        let shown = buyer.sees_offer(offer.id(), "STATE_PENDING").await;
        assert_eq!(shown.text("expireTime"), "", "{shown:?}");
        let id = json!({"id": offer.id()});
        let answer = seller.offer("AcceptOffer", id.clone()).await;
        let status = refused(answer, Code::Aborted, "OFFER_CHECKING");
        assert!(says_when_to_retry(&status));
        if withdrawn {
            buyer.offer("WithdrawOffer", id.clone()).await.unwrap();
        }
        gate.restore().await.unwrap();
        scene.market.rests().await;
        let told = if withdrawn {
            refused(
                seller.offer("AcceptOffer", id).await,
                Code::FailedPrecondition,
                "OFFER_WITHDRAWN",
            );
            ["DealOffered", "OfferWithdrawn"]
        } else {
            // The post hears by itself that its deal was called off.
            seller.sees_post(post, "STATE_AVAILABLE").await;
            seller.reserves(offer.id()).await.unwrap();
            ["DealOffered", "OfferReopened"]
        };
        scene.market.operator().finds("offer", offer.id(), &told).await;
    }
}
