//! A broker and a process with all contexts, as most tests want them: with short times.

use std::{fs, path::PathBuf};

use anyhow::Result;
use jangteo_testing::{Nats, Node, grpc, mariadb, node::Builder, postgres, tokens::Keys};
use serde_json::Value;
use tonic::{Status, metadata::MetadataMap};

use crate::stories::shell::{self, Ended};

/// The binary that was built with this test.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_jangteo");

/// Times that make a process notice everything soon.
const SOON: [(&str, &str); 10] = [
    ("JANGTEO_ACK_WAIT_MS", "2000"),
    ("JANGTEO_LEASE_MS", "1000"),
    ("JANGTEO_RELAY_POLL_MS", "200"),
    ("JANGTEO_SWEEP_MS", "500"),
    ("JANGTEO_COMPARE_MS", "300"),
    ("JANGTEO_COMPARE_MARGIN_MS", "5000"),
    ("JANGTEO_BACKOFF_MAX_MS", "500"),
    ("JANGTEO_LAME_DUCK_MS", "100"),
    ("JANGTEO_DRAIN_MS", "5000"),
    ("JANGTEO_TOKEN_WAIT_MS", "10000"),
];

/// Which database the contexts of a test keep their rows in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Database {
    Sqlite,
    Postgres,
    MariaDb,
}

impl Database {
    pub(crate) const ALL: [Self; 3] = [Self::Sqlite, Self::Postgres, Self::MariaDb];

    /// A new database for one context; none for SQLite, which lies in the data directory.
    pub(crate) async fn create(self) -> Result<Option<String>> {
        match self {
            Self::Sqlite => Ok(None),
            Self::Postgres => postgres::database().await.map(Some),
            Self::MariaDb => mariadb::database().await.map(Some),
        }
    }

    /// The URL of a new copy of a database that nobody is connected to.
    pub(crate) async fn copy(self, url: &str) -> Result<String> {
        match self {
            Self::Sqlite => {
                let file = url.trim_start_matches("sqlite://");
                fs::copy(file, format!("{file}.copy"))?;
                Ok(format!("{url}.copy"))
            }
            Self::Postgres => postgres::copy(url).await,
            Self::MariaDb => mariadb::copy(url).await,
        }
    }
}

/// A process to be described further, with short times.
pub(crate) fn node(nats: &Nats) -> Builder {
    node_of(PathBuf::from(BINARY), nats)
}

/// The same, of a program that ends up as the binary.
pub(crate) fn node_of(program: PathBuf, nats: &Nats) -> Builder {
    soon(Node::builder(program).nats(nats))
}

/// Gives a process short times.
pub(crate) fn soon(builder: Builder) -> Builder {
    SOON.iter().fold(builder, |builder, (name, value)| builder.env(name, value))
}

/// The same, with new databases of this kind for both contexts.
pub(crate) async fn node_on(nats: &Nats, database: Database) -> Result<Builder> {
    let mut builder = node(nats);
    for context in ["post", "view"] {
        if let Some(url) = database.create().await? {
            builder = builder.database_url_of(context, url);
        }
    }
    Ok(builder)
}

/// A broker and one process with all contexts.
pub(crate) struct Mesh {
    pub(crate) nats: Nats,
    pub(crate) node: Node,
    pub(crate) keys: Keys,
}

impl Mesh {
    /// On SQLite.
    pub(crate) async fn start() -> Result<Self> {
        Self::start_on(Database::Sqlite).await
    }

    /// On new databases of this kind.
    pub(crate) async fn start_on(database: Database) -> Result<Self> {
        let nats = Nats::start().await?;
        let node = node_on(&nats, database).await?.start().await?;
        let keys = Keys::open(node.data_dir().join("keys")).await?;
        Ok(Self { nats, node, keys })
    }

    /// Calls an RPC such as `post.v1.PostService/CreatePost` for a person.
    pub(crate) async fn call(
        &self,
        user: &str,
        rpc: &str,
        body: Value,
    ) -> Result<(Value, MetadataMap), Status> {
        let token = self.keys.user(user);
        self.call_with(Some(&token), rpc, body, &[]).await
    }

    /// Runs a command of an operator's.
    pub(crate) async fn jangteo(&self, args: &[&str]) -> Ended {
        let mut command = shell::jangteo(args);
        command.args(["--to", &self.node.url()]).env("JANGTEO_DATA_DIR", self.node.data_dir());
        shell::run(command).await
    }

    /// Calls an RPC with this token and metadata.
    pub(crate) async fn call_with(
        &self,
        token: Option<&str>,
        rpc: &str,
        body: Value,
        metadata: grpc::Metadata<'_>,
    ) -> Result<(Value, MetadataMap), Status> {
        let path = format!("/jangteo.{rpc}");
        let reply = grpc::call(self.node.channel(), &path, body, token, metadata).await?;
        Ok((grpc::json(&reply.0), reply.1))
    }
}
