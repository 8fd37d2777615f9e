//! One trace through the gateway, in whichever language it is called.

use jangteo_testing::{
    Collector, Node,
    collector::{
        Span,
        SpanKind::{self, Client, Consumer, Producer, Server},
    },
    grpc, until,
};
use reqwest::Method;
use serde_json::{Value, json};

use super::{SOON, client, sale, trace::told};
use crate::{gateway::web::Web, stories::market::Market};

const CREATE: &str = "jangteo.post.v1.PostService/CreatePost";
const GATEWAY: &str = "jangteo-gateway";

/// A step of a trace: the process, the span, and what it is to the step before.
type Step = (String, String, SpanKind);

async fn observed() -> (Market, Node, Collector) {
    let (market, collector) = sale::observed().await;
    let url = collector.url();
    let envs = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", url.as_str()),
        ("OTEL_BSP_SCHEDULE_DELAY", "100"),
        ("OTEL_SERVICE_NAME", GATEWAY),
    ];
    let gateway = market.gateway_with(&envs).await;
    (market, gateway, collector)
}

fn chair() -> Value {
    json!({"goods": "의자", "priceKrw": 5_000, "neighbourhood": "방배동"})
}

/// The spans from where an event of this trace is taken in back to the client, once all are there.
fn way(spans: &[Span], trace: &str, client: &str) -> Option<Vec<Span>> {
    let spans = || spans.iter().filter(|span| span.trace == trace);
    let mut way = vec![spans().find(|span| span.kind == Consumer)?.clone()];
    loop {
        let parent = &way.last()?.parent;
        if parent == client {
            return Some(way);
        }
        way.push(spans().find(|span| span.id == *parent)?.clone());
    }
}

async fn came(collector: &Collector, trace: &str, client: &str) -> Vec<Span> {
    until(SOON, async || way(&collector.spans(), trace, client)).await
}

fn steps(way: &[Span]) -> Vec<Step> {
    let step = |span: &Span| (span.process["service.name"].clone(), span.name.clone(), span.kind);
    way.iter().map(step).collect()
}

/// What must be seen of a post that is written, by the span with which it came in.
fn expected(entry: &str) -> Vec<Step> {
    let step = |(process, name, kind): (&str, &str, _)| (process.to_owned(), name.to_owned(), kind);
    let steps = [
        ("jangteo", "process jangteo.post", Consumer),
        ("jangteo", "publish jangteo.post", Producer),
        ("jangteo", CREATE, Server),
        (GATEWAY, CREATE, Client),
        (GATEWAY, entry, Server),
    ];
    steps.map(step).into()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_trace_goes_from_a_client_through_the_gateway_to_the_view() {
    let (market, gateway, collector) = observed().await;
    let token = market.keys.user("seller01");
    let (web, path) = (Web::of(&gateway, &token), format!("/{CREATE}"));

    let json = "1af7651916cd43dd8448eb211c80319c";
    let (span, header) = client(json);
    let request = web.ask(Method::POST, "/v1/posts").json(&chair());
    let answer = request.header("traceparent", header).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    let way = came(&collector, json, &span).await;
    assert_eq!(steps(&way), expected("POST /v1/posts"));
    conventions(&way);

    let native = "3af7651916cd43dd8448eb211c80319c";
    let (span, header) = client(native);
    let metadata = [("traceparent", header.as_str())];
    grpc::call(gateway.http_channel(), &path, chair(), Some(&token), &metadata).await.unwrap();
    assert_eq!(steps(&came(&collector, native, &span).await), expected(CREATE));

    let browser = "4af7651916cd43dd8448eb211c80319c";
    let (span, header) = client(browser);
    let request = web.grpc(&path, chair()).header("traceparent", header);
    assert_eq!(request.send().await.unwrap().status().as_u16(), 200);
    assert_eq!(steps(&came(&collector, browser, &span).await), expected(CREATE));
}

/// What the spans of the gateway tell beside their names.
fn conventions(way: &[Span]) {
    let [.., call, request] = way else { panic!("{way:?}") };
    told(
        &request.attributes,
        &[
            ("http.request.method", "POST"),
            ("http.route", "/v1/posts"),
            ("http.response.status_code", "200"),
            ("url.path", "/v1/posts"),
            ("url.scheme", "http"),
        ],
    );
    let (service, method) =
        (("rpc.service", "jangteo.post.v1.PostService"), ("rpc.method", "CreatePost"));
    let status = ("rpc.grpc.status_code", "0");
    told(&call.attributes, &[("rpc.system", "grpc"), service, method, status]);
}

/// A watch is one request and one call, until the client hangs up.
#[tokio::test(flavor = "multi_thread")]
async fn a_watch_is_in_the_trace_of_its_client() {
    let (market, gateway, collector) = observed().await;
    let web = Web::of(&gateway, &market.keys.user("seller01"));
    let trace = "5af7651916cd43dd8448eb211c80319c";
    let (client, header) = client(trace);
    let watch = web.ask(Method::GET, "/v1/my/sales:watch").header("traceparent", header);
    let mut watch = watch.send().await.unwrap();
    assert!(watch.chunk().await.unwrap().is_some());
    drop(watch);
    let [request, call] = until(SOON, async || {
        let spans = collector.spans();
        let of = |kind| spans.iter().find(|it| it.trace == trace && it.kind == kind).cloned();
        let request = spans.iter().find(|it| it.parent == client)?.clone();
        Some([request, of(Client)?])
    })
    .await;
    assert_eq!((request.name.as_str(), &call.parent), ("GET /v1/my/sales:watch", &request.id));
    // It has ended without a word of the context's.
    told(&call.attributes, &[("rpc.method", "WatchMySales"), ("rpc.grpc.status_code", "1")]);
}
