//! A market in any layout: contexts in one process or each in its own, on any databases.

use std::{path::Path, str::FromStr as _, time::Duration};

use anyhow::{Context as _, Result};
use jangteo_testing::{Nats, Node, grpc, node::Builder, scratch, tokens::Keys};
use prost::Message as _;
use prost_reflect::DynamicMessage;
use serde_json::Value;
use tempfile::TempDir;
use tonic::{Status, metadata::MetadataMap, transport::Channel};

use crate::mesh::{Database, node};

/// A loaded machine may take long; a read that waits for its write waits with it.
pub(crate) const PATIENCE: (&str, &str) = ("JANGTEO_TOKEN_WAIT_MS", "25000");

/// Where the contexts run, and what they keep their rows in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    /// Each context is a process of its own.
    pub(crate) apart: bool,
    /// What post keeps its rows in.
    pub(crate) post: Database,
    /// What view keeps its rows in.
    pub(crate) view: Database,
}

/// A broker and the processes of both contexts.
pub(crate) struct Market {
    // Above what they live on: they must be gone first.
    nodes: Vec<Node>,
    pub(crate) nats: Nats,
    pub(crate) keys: Keys,
    databases: [String; 2],
    channels: [Channel; 2],
    key_dir: TempDir,
}

impl Market {
    /// All contexts in one process, on new databases of this kind.
    pub(crate) async fn on(database: Database) -> Self {
        let layout = Layout { apart: false, post: database, view: database };
        Self::start(layout).await.expect("a market starts")
    }

    /// In any layout, on new databases.
    pub(crate) async fn start(layout: Layout) -> Result<Self> {
        let nats = Nats::start().await?;
        let key_dir = scratch::directory("keys")?;
        let urls = [layout.post.create().await?, layout.view.create().await?];
        let shared = node(&nats).key_dir(key_dir.path()).env(PATIENCE.0, PATIENCE.1);
        let shared = with_databases(shared, &urls);
        let nodes = if layout.apart {
            let post = shared.clone().contexts(["post"]).start().await?;
            let view = shared.contexts(["view"]).peer("post", post.url()).start().await?;
            vec![post, view]
        } else {
            vec![shared.start().await?]
        };
        let keys = Keys::open(key_dir.path()).await?;
        let ends = [&nodes[0], &nodes[nodes.len() - 1]];
        let channels = ends.map(Node::channel);
        let [post, view] = urls;
        let databases = [database(post, ends[0], "post"), database(view, ends[1], "view")];
        Ok(Self { nodes, nats, keys, databases, channels, key_dir })
    }

    /// The process that hosts post.
    pub(crate) fn post(&self) -> &Node {
        &self.nodes[0]
    }

    /// The process that hosts view.
    pub(crate) fn view(&self) -> &Node {
        &self.nodes[self.nodes.len() - 1]
    }

    /// Where the local development keys are.
    pub(crate) fn key_dir(&self) -> &Path {
        self.key_dir.path()
    }

    /// The databases of post and view.
    pub(crate) fn databases(&self) -> [&str; 2] {
        [&self.databases[0], &self.databases[1]]
    }

    /// A person.
    pub(crate) fn person(&self, name: &str) -> Client {
        self.client(Some(self.keys.user(name)))
    }

    /// Another context.
    pub(crate) fn service(&self, context: &str) -> Client {
        self.client(Some(self.keys.service(context)))
    }

    /// Somebody who runs the market.
    pub(crate) fn operator(&self) -> Client {
        self.client(Some(self.keys.operator()))
    }

    /// Somebody who has not signed in.
    pub(crate) fn stranger(&self) -> Client {
        self.client(None)
    }

    /// Whoever this token names.
    pub(crate) fn bearer(&self, token: String) -> Client {
        self.client(Some(token))
    }

    fn client(&self, token: Option<String>) -> Client {
        Client { channels: self.channels.clone(), token }
    }
}

fn with_databases(builder: Builder, urls: &[Option<String>; 2]) -> Builder {
    let named = ["post", "view"].into_iter().zip(urls);
    named.fold(builder, |builder, (context, url)| match url {
        Some(url) => builder.database_url_of(context, url),
        None => builder,
    })
}

/// SQLite lies in the data directory.
fn database(url: Option<String>, node: &Node, context: &str) -> String {
    url.unwrap_or_else(|| format!("sqlite://{}/{context}.db", node.data_dir().display()))
}

/// Somebody who calls, over one connection to each context.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    channels: [Channel; 2],
    token: Option<String>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reply {
    /// As proto3 JSON.
    pub(crate) body: Value,
    /// As it came over the wire.
    pub(crate) bytes: Vec<u8>,
    /// The consistency token; empty where there is none.
    pub(crate) written: String,
}

impl Reply {
    /// A text of the answer; empty where it has none.
    pub(crate) fn text(&self, field: &str) -> &str {
        self.body[field].as_str().unwrap_or_default()
    }

    /// The id of the answer.
    pub(crate) fn id(&self) -> &str {
        self.text("id")
    }

    /// The revision in the answer's etag.
    pub(crate) fn revision(&self) -> u64 {
        u64::from_str(self.text("etag").trim_matches('"')).expect("an etag is a quoted number")
    }
}

impl Client {
    /// The same person on connections of his own to the same processes.
    pub(crate) fn elsewhere(&self, market: &Market) -> Self {
        let channels = [market.post().channel(), market.view().channel()];
        Self { channels, ..self.clone() }
    }

    /// Calls an RPC of posts.
    pub(crate) async fn post(&self, method: &str, body: Value) -> Result<Reply, Status> {
        self.post_within(method, body, None).await
    }

    /// Calls an RPC of posts that may not take longer.
    pub(crate) async fn post_within(
        &self,
        method: &str,
        body: Value,
        limit: Option<Duration>,
    ) -> Result<Reply, Status> {
        let limit = limit.map(|limit| format!("{}u", limit.as_micros()));
        let metadata: Vec<_> = limit.iter().map(|limit| ("grpc-timeout", limit.as_str())).collect();
        let path = format!("/jangteo.post.v1.PostService/{method}");
        self.call(&self.channels[0], &path, body, &metadata).await
    }

    /// Calls an RPC of my-page, once it has heard of what was written.
    pub(crate) async fn my_sales(
        &self,
        method: &str,
        body: Value,
        written: &str,
    ) -> Result<Reply, Status> {
        let metadata = [("jangteo-token", written)];
        let metadata = if written.is_empty() { &[][..] } else { &metadata };
        let path = format!("/jangteo.view.v1.MySalesService/{method}");
        self.call(&self.channels[1], &path, body, metadata).await
    }

    /// Calls an RPC about read models.
    pub(crate) async fn rebuild(&self, method: &str, body: Value) -> Result<Reply, Status> {
        let path = format!("/jangteo.view.v1.RebuildService/{method}");
        self.call(&self.channels[1], &path, body, &[]).await
    }

    async fn call(
        &self,
        channel: &Channel,
        path: &str,
        body: Value,
        metadata: grpc::Metadata<'_>,
    ) -> Result<Reply, Status> {
        let method = grpc::method(path);
        let request = DynamicMessage::deserialize(method.input(), body);
        let request = request.expect("the test's own request fits the contract");
        let request = request.encode_to_vec().into();
        let answer = grpc::raw(channel.clone(), path, request, self.token.as_deref(), metadata);
        let (metadata, bytes, _) = answer.await?.into_parts();
        let message = DynamicMessage::decode(method.output(), bytes.clone());
        let message = message.expect("the answer fits the contract");
        Ok(Reply { body: grpc::json(&message), bytes: bytes.into(), written: token(&metadata) })
    }
}

fn token(metadata: &MetadataMap) -> String {
    let token = metadata.get("jangteo-token").map(|token| token.to_str());
    token.transpose().context("a token is text").unwrap().unwrap_or_default().to_owned()
}

/// Makes a test on each database of a function that takes a [`Market`].
macro_rules! on_each_database {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            use crate::{mesh::Database, stories::market::Market};

            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite() {
                super::$name(Market::on(Database::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgres() {
                super::$name(Market::on(Database::Postgres).await).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_mariadb() {
                super::$name(Market::on(Database::MariaDb).await).await;
            }
        }
    )+};
}
pub(crate) use on_each_database;
