//! A market in any layout: contexts in one process or each in its own, on any databases.

mod client;

use std::{path::Path, time::Duration};

use anyhow::Result;
use futures::future;
use jangteo_testing::{
    Nats, Node, Proxy,
    node::Builder,
    ports, scratch,
    tokens::{self, Keys},
};
use sea_orm::{ConnectOptions, DatabaseConnection};
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::OnceCell;
use tonic::transport::Channel;

pub(crate) use client::{Client, Reply};

use super::gates::{self, Gate};
use crate::mesh::{Database, node};

/// A loaded machine may take long; a read that waits for its write waits with it.
pub(crate) const PATIENCE: (&str, &str) = ("JANGTEO_TOKEN_WAIT_MS", "25000");

/// The contexts of the market.
pub(crate) const CONTEXTS: [&str; 4] = ["post", "offer", "deal", "view"];

/// Where the contexts run, and what they keep their rows in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    /// Each context is a process of its own.
    pub(crate) apart: bool,
    /// What each keeps its rows in, in the order of [`CONTEXTS`].
    pub(crate) databases: [Database; 4],
}

impl Layout {
    /// All contexts in one process, on databases of this kind.
    pub(crate) const fn together(database: Database) -> Self {
        Self { apart: false, databases: [database; 4] }
    }

    /// Each context in a process of its own, on databases of this kind.
    pub(crate) const fn apart(database: Database) -> Self {
        Self { apart: true, databases: [database; 4] }
    }
}

/// A broker and the processes of all contexts.
pub(crate) struct Market {
    // Above what they live on: they must be gone first.
    nodes: Vec<Node>,
    gates: Vec<Gate>,
    reading: [OnceCell<DatabaseConnection>; 4],
    pub(crate) nats: Nats,
    pub(crate) keys: Keys,
    databases: Vec<String>,
    channels: Vec<Channel>,
    key_dir: TempDir,
}

impl Market {
    /// All contexts in one process, on new databases of this kind.
    pub(crate) async fn on(database: Database) -> Self {
        Self::start(Layout::together(database)).await.expect("a market starts")
    }

    /// In any layout, on new databases.
    pub(crate) async fn start(layout: Layout) -> Result<Self> {
        Self::start_with(layout, &[]).await
    }

    /// The same, with settings of the test's own.
    pub(crate) async fn start_with(layout: Layout, envs: &[(&str, &str)]) -> Result<Self> {
        Self::start_through(layout, envs, &[]).await
    }

    /// Contexts apart that reach each other through gates, on new databases of this kind.
    pub(crate) async fn gated(database: Database, envs: &[(&str, &str)]) -> Self {
        let market = Self::start_through(Layout::apart(database), envs, &gates::ALL).await;
        market.expect("a market starts")
    }

    async fn start_through(
        layout: Layout,
        envs: &[(&str, &str)],
        gates: &[(&'static str, &'static str)],
    ) -> Result<Self> {
        let nats = Nats::start().await?;
        let key_dir = scratch::directory("keys")?;
        let mut shared = node(&nats).key_dir(key_dir.path()).env(PATIENCE.0, PATIENCE.1);
        shared = envs.iter().fold(shared, |builder, (name, value)| builder.env(name, value));
        let urls = future::try_join_all(layout.databases.map(Database::create)).await?;
        for (context, url) in CONTEXTS.iter().zip(urls.iter().flatten()) {
            shared = shared.database_url_of(context, url);
        }
        let addrs = CONTEXTS.map(|_| format!("127.0.0.1:{}", ports::free()));
        let of = |context: &str| addrs.get(CONTEXTS.iter().position(|it| *it == context)?);
        let gates = gates.iter().map(|it| Gate::open(*it, of(it.1), &nats));
        let gates = future::try_join_all(gates).await?;
        let nodes = if layout.apart {
            apart(shared, &addrs, &gates).await?
        } else {
            vec![shared.start().await?]
        };
        let keys = Keys::open(key_dir.path()).await?;
        let channels = (0..CONTEXTS.len()).map(|it| hosts(&nodes, it).channel()).collect();
        let database = |(it, url): (usize, Option<String>)| {
            let dir = hosts(&nodes, it).data_dir();
            // SQLite lies in the data directory.
            url.unwrap_or_else(|| format!("sqlite://{}/{}.db", dir.display(), CONTEXTS[it]))
        };
        let databases = urls.into_iter().enumerate().map(database).collect();
        let reading = Default::default();
        Ok(Self { nodes, gates, reading, nats, keys, databases, channels, key_dir })
    }

    /// Starts all processes again, so much later.
    pub(crate) async fn later(&mut self, ahead: Duration) {
        for node in &mut self.nodes {
            node.terminate().unwrap();
            node.wait_exit(Duration::from_secs(30)).await.unwrap();
            node.set_env("JANGTEO_CLOCK_AHEAD_MS", Some(&ahead.as_millis().to_string()));
            node.restart().await.unwrap();
        }
    }

    /// Somebody with these roles whose token is good now and so much later, too.
    pub(crate) fn lasting(&self, name: &str, roles: &[&str], ahead: Duration) -> Client {
        let mut claims = tokens::claims(tokens::USER_ISSUER, name);
        claims["exp"] = json!(tokens::now() + i64::try_from(ahead.as_secs()).unwrap() + 3600);
        claims["roles"] = json!(roles);
        self.bearer(self.keys.users.token(&claims))
    }

    /// A gateway in a process of its own, before all contexts, wherever they are.
    pub(crate) async fn gateway(&self) -> Node {
        self.gateway_with(&[]).await
    }

    /// The same, with settings of the test's own.
    pub(crate) async fn gateway_with(&self, envs: &[(&str, &str)]) -> Node {
        let gateway = node(&self.nats).key_dir(self.key_dir()).contexts(["gateway"]);
        let gateway = CONTEXTS
            .iter()
            .fold(gateway, |gateway, context| gateway.peer(context, self.node(context).url()));
        let gateway = envs.iter().fold(gateway, |gateway, (name, value)| gateway.env(name, value));
        gateway.start().await.expect("a gateway starts")
    }

    /// Where this context asks that one, or the broker.
    pub(crate) fn gate(&self, asks: &str, asked: &str) -> &Proxy {
        let gate = self.gates.iter().find(|gate| gate.is(asks, asked));
        &gate.expect("there is a gate between the two").proxy
    }

    /// The process that hosts a context.
    pub(crate) fn node(&self, context: &str) -> &Node {
        hosts(&self.nodes, position(context))
    }

    /// The process that hosts post.
    pub(crate) fn post(&self) -> &Node {
        self.node("post")
    }

    /// The process that hosts view.
    pub(crate) fn view(&self) -> &Node {
        self.node("view")
    }

    /// Where the local development keys are.
    pub(crate) fn key_dir(&self) -> &Path {
        self.key_dir.path()
    }

    /// The database of a context.
    pub(crate) fn database(&self, context: &str) -> &str {
        &self.databases[position(context)]
    }

    /// A connection to the database of a context, to look at what is there.
    pub(crate) async fn reading(&self, context: &str) -> &DatabaseConnection {
        let connect = async || {
            let mut options = ConnectOptions::new(self.database(context));
            options.max_connections(1).sqlx_logging(false);
            Box::pin(sea_orm::Database::connect(options)).await
        };
        let connection = self.reading[position(context)].get_or_try_init(connect).await;
        connection.expect("the database can be read")
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

fn position(context: &str) -> usize {
    CONTEXTS.iter().position(|it| *it == context).expect("it is a context of the market")
}

/// The process of the context at this position: its own, or the one of all.
fn hosts(nodes: &[Node], position: usize) -> &Node {
    nodes.get(position).unwrap_or(&nodes[0])
}

/// A process for each context. They call each other, so all addresses are known before any starts.
async fn apart(shared: Builder, addrs: &[String; 4], gates: &[Gate]) -> Result<Vec<Node>> {
    let mut nodes = vec![];
    for (context, addr) in CONTEXTS.iter().zip(addrs) {
        let mut builder = shared.clone().contexts([*context]);
        for (peer, addr) in CONTEXTS.iter().zip(addrs).filter(|(peer, _)| *peer != context) {
            builder = builder.peer(peer, format!("http://{addr}"));
        }
        // What is said last counts.
        builder = gates.iter().fold(builder, |builder, gate| gate.describe(context, builder));
        nodes.push(builder.at(addr).launch()?);
    }
    for node in &nodes {
        node.ready().await?;
    }
    Ok(nodes)
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
