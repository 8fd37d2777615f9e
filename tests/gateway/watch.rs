//! A watch over HTTP: lines of JSON, or events that a browser takes up again.

use futures::future::join_all;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::web::Web;
use crate::{
    mesh::Database,
    stories::{
        market::{Client, Layout, Market, SECOND_HAND},
        trade::SOON,
    },
};

const WATCH: &str = "/v1/my/sales:watch";

/// A stream, line by line.
struct Lines {
    response: Response,
    read: Vec<u8>,
}

impl Lines {
    async fn of(request: RequestBuilder, kind: &str) -> Self {
        let response = request.send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["content-type"]),
            (200, &kind.parse().unwrap())
        );
        Self { response, read: vec![] }
    }

    /// The next line that begins so, less its beginning.
    async fn next(&mut self, begin: &str) -> String {
        let next = async {
            loop {
                while let Some(end) = self.read.iter().position(|byte| *byte == b'\n') {
                    let line: Vec<u8> = self.read.drain(..=end).collect();
                    let line = String::from_utf8(line).unwrap();
                    if let Some(line) = line.strip_prefix(begin) {
                        return line.trim_end().to_owned();
                    }
                }
                self.read.extend(self.response.chunk().await.unwrap().expect("the stream goes on"));
            }
        };
        timeout(SOON, next).await.expect("something comes")
    }

    async fn json(&mut self, begin: &str) -> Value {
        serde_json::from_str(&self.next(begin).await).unwrap()
    }
}

async fn market() -> (Market, Client, Web) {
    let market = Market::on(Database::Sqlite).await;
    let seller = market.person("seller01");
    let web = Web::of(market.post(), &market.keys.user("seller01"));
    (market, seller, web)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_is_a_line_for_each_change() {
    let (_market, seller, web) = market().await;
    let mut lines = Lines::of(web.ask(Method::GET, WATCH), "application/x-ndjson").await;
    assert!(lines.json("").await["result"]["reset"].is_object());
    let post = seller.sells_phone().await;
    let change = lines.json("").await;
    assert_eq!(change["result"]["sale"]["postId"], json!(post), "{change}");
    assert_eq!(change["result"]["sale"]["state"], "STATE_AVAILABLE");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_takes_a_watch_up_again_where_it_broke() {
    let (_market, seller, web) = market().await;
    // Its address is what it was, with whatever it began from.
    let events = |last: Option<String>| {
        let address = format!("{WATCH}?resumeToken={}", if last.is_some() { "1.0" } else { "" });
        let request = web.ask(Method::GET, &address).header("accept", "text/event-stream");
        last.into_iter().fold(request, |request, last| request.header("last-event-id", last))
    };
    let first = seller.sells_phone().await;
    seller.sees_sale(&first, "STATE_AVAILABLE").await;
    let mut watch = Lines::of(events(None), "text/event-stream").await;
    assert!(watch.json("data: ").await["reset"].is_object());
    assert_eq!(watch.json("data: ").await["sale"]["postId"], json!(first));
    let id = watch.next("id: ").await;
    drop(watch);
    let second = seller.writes("의자", 5_000).await;
    let mut again = Lines::of(events(Some(id)), "text/event-stream").await;
    // What was missed, and neither a reset nor what is known already.
    assert_eq!(again.json("data: ").await["sale"]["postId"], json!(second));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_is_refused_before_it_begins() {
    let (market, _seller, web) = market().await;
    let stranger = Web::stranger(market.post()).get(WATCH).await;
    assert_eq!((stranger.code, stranger.reason()), (401, "TOKEN_MISSING"));
    let forged = web.get(&format!("{WATCH}?resumeToken=x")).await;
    assert_eq!((forged.code, forged.reason()), (400, "RESUME_TOKEN_INVALID"), "{forged:?}");
}

/// A watch that breaks ends with what is wrong, in the form of every error.
#[tokio::test(flavor = "multi_thread")]
async fn a_watch_that_breaks_ends_with_an_error() {
    let market = Market::start(Layout::apart(SECOND_HAND, Database::Sqlite)).await.unwrap();
    let gateway = market.gateway().await;
    let web = Web::of(&gateway, &market.keys.user("seller01"));
    let events = web.ask(Method::GET, WATCH).header("accept", "text/event-stream");
    let mut events = Lines::of(events, "text/event-stream").await;
    let mut lines = Lines::of(web.ask(Method::GET, WATCH), "application/x-ndjson").await;
    assert!(events.json("data: ").await["reset"].is_object());
    assert!(lines.json("").await["result"]["reset"].is_object());
    market.node("view").kill();
    assert_eq!(events.next("event: ").await, "error");
    for error in [events.json("data: ").await, lines.json("").await["error"].take()] {
        assert_eq!(error["details"][0]["reason"], "OUTCOME_UNKNOWN", "{error}");
    }
}

/// However many watch, others are answered.
#[tokio::test(flavor = "multi_thread")]
async fn hundreds_of_watches_hold_nobody_up() {
    let (_market, seller, web) = market().await;
    let post = seller.sells_phone().await;
    seller.sees_sale(&post, "STATE_AVAILABLE").await;
    let open = || Lines::of(web.ask(Method::GET, WATCH), "application/x-ndjson");
    let mut watches = join_all((0..250).map(|_| open())).await;
    for watch in &mut watches {
        assert!(watch.json("").await["result"]["reset"].is_object());
    }
    assert_eq!(web.get("/v1/my/sales").await.code, 200);
    drop(watches);
}
