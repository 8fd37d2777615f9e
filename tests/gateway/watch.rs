//! A watch over HTTP: lines of JSON, or events that a browser takes up again.

use jangteo_testing::until;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::web::Web;
use crate::{
    mesh::Database,
    stories::{
        market::{Client, Market},
        trade::SOON,
    },
};

const WATCH: &str = "/v1/my/sales:watch";

/// A stream, line by line.
struct Lines {
    response: Response,
    read: String,
}

impl Lines {
    async fn of(request: RequestBuilder, kind: &str) -> Self {
        let response = request.send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["content-type"]),
            (200, &kind.parse().unwrap())
        );
        Self { response, read: String::new() }
    }

    /// The next line that begins so, less its beginning.
    async fn next(&mut self, begin: &str) -> String {
        let next = async {
            loop {
                while let Some((line, rest)) = self.read.split_once('\n') {
                    let (line, rest) = (line.to_owned(), rest.to_owned());
                    self.read = rest;
                    if let Some(line) = line.strip_prefix(begin) {
                        return line.to_owned();
                    }
                }
                let chunk = self.response.chunk().await.unwrap().expect("the stream goes on");
                self.read += std::str::from_utf8(&chunk).unwrap();
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
    let events = |last: Option<String>| {
        let request = web.ask(Method::GET, WATCH).header("accept", "text/event-stream");
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

/// A watch that breaks ends with what is wrong, in the form of every error.
#[tokio::test(flavor = "multi_thread")]
async fn a_watch_is_refused_before_it_begins() {
    let (market, _seller, web) = market().await;
    let stranger = Web::stranger(market.post()).get(WATCH).await;
    assert_eq!((stranger.code, stranger.reason()), (401, "TOKEN_MISSING"));
    let forged = web.get(&format!("{WATCH}?resumeToken=x")).await;
    assert_eq!((forged.code, forged.reason()), (400, "RESUME_TOKEN_INVALID"), "{forged:?}");
    until(SOON, async || (web.get("/v1/my/sales").await.code == 200).then_some(())).await;
}
