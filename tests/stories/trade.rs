//! What sellers and buyers do, in the words of the market.

use std::time::Duration;

use jangteo_testing::within;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};
use tonic::Status;

use super::market::{Client, Market, Reply};

/// How long anything may take to come true.
pub(crate) const SOON: Duration = Duration::from_secs(30);

/// What the phone of the story costs.
pub(crate) const PHONE_KRW: u32 = 600_000;

impl Client {
    /// Writes a post, and answers its id.
    pub(crate) async fn writes(&self, goods: &str, price_krw: u32) -> String {
        let post = json!({"goods": goods, "priceKrw": price_krw, "neighbourhood": "방배동"});
        self.post("CreatePost", post).await.unwrap().id().to_owned()
    }

    /// Writes the post of the phone, and answers its id.
    pub(crate) async fn sells_phone(&self) -> String {
        self.writes("아이폰13 공기계", PHONE_KRW).await
    }

    /// Calls an RPC of offers.
    pub(crate) async fn offer(&self, method: &str, body: Value) -> Result<Reply, Status> {
        self.ask(&format!("offer.v1.OfferService/{method}"), body).await
    }

    /// Calls an RPC of deals.
    pub(crate) async fn deal(&self, method: &str, body: Value) -> Result<Reply, Status> {
        self.ask(&format!("deal.v1.DealService/{method}"), body).await
    }

    /// Asks for a post at its price.
    pub(crate) async fn requests(&self, post: &str) -> Result<Reply, Status> {
        self.offer("CreateOffer", json!({"postId": post})).await
    }

    /// Proposes a price for a post.
    pub(crate) async fn proposes(&self, post: &str, price_krw: u32) -> Result<Reply, Status> {
        self.offer("CreateOffer", json!({"postId": post, "offeredPriceKrw": price_krw})).await
    }

    /// Proposes a price that the seller accepts at once; answers the offer's id.
    pub(crate) async fn agrees(&self, seller: &Self, post: &str, price_krw: u32) -> String {
        let offer = self.proposes(post, price_krw).await.unwrap().id().to_owned();
        seller.offer("AcceptOffer", json!({"id": offer})).await.unwrap();
        offer
    }

    /// Reserves a deal from an offer.
    pub(crate) async fn reserves(&self, offer: &str) -> Result<Reply, Status> {
        self.deal("ReserveDeal", json!({"offerId": offer})).await
    }

    /// Waits until an offer of the caller's stands so.
    pub(crate) async fn sees_offer(&self, id: &str, state: &str) -> Reply {
        self.sees("offer.v1.OfferService/GetOffer", json!({"id": id}), state).await
    }

    /// Waits until a post stands so.
    pub(crate) async fn sees_post(&self, id: &str, state: &str) -> Reply {
        self.sees("post.v1.PostService/GetPost", json!({"id": id}), state).await
    }

    /// Waits until a deal of the caller's stands so.
    pub(crate) async fn sees_deal(&self, id: &str, state: &str) -> Reply {
        self.sees("deal.v1.DealService/GetDeal", json!({"id": id}), state).await
    }

    /// Waits until my-page shows a sale so.
    pub(crate) async fn sees_sale(&self, post: &str, state: &str) -> Reply {
        self.sees("view.v1.MySalesService/GetMySale", json!({"postId": post}), state).await
    }

    /// Waits until what an RPC shows stands so.
    pub(crate) async fn sees(&self, rpc: &str, body: Value, state: &str) -> Reply {
        let seen = within(SOON, async || {
            let answer = self.ask(rpc, body.clone()).await;
            answer.ok().filter(|reply| reply.text("state") == state)
        });
        if let Some(reply) = seen.await {
            return reply;
        }
        let last = self.ask(rpc, body.clone()).await;
        panic!("{rpc} {body} should have become {state}, not {last:?}");
    }

    /// The caller's offers for a post, newest first.
    pub(crate) async fn offers(&self, post: &str) -> Vec<Value> {
        let page = self.offer("ListOffers", json!({"postId": post, "pageSize": 100})).await;
        listed(&page.unwrap(), "offers")
    }

    /// The caller's deals, newest first.
    pub(crate) async fn deals(&self) -> Vec<Value> {
        listed(&self.deal("ListDeals", json!({"pageSize": 100})).await.unwrap(), "deals")
    }

    /// All pages of a list, joined.
    pub(crate) async fn all(&self, rpc: &str, list: &str, asked: Value) -> Vec<Value> {
        pages(list, asked, async |asked| self.ask(rpc, asked).await).await
    }

    /// All events of a context; only operators read them.
    pub(crate) async fn events(&self, context: &str) -> Vec<Value> {
        let asked = json!({"context": context, "pageSize": 1000});
        let page = async |asked: Value| self.journal(context, "ReadEvents", asked).await;
        pages("events", asked, page).await
    }

    /// The history of one aggregate, by the names of its events; only operators read it.
    pub(crate) async fn history(&self, context: &str, id: &str) -> Vec<String> {
        self.history_of(context, context, id).await
    }

    /// The same, of a context that has aggregates of several kinds.
    async fn history_of(&self, context: &str, kind: &str, id: &str) -> Vec<String> {
        let asked = json!({"context": context, "kind": kind, "aggregateId": id});
        let page = self.journal(context, "ReadEvents", asked).await.unwrap();
        listed(&page, "events").iter().map(named).collect()
    }

    /// Waits until this is the history of one aggregate; only operators read it.
    pub(crate) async fn finds(&self, context: &str, id: &str, expected: &[&str]) {
        self.finds_of(context, context, id, expected).await;
    }

    /// The same, of a context that has aggregates of several kinds.
    pub(crate) async fn finds_of(&self, context: &str, kind: &str, id: &str, expected: &[&str]) {
        let found = within(SOON, async || {
            let history = self.history_of(context, kind, id).await;
            (history == expected).then_some(())
        });
        if found.await.is_none() {
            let last = self.history_of(context, kind, id).await;
            panic!("{kind} {id} should have the history {expected:?}, not {last:?}");
        }
    }
}

/// All pages of a list, joined.
async fn pages(
    list: &str,
    mut asked: Value,
    ask: impl AsyncFn(Value) -> Result<Reply, Status>,
) -> Vec<Value> {
    let mut all = vec![];
    loop {
        let page = ask(asked.clone()).await.unwrap();
        all.extend(listed(&page, list));
        match page.text("nextPageToken") {
            "" => return all,
            next => asked["pageToken"] = json!(next),
        }
    }
}

/// The name of an event, less its package.
pub(crate) fn named(event: &Value) -> String {
    let name = event["type"].as_str().and_then(|name| name.rsplit('.').next());
    name.expect("an event has a type").to_owned()
}

/// The list in an answer; an empty one is left out of it.
pub(crate) fn listed(page: &Reply, field: &str) -> Vec<Value> {
    page.body[field].as_array().cloned().unwrap_or_default()
}

/// The states of what is listed.
pub(crate) fn states(listed: &[Value]) -> Vec<&str> {
    listed.iter().map(|it| it["state"].as_str().unwrap_or_default()).collect()
}

impl Market {
    /// How many rows of a context's table, which has the context's name, are so.
    pub(crate) async fn rows(&self, context: &str, so: &str) -> i64 {
        let db = self.reading(context).await;
        let count = format!("SELECT COUNT(*) AS many FROM {context} WHERE {so}");
        let count = Statement::from_string(db.get_database_backend(), count);
        let row = db.query_one_raw(count).await.unwrap().expect("a count is a row");
        row.try_get("", "many").unwrap()
    }

    /// Waits until so many rows of a context's table are so.
    pub(crate) async fn has(&self, context: &str, many: i64, so: &str) {
        let there = async || (self.rows(context, so).await == many).then_some(());
        if within(SOON, there).await.is_none() {
            let now = self.rows(context, so).await;
            panic!("there should be {many} rows of {context} where {so}, not {now}");
        }
    }

    /// Waits until no deal and no offer waits for an answer: what a deal lets go of asks again.
    pub(crate) async fn rests(&self) {
        let waits = "state IN ('taking', 'holding', 'releasing_post', 'releasing_offer')";
        self.has("deal", 0, waits).await;
        self.has("offer", 0, "asks_again OR state = 'asking'").await;
    }
}
