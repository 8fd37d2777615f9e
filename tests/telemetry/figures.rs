//! Figures, from their names to their values.

use jangteo_testing::{Collector, grpc, within};
use serde_json::json;

use super::{SOON, observed};
use crate::{gateway::web::Web, mesh::Mesh};

/// The figure of a metric with these attributes and no others, once there is one that fits.
async fn comes(
    collector: &Collector,
    metric: &str,
    unit: &str,
    attributes: &[(&str, &str)],
    fits: impl Fn(i64) -> bool,
) {
    let attributes =
        attributes.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
    let found = within(SOON, async || {
        let points = collector.points(metric);
        points
            .into_iter()
            .find(|it| it.attributes == attributes && it.unit == unit && fits(it.value))
    });
    let found = found.await;
    assert!(found.is_some(), "{metric} {attributes:?}: {:?}", collector.points(metric));
}

/// All that comes over HTTP is counted by its route, and a call by each who has a part in it.
#[tokio::test(flavor = "multi_thread")]
async fn what_comes_in_at_the_gateway_is_counted_there() {
    let (mesh, collector) = observed().await.unwrap();
    let web = Web::of(&mesh.node, &mesh.keys.user("seller01"));
    for path in ["/v1/posts", "/v1/posts?text=x", "/v1/no/such"] {
        web.get(path).await;
    }
    let list = "/jangteo.post.v1.PostService/ListPosts";
    grpc::call(mesh.node.http_channel(), list, json!({}), None, &[]).await.unwrap();
    let (name, unit) = ("http.server.request.duration", "s");
    let answered = |code| {
        let method = ("http.request.method", "GET");
        vec![method, ("http.response.status_code", code), ("url.scheme", "http")]
    };
    let found = [answered("200"), vec![("http.route", "/v1/posts")]].concat();
    comes(&collector, name, unit, &found, |requests| requests == 2).await;
    comes(&collector, name, unit, &answered("404"), |requests| requests == 1).await;
    let call = [
        ("rpc.system", "grpc"),
        ("rpc.service", "jangteo.post.v1.PostService"),
        ("rpc.method", "ListPosts"),
        ("rpc.grpc.status_code", "0"),
    ];
    let passed = [&call[..], &[("jangteo.context", "gateway")]].concat();
    comes(&collector, "rpc.server.duration", "ms", &passed, |calls| calls == 1).await;
    comes(&collector, "rpc.server.duration", "ms", &call, |calls| calls == 3).await;
}

async fn post(mesh: &Mesh) {
    let body = json!({"goods": "의자", "price_krw": 5000, "neighbourhood": "방배동"});
    mesh.call("seller01", "post.v1.PostService/CreatePost", body).await.unwrap();
}

const POST: [(&str, &str); 1] = [("jangteo.context", "post")];
const VIEW: [(&str, &str); 1] = [("jangteo.context", "view")];
const VIEW_OF_POST: [(&str, &str); 2] = [("jangteo.context", "view"), ("jangteo.source", "post")];

#[tokio::test(flavor = "multi_thread")]
async fn the_lag_grows_without_a_broker_and_goes_back_to_nothing() {
    let (mesh, collector) = observed().await.unwrap();
    let figures = &collector;
    comes(figures, "jangteo.journal.lag", "{event}", &POST, |events| events == 0).await;
    comes(figures, "jangteo.consumer.lag", "{message}", &VIEW_OF_POST, |it| it == 0).await;
    mesh.nats.kill();
    for _ in 0..3 {
        post(&mesh).await;
    }
    comes(figures, "jangteo.journal.lag", "{event}", &POST, |events| events == 3).await;
    comes(figures, "jangteo.journal.age", "ms", &POST, |age| age > 100).await;
    mesh.nats.restart().await.unwrap();
    comes(figures, "jangteo.journal.lag", "{event}", &POST, |events| events == 0).await;
    comes(figures, "jangteo.journal.age", "ms", &POST, |age| age == 0).await;
    comes(figures, "jangteo.consumer.lag", "{message}", &VIEW_OF_POST, |it| it == 0).await;
    let create = [
        ("rpc.system", "grpc"),
        ("rpc.service", "jangteo.post.v1.PostService"),
        ("rpc.method", "CreatePost"),
        ("rpc.grpc.status_code", "0"),
    ];
    comes(figures, "rpc.server.duration", "ms", &create, |calls| calls == 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_can_not_be_used_are_counted() {
    let (mesh, collector) = observed().await.unwrap();
    comes(&collector, "jangteo.dead_letters", "{event}", &VIEW, |events| events == 0).await;
    comes(&collector, "jangteo.consumer.lag", "{message}", &VIEW_OF_POST, |_| true).await;
    let nats = mesh.nats.client().await.unwrap();
    let subject = "jangteo.post.p00.PostWritten";
    nats.publish(subject, "no event at all".into()).await.unwrap();
    let mut headers = async_nats::HeaderMap::new();
    let id = uuid();
    for (name, value) in [
        ("ce-kind", "post"),
        ("ce-type", "jangteo.post.v1.PostWritten"),
        ("ce-subject", &id),
        ("ce-sequence", "1"),
        ("ce-correlationid", &id),
        ("ce-causationid", &id),
        ("ce-time", "2026-11-21T00:00:00Z"),
    ] {
        headers.insert(name, value);
    }
    nats.publish_with_headers(subject, headers, "\u{1}".into()).await.unwrap();
    nats.flush().await.unwrap();
    comes(&collector, "jangteo.consumer.unreadable", "{message}", &VIEW_OF_POST, |it| it == 1)
        .await;
    // One for each read model that follows posts.
    comes(&collector, "jangteo.dead_letters", "{event}", &VIEW, |events| events == 3).await;
}

/// An open offer sleeps until it expires; what nothing waits for any more is told as nothing.
#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_counted_by_kind() {
    let (mesh, collector) = observed().await.unwrap();
    let body = json!({"goods": "의자", "price_krw": 5000, "neighbourhood": "방배동"});
    let (post, _) = mesh.call("seller01", "post.v1.PostService/CreatePost", body).await.unwrap();
    let asked = json!({"post_id": post["id"]});
    let create = "offer.v1.OfferService/CreateOffer";
    let offer = within(SOON, async || mesh.call("buyer01", create, asked.clone()).await.ok());
    let (offer, _) = offer.await.expect("the post can be asked for");
    let sleeping = [
        ("jangteo.context", "offer"),
        ("jangteo.saga.kind", "offer"),
        ("jangteo.saga.state", "sleeping"),
    ];
    comes(&collector, "jangteo.sagas", "{saga}", &sleeping, |sagas| sagas == 1).await;
    comes(&collector, "jangteo.saga.age", "ms", &sleeping, |age| age == 0).await;
    let withdrawn = json!({"id": offer["id"]});
    mesh.call("buyer01", "offer.v1.OfferService/WithdrawOffer", withdrawn).await.unwrap();
    comes(&collector, "jangteo.sagas", "{saga}", &sleeping, |sagas| sagas == 0).await;
}

fn uuid() -> String {
    "01936b5e-0000-7000-8000-000000000001".to_owned()
}
