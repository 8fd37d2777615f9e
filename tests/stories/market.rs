//! A market in any layout: a story's contexts in one process or in several, on any databases.

mod client;
mod layout;
mod process;

use std::{collections::BTreeMap, path::Path, time::Duration};

use anyhow::Result;
use jangteo_testing::{
    Nats, Node, Proxy, scratch,
    tokens::{self, Keys},
};
use sea_orm::{ConnectOptions, DatabaseConnection};
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::OnceCell;
use tonic::transport::Channel;

use self::process::Process;
pub(crate) use self::{
    client::{Client, Reply},
    layout::{ALL, BOTH, FLOWERS, KITCHENS, Layout, MEET_UP, RENTAL, SECOND_HAND, Story},
};
use super::gates::{self, Gate};
use crate::mesh::{Database, node};

/// A loaded machine may take long; a read that waits for its write waits with it.
pub(crate) const PATIENCE: (&str, &str) = ("JANGTEO_TOKEN_WAIT_MS", "25000");

/// A broker and the processes of a story's contexts.
pub(crate) struct Market {
    // Above what they live on: they must be gone first.
    nodes: Vec<Node>,
    gates: Vec<Gate>,
    places: BTreeMap<&'static str, Place>,
    pub(crate) nats: Nats,
    pub(crate) keys: Keys,
    key_dir: TempDir,
}

/// Where a context is.
struct Place {
    /// Which process hosts it.
    node: usize,
    /// Where its rows are, as a URL.
    database: String,
    /// A connection to them, once a test looks.
    reading: OnceCell<DatabaseConnection>,
    channel: Channel,
}

impl Place {
    fn of(context: &str, number: usize, node: &Node, url: Option<&String>) -> Self {
        // SQLite lies in the data directory.
        let file = || format!("sqlite://{}/{context}.db", node.data_dir().display());
        let database = url.cloned().unwrap_or_else(file);
        Self { node: number, database, reading: OnceCell::new(), channel: node.channel() }
    }
}

impl Market {
    /// The contexts of story A in one process, on new databases of this kind.
    pub(crate) async fn on(database: Database) -> Self {
        Self::of(SECOND_HAND, database).await
    }

    /// The contexts of a story in one process, on new databases of this kind.
    pub(crate) async fn of(story: Story, database: Database) -> Self {
        Self::start(Layout::together(story, database)).await.expect("a market starts")
    }

    /// In any layout, on new databases.
    pub(crate) async fn start(layout: Layout) -> Result<Self> {
        Self::start_with(layout, &[]).await
    }

    /// The same, with settings of the test's own.
    pub(crate) async fn start_with(layout: Layout, envs: &[(&str, &str)]) -> Result<Self> {
        Self::start_through(layout, envs, &[]).await
    }

    /// In a layout whose contexts reach each other through gates, on new databases.
    pub(crate) async fn gated(layout: Layout, envs: &[(&str, &str)]) -> Self {
        Self::start_through(layout, envs, &gates::ALL).await.expect("a market starts")
    }

    async fn start_through(
        layout: Layout,
        envs: &[(&str, &str)],
        gates: &[(&'static str, &'static str)],
    ) -> Result<Self> {
        let nats = Nats::start().await?;
        let key_dir = scratch::directory("keys")?;
        let urls = layout.create().await?;
        let mut shared = node(&nats).key_dir(key_dir.path()).env(PATIENCE.0, PATIENCE.1);
        shared = envs.iter().fold(shared, |builder, (name, value)| builder.env(name, value));
        for (context, url) in &urls {
            shared = shared.database_url_of(context, url);
        }
        let processes: Vec<_> = layout.processes.into_iter().map(Process::of).collect();
        let gates = process::open(gates, &processes, &nats).await?;
        let nodes = process::start(&shared, &processes, &gates).await?;
        let keys = Keys::open(key_dir.path()).await?;
        let mut places = BTreeMap::new();
        for (number, (process, node)) in processes.into_iter().zip(&nodes).enumerate() {
            for context in process.contexts {
                let place = Place::of(context, number, node, urls.get(context));
                places.insert(context, place);
            }
        }
        Ok(Self { nodes, gates, places, nats, keys, key_dir })
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
        let gateway = self
            .contexts()
            .fold(gateway, |gateway, context| gateway.peer(context, self.node(context).url()));
        let gateway = envs.iter().fold(gateway, |gateway, (name, value)| gateway.env(name, value));
        gateway.start().await.expect("a gateway starts")
    }

    /// Where this context asks that one, or the broker.
    pub(crate) fn gate(&self, asks: &str, asked: &str) -> &Proxy {
        let gate = self.gates.iter().find(|gate| gate.is(asks, asked));
        &gate.expect("there is a gate between the two").proxy
    }

    /// The contexts that are there.
    pub(crate) fn contexts(&self) -> impl Iterator<Item = &'static str> {
        self.places.keys().copied()
    }

    fn place(&self, context: &str) -> &Place {
        self.places.get(context).expect("it is a context of the market")
    }

    /// The process that hosts a context.
    pub(crate) fn node(&self, context: &str) -> &Node {
        &self.nodes[self.place(context).node]
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
        &self.place(context).database
    }

    /// A connection to the database of a context, to look at what is there.
    pub(crate) async fn reading(&self, context: &str) -> &DatabaseConnection {
        let connect = async || {
            let mut options = ConnectOptions::new(self.database(context));
            options.max_connections(1).sqlx_logging(false);
            Box::pin(sea_orm::Database::connect(options)).await
        };
        let connection = self.place(context).reading.get_or_try_init(connect).await;
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
        let channels = self.places.iter();
        let channels = channels.map(|(context, place)| (*context, place.channel.clone()));
        Client { channels: channels.collect(), token }
    }
}

/// Makes a test on each database of a function that takes a [`Market`]: of story A, or of the one
/// that is named.
macro_rules! on_each_database {
    ($($name:ident),+ $(,)?) => {
        $crate::stories::market::on_each_database!(SECOND_HAND: $($name),+);
    };
    ($story:ident: $($name:ident),+ $(,)?) => {$(
        mod $name {
            use crate::{mesh::Database, stories::market::{Market, $story}};

            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite() {
                super::$name(Market::of($story, Database::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgres() {
                super::$name(Market::of($story, Database::Postgres).await).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_mariadb() {
                super::$name(Market::of($story, Database::MariaDb).await).await;
            }
        }
    )+};
}
pub(crate) use on_each_database;
