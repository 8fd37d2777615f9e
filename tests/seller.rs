//! A seller: writes posts, looks at his page, and remembers what he was told.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::Result;
use futures::{StreamExt as _, stream::BoxStream};
use jangteo_testing::{
    Nats, Node,
    checker::{self, Case, History, Write},
    grpc,
    tokens::Keys,
    until,
};
use serde_json::{Value, json};
use tonic::{Status, transport::Channel};
use tonic_types::StatusExt as _;
use uuid::Uuid;

/// How long anything may take on a busy machine.
pub(crate) const LONG: Duration = Duration::from_secs(30);

/// A person who sells at one node.
pub(crate) struct Seller {
    channel: Channel,
    token: String,
    writes: Mutex<Vec<Write>>,
}

/// What a write was answered.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    /// The post.
    pub(crate) id: String,
    /// What a read of it should carry.
    pub(crate) token: String,
}

impl Seller {
    pub(crate) fn at(node: &Node, keys: &Keys, name: &str) -> Self {
        Self { channel: node.channel(), token: keys.user(name), writes: Mutex::default() }
    }

    /// Writes a post.
    pub(crate) async fn write(&self, goods: &str) -> Result<Written, Status> {
        let body = json!({"goods": goods, "price_krw": 10_000, "neighbourhood": "서초동"});
        self.send("CreatePost", "PostWritten", body, request_id()).await
    }

    /// Writes a post however often it takes, always as the same request.
    pub(crate) async fn insist(&self, goods: &str) -> Written {
        let body = json!({"goods": goods, "price_krw": 10_000, "neighbourhood": "서초동"});
        let request = request_id();
        until(2 * LONG, async || {
            self.send("CreatePost", "PostWritten", body.clone(), request).await.ok()
        })
        .await
    }

    /// Changes the price of a post.
    pub(crate) async fn reprice(&self, id: &str, price_krw: i64) -> Result<Written, Status> {
        let body = json!({"id": id, "price_krw": price_krw});
        self.send("UpdatePost", "PostEdited", body, request_id()).await
    }

    /// Deletes a post.
    pub(crate) async fn delete(&self, id: &str) -> Result<Written, Status> {
        self.send("DeletePost", "PostDeleted", json!({"id": id}), request_id()).await
    }

    async fn send(
        &self,
        rpc: &str,
        event: &'static str,
        mut body: Value,
        request_id: Uuid,
    ) -> Result<Written, Status> {
        body["request_id"] = json!(request_id);
        let path = format!("/jangteo.post.v1.PostService/{rpc}");
        let answer = grpc::call(self.channel.clone(), &path, body, Some(&self.token), &[]).await?;
        let (post, token) = (grpc::json(&answer.0), answer.1.get("jangteo-token"));
        let token = token.expect("every write answers one");
        let text = |field: &str| post[field].as_str().expect("every post has it").to_owned();
        let (id, etag) = (text("id"), text("etag"));
        let write = Write { request_id, id: id.parse().expect("ids are UUIDs"), etag, event };
        self.writes.lock().unwrap_or_else(PoisonError::into_inner).push(write);
        Ok(Written { id, token: token.to_str().expect("tokens are ASCII").to_owned() })
    }

    /// Reads a post itself.
    pub(crate) async fn post(&self, id: &str) -> Result<Value, Status> {
        self.read("post.v1.PostService/GetPost", json!({"id": id}), "").await
    }

    /// Looks a sale up on his page.
    pub(crate) async fn sale(&self, id: &str) -> Result<Value, Status> {
        self.sale_since(id, "").await
    }

    /// Looks a sale up on his page, no older than a write says.
    pub(crate) async fn sale_since(&self, id: &str, token: &str) -> Result<Value, Status> {
        self.read("view.v1.MySalesService/GetMySale", json!({"post_id": id}), token).await
    }

    async fn read(&self, rpc: &str, body: Value, token: &str) -> Result<Value, Status> {
        let metadata: grpc::Metadata<'_> =
            if token.is_empty() { &[] } else { &[("jangteo-token", token)] };
        let path = format!("/jangteo.{rpc}");
        let bearer = Some(self.token.as_str());
        let answer = grpc::call(self.channel.clone(), &path, body, bearer, metadata).await?;
        Ok(grpc::json(&answer.0))
    }

    /// Waits until a post is on his page.
    #[track_caller]
    pub(crate) fn sees(&self, id: &str) -> impl Future<Output = Value> {
        until(LONG, async || self.sale(id).await.ok())
    }

    /// Waits until his page shows this price.
    #[track_caller]
    pub(crate) fn sees_price(&self, id: &str, price_krw: i64) -> impl Future<Output = Value> {
        let price = price_krw.to_string();
        until(LONG, move || {
            let price = price.clone();
            async move { self.sale(id).await.ok().filter(|sale| sale["priceKrw"] == price) }
        })
    }

    /// Watches his page.
    pub(crate) async fn watch(&self, resume_token: &str) -> Result<Watch, Status> {
        let path = "/jangteo.view.v1.MySalesService/WatchMySales";
        let body = json!({"resume_token": resume_token});
        Watch::open(self.channel.clone(), path, body, Some(&self.token)).await
    }

    /// What he was told so far; `complete` if there was no answer that he did not get.
    pub(crate) fn history(&self, complete: bool) -> History {
        let writes = self.writes.lock().unwrap_or_else(PoisonError::into_inner).clone();
        History { writes, complete, ..History::default() }
    }
}

/// An open watch.
pub(crate) struct Watch(BoxStream<'static, Result<Value, Status>>);

impl Watch {
    /// Calls an RPC by its path that answers with changes.
    pub(crate) async fn open(
        channel: Channel,
        path: &str,
        body: Value,
        token: Option<&str>,
    ) -> Result<Self, Status> {
        let changes = grpc::stream(channel, path, body, token, &[]).await?;
        Ok(Self(changes.map(|change| change.map(|change| grpc::json(&change))).boxed()))
    }

    /// The next change, or how the watch ended.
    pub(crate) async fn next(&mut self) -> Result<Value, Status> {
        let next = tokio::time::timeout(LONG, self.0.next()).await.expect("a change or the end");
        next.unwrap_or_else(|| Err(Status::ok("the stream ended")))
    }
}

/// What makes a request the same when it is sent again.
#[expect(clippy::disallowed_methods, reason = "clients make their own request ids")]
pub(crate) fn request_id() -> Uuid {
    Uuid::new_v4()
}

/// Whether a node says that this of it serves; none where it says nothing.
pub(crate) async fn serving(node: &Node, service: &str) -> Option<bool> {
    Some(node.health(service).await.ok()?.as_str_name() == "SERVING")
}

/// The reason that an error gives to programs.
pub(crate) fn reason(status: &Status) -> String {
    jangteo::errors::reason(status).unwrap_or_default()
}

/// Whether an error says when to try again.
pub(crate) fn says_when(status: &Status) -> bool {
    status.get_details_retry_info().is_some_and(|info| info.retry_delay.is_some())
}

/// Waits until a node's output says all of these words in one line.
#[track_caller]
pub(crate) fn says(node: &Node, words: &[&str]) -> impl Future<Output = ()> {
    until(LONG, async || {
        let output = node.output();
        output.lines().any(|line| words.iter().all(|word| line.contains(word))).then_some(())
    })
}

/// Waits until nothing is lost, doubled or out of step in these databases of post and view; with a
/// broker, also in its stream.
pub(crate) async fn at_rest(databases: [String; 2], history: History, nats: Option<&Nats>) {
    at_rest_within(LONG, databases, history, nats).await;
}

/// The same, where there is more to be done than usual.
pub(crate) async fn at_rest_within(
    patience: Duration,
    [post, view]: [String; 2],
    history: History,
    nats: Option<&Nats>,
) {
    checker::settled(patience, async || {
        let stream = match nats {
            Some(nats) => Some(checker::messages(&nats.client().await?, "POST").await?),
            None => None,
        };
        let history = history.clone();
        let (post, view) = (post.clone(), view.clone());
        checker::check(&Case { post, view, sale: None, stream, history }).await
    })
    .await;
}

/// The SQLite databases of a node.
pub(crate) fn databases(node: &Node) -> [String; 2] {
    ["post", "view"].map(|name| format!("sqlite://{}/{name}.db", node.data_dir().display()))
}
