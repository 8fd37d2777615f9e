//! Contexts that are away: who asks for them is told, and the others go on.

use jangteo_testing::until;
use serde_json::json;
use tonic::{Code, Status};

use super::web::Web;
use crate::{
    mesh::Database,
    stories::{
        market::{Layout, Market, SECOND_HAND},
        refusal::{refused, says_when_to_retry},
        trade::SOON,
    },
};

/// A-N2
#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_a_context_that_is_away_is_told_when_to_come_back() {
    let market = Market::start(Layout::apart(SECOND_HAND, Database::Sqlite)).await.unwrap();
    let gateway = market.gateway().await;
    let door = gateway.http_channel();
    let (seller, web) =
        (market.person("seller01").at(&door), Web::of(&gateway, &market.keys.user("seller01")));
    let post = seller.sells_phone().await;
    assert_eq!(web.get(&format!("/v1/posts/{post}")).await.code, 200);
    seller.sees_sale(&post, "STATE_AVAILABLE").await;
    market.node("post").kill();

    // A call that was on its way when the connection broke may have come to something.
    let answer = until(SOON, async || {
        let answer = web.get(&format!("/v1/posts/{post}")).await;
        (answer.reason() != "OUTCOME_UNKNOWN").then_some(answer)
    });
    let answer = answer.await;
    assert_eq!((answer.code, answer.reason()), (503, "CONTEXT_UNAVAILABLE"), "{answer:?}");
    assert_eq!(answer.header("retry-after"), "1");
    // Nothing has left: it could not.
    let status = seller.post("GetPost", json!({"id": post})).await;
    let status = refused(status, Code::Unavailable, "CONTEXT_UNAVAILABLE");
    assert!(says_when_to_retry(&status), "{status:?}");
    let sales = web.get("/v1/my/sales").await;
    assert_eq!((sales.code, &sales.body["sales"][0]["postId"]), (200, &json!(post)));

    market.node("post").restart().await.unwrap();
    until(SOON, async || (web.get(&format!("/v1/posts/{post}")).await.code == 200).then_some(()))
        .await;
    seller.post("GetPost", json!({"id": post})).await.unwrap();
}

/// What health says of everybody, of one service, and of the gateway itself.
#[tokio::test(flavor = "multi_thread")]
async fn health_is_told_for_all_contexts_and_for_each() {
    let market = Market::start(Layout::apart(SECOND_HAND, Database::Sqlite)).await.unwrap();
    let gateway = market.gateway().await;
    let told = async |name: &str| Ok(gateway.http_health(name).await?.as_str_name());
    // It knows of changes soon, not at once.
    let tells = async |name: &str, expected: &str| {
        until(SOON, async || (told(name).await.ok()? == expected).then_some(())).await;
    };
    let names = [
        "",
        "readiness",
        "liveness",
        "jangteo.post.v1.PostService",
        "jangteo.view.v1.MySalesService",
    ];
    for name in names {
        tells(name, "SERVING").await;
    }
    let unknown: Result<_, Status> = told("jangteo.no.v1.Service").await;
    refused(unknown, Code::NotFound, "SERVICE_UNKNOWN");
    market.node("post").kill();
    let serving = [false, true, true, false, true];
    for (name, serving) in names.into_iter().zip(serving) {
        let expected = if serving { "SERVING" } else { "NOT_SERVING" };
        tells(name, expected).await;
    }
}

/// What has come in is answered, by whom it was meant for.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_inside_is_answered_though_the_gateway_is_told_to_go() {
    let market = Market::gated(Layout::apart(SECOND_HAND, Database::Sqlite), &[]).await;
    let gateway = market.gateway_with(&[("JANGTEO_DRAIN_MS", "20000")]).await;
    let post = market.person("seller01").sells_phone().await;
    market.gate("offer", "post").blackhole();
    let web = Web::of(&gateway, &market.keys.user("buyer01"));
    let asked = web.post("/v1/offers", json!({"postId": post}));
    let going = async {
        market.has("offer", 1, "state = 'asking'").await;
        gateway.terminate().unwrap();
    };
    let (answer, ()) = tokio::join!(asked, going);
    assert_eq!((answer.code, answer.reason()), (503, "POST_UNAVAILABLE"), "{answer:?}");
    assert!(gateway.wait_exit(SOON).await.unwrap().success());
}
