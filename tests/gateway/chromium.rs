//! A page in a real browser: story A by gRPC-Web, from another origin, with libraries that others keep.

use std::{future::ready, path::PathBuf};

use axum::{
    Json, Router,
    extract::Path as Named,
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post},
};
use jangteo_testing::{Chromium, Node, until};
use reqwest::{StatusCode, header::CONTENT_TYPE};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::mpsc::{self, Receiver, Sender},
    task::JoinSet,
    time::timeout,
};

use crate::{
    mesh::Database,
    seller::LONG,
    stories::{
        market::{Layout, Market, SECOND_HAND},
        second_hand::SCRIPT,
        shell::{bash, root, run},
    },
};

/// What the page does, one after the other.
const STEPS: [&str; 14] = [
    "WATCH", "A-T1", "A-T2", "A-T3", "A-T4", "A-T5", "A-T6", "A-T7", "A-T8", "A-T9", "A-T10",
    "A-T11", "A-T12", "HANG UP",
];

/// Where the page comes from, which is not where the market is.
struct Site {
    listener: TcpListener,
    origin: String,
}

impl Site {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        Self { listener, origin }
    }

    /// Opens the page before this gateway, and waits for what it reports.
    async fn open(self, market: &Market, gateway: &Node) -> (Chromium, Value) {
        let [packages, chromium] = [brought("web").await, brought("chromium").await];
        let (tell, told) = mpsc::channel(1);
        let mut served = JoinSet::new();
        let router = router(packages, known(market, gateway), tell);
        served.spawn(async move { axum::serve(self.listener, router).await });
        let browser = Chromium::open(&chromium, &self.origin).unwrap();
        let report = report(&browser, told).await;
        (browser, report)
    }
}

async fn report(browser: &Chromium, mut told: Receiver<Value>) -> Value {
    // The story waits for several things, one after the other.
    let Ok(Some(report)) = timeout(4 * LONG, told.recv()).await else {
        panic!("the page reports nothing:\n{}", browser.log());
    };
    report
}

/// What a script prints that brings something.
async fn brought(script: &str) -> PathBuf {
    let mut bring = bash();
    bring.arg(root().join("scripts").join(script));
    run(bring).await.well().trim().into()
}

/// What the page has to know of the market.
fn known(market: &Market, gateway: &Node) -> Value {
    let tokens = SCRIPT.people.iter().map(|name| (*name, json!(market.keys.user(name))));
    let tokens: Value = tokens.chain([("stranger", Value::Null)]).collect();
    json!({"url": gateway.http_url(), "tokens": tokens})
}

fn router(packages: PathBuf, market: Value, reports: Sender<Value>) -> Router {
    // Messages are merged by writing them one after the other: one set of both.
    let descriptors = [jangteo::DESCRIPTOR_SET, tonic_types::pb::FILE_DESCRIPTOR_SET].concat();
    let page = root().join("tests/gateway/page");
    let index = page.join("index.html");
    let report = move |Json(report): Json<Value>| {
        reports.try_send(report).unwrap();
        ready(())
    };
    Router::new()
        .route("/", get(move || file(index.clone())))
        .route("/market.json", get(Json(market)))
        .route("/descriptors.bin", get(descriptors))
        .route("/report", post(report))
        .route("/packages/{*name}", files(packages))
        .route("/{name}", files(page))
}

/// The files of a folder.
fn files(folder: PathBuf) -> MethodRouter {
    get(move |Named(name): Named<String>| file(folder.join(name)))
}

/// A file as a browser wants it.
async fn file(path: PathBuf) -> Response {
    let kind = match path.extension().and_then(|it| it.to_str()) {
        Some("html") => "text/html",
        _ => "text/javascript",
    };
    match tokio::fs::read(path).await {
        Ok(bytes) => ([(CONTENT_TYPE, kind)], bytes).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A-T1, A-T2, A-T3, A-T4, A-T5, A-T6, A-T7, A-T8, A-T9, A-T10, A-T11, A-T12
#[tokio::test(flavor = "multi_thread")]
async fn a_page_plays_the_story() {
    let market = Market::start(Layout::apart(SECOND_HAND, Database::Sqlite)).await.unwrap();
    let site = Site::new().await;
    let gateway = market.gateway_with(&[("JANGTEO_CORS_ORIGINS", &site.origin)]).await;
    let (browser, report) = site.open(&market, &gateway).await;
    let expected = json!({"done": STEPS, "failure": null});
    assert_eq!(report, expected, "{}", browser.log());
    // Nothing of it stays.
    assert!(browser.processes() > 1);
    browser.kill();
    until(LONG, async || (browser.processes() == 0).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_an_origin_that_is_not_allowed_gets_nowhere() {
    let market = Market::start(Layout::apart(SECOND_HAND, Database::Sqlite)).await.unwrap();
    let another = [("JANGTEO_CORS_ORIGINS", "https://market.example")];
    let gateway = market.gateway_with(&another).await;
    let (browser, report) = Site::new().await.open(&market, &gateway).await;
    let failure = "ConnectError: [unknown] Failed to fetch";
    assert_eq!(report, json!({"done": [], "failure": failure}), "{}", browser.log());
    // It is the browser that forbids it.
    until(LONG, async || browser.log().contains("blocked by CORS policy").then_some(())).await;
}
