//! Scripts in browsers: whose origin is allowed, and gRPC-Web.

use jangteo_testing::grpc;
use prost_reflect::DynamicMessage;
use reqwest::Method;
use serde_json::{Value, json};
use tonic::Code;

use super::web::{Web, answer, unframed};
use crate::{
    mesh::Database,
    stories::market::{Layout, Market, SECOND_HAND},
};

const ORIGIN: &str = "https://market.example";

#[tokio::test(flavor = "multi_thread")]
async fn only_scripts_of_allowed_origins_may_call() {
    let market = Market::start(Layout::apart(SECOND_HAND, Database::Sqlite)).await.unwrap();
    let gateway = market.gateway_with(&[("JANGTEO_CORS_ORIGINS", ORIGIN)]).await;
    let web = Web::stranger(&gateway);
    let preflight = |origin: &str| {
        let request = web.ask(Method::OPTIONS, "/v1/posts").header("origin", origin);
        let request = request.header("access-control-request-method", "POST");
        answer(request.header("access-control-request-headers", "authorization,content-type"))
    };
    let allowed = preflight(ORIGIN).await;
    assert_eq!(allowed.header("access-control-allow-origin"), ORIGIN);
    assert!(allowed.header("access-control-allow-methods").contains("POST"));
    assert_eq!(allowed.header("access-control-allow-headers"), "authorization,content-type");
    // Tokens are sent by hand, never by the browser.
    assert_eq!(allowed.header("access-control-allow-credentials"), "");
    assert_eq!(preflight("https://thief.example").await.header("access-control-allow-origin"), "");
    let read = answer(web.ask(Method::GET, "/v1/posts").header("origin", ORIGIN)).await;
    assert_eq!((read.code, read.header("access-control-allow-origin")), (200, ORIGIN));
    assert!(read.header("access-control-expose-headers").contains("grpc-status-details-bin"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_speaks_grpc_web() {
    let market = Market::start(Layout::apart(SECOND_HAND, Database::Sqlite)).await.unwrap();
    let gateway = market.gateway().await;
    let web = Web::of(&gateway, &market.keys.user("seller01"));
    let call = async |rpc: &str, body: Value| {
        let path = format!("/jangteo.post.v1.PostService/{rpc}");
        let (message, end) = unframed(web.grpc(&path, body).send().await.unwrap()).await;
        let output = grpc::method(&path).output();
        let message = message.map(|it| DynamicMessage::decode(output, &*it).unwrap());
        (message.map(|it| grpc::json(&it)), end.code())
    };
    let chair = json!({"goods": "의자", "priceKrw": 5_000, "neighbourhood": "방배동"});
    let (post, code) = call("CreatePost", chair).await;
    assert_eq!((&post.unwrap()["goods"], code), (&json!("의자"), Code::Ok));
    // What is between contexts stays there.
    assert_eq!(call("ReservePost", json!({})).await, (None, Code::Unimplemented));
}
