//! A broker, a process and its databases, at hand for whoever judges them.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use async_nats::jetstream;
use jangteo_testing::{
    Nats, Node,
    checker::{Case, Finding, History, at_rest, check, messages},
    tokens::Keys,
    within,
};
use sea_orm::{ConnectOptions, ConnectionTrait as _, DatabaseConnection, QueryResult, Statement};

use crate::mesh::{Database, node};

const CONTEXTS: [&str; 2] = ["post", "view"];
/// By then everything that will ever happen has happened.
const REST: Duration = Duration::from_secs(30);

pub(super) struct World {
    pub(super) nats: Nats,
    pub(super) node: Node,
    pub(super) keys: Keys,
    /// The database of `post`.
    pub(super) post: String,
    /// The database of `view`.
    pub(super) view: String,
}

impl World {
    /// Starts them, and does not wait for the process to be ready: it may never be.
    pub(super) async fn launch(database: Database, failpoint: Option<&str>) -> Result<Self> {
        let nats = Nats::start().await?;
        // What a dead process did not acknowledge comes again soon.
        let mut builder = node(&nats).env("JANGTEO_ACK_WAIT_MS", "1000");
        if let Some(failpoint) = failpoint {
            builder = builder.env("JANGTEO_FAILPOINT", failpoint);
        }
        let own = [database.create().await?, database.create().await?];
        for (context, url) in CONTEXTS.iter().zip(own.iter().flatten()) {
            builder = builder.database_url_of(context, url);
        }
        let node = builder.launch()?;
        let keys = Keys::open(node.data_dir().join("keys")).await?;
        let file = |context| format!("sqlite://{}/{context}.db", node.data_dir().display());
        let [post, view] = own;
        let post = post.unwrap_or_else(|| file(CONTEXTS[0]));
        let view = view.unwrap_or_else(|| file(CONTEXTS[1]));
        Ok(Self { nats, node, keys, post, view })
    }

    /// Waits for its death, which must have been at this point.
    pub(super) async fn died(&self, point: &str, deadline: Duration) -> Result<()> {
        let status = self.node.wait_exit(deadline).await?;
        let output = self.node.output();
        let told = output.lines().any(|line| line == format!("failpoint {point}"));
        ensure!(status.code() == Some(137) && told, "did not die at {point}: {status}\n{output}");
        Ok(())
    }

    /// Starts it again, to live.
    pub(super) async fn revive(&mut self) -> Result<()> {
        self.node.set_env("JANGTEO_FAILPOINT", None);
        self.node.restart().await
    }

    /// What is wrong once nothing moves any more, and how many events the stream holds.
    pub(super) async fn judged(&self, history: History) -> Result<(Vec<Finding>, usize)> {
        let client = self.nats.client().await?;
        let look = async || {
            check(&Case {
                post: self.post.clone(),
                view: self.view.clone(),
                stream: Some(messages(&client, "POST").await?),
                history: history.clone(),
            })
            .await
        };
        let mut findings = at_rest(REST, look).await?;
        if findings.is_empty() {
            // What is delivered once more must change nothing.
            self.delivered(&client).await?;
            findings = look().await?;
        }
        Ok((findings, messages(&client, "POST").await?.len()))
    }

    /// Waits until the broker has nothing left to deliver to the view.
    async fn delivered(&self, client: &async_nats::Client) -> Result<()> {
        let context = jetstream::new(client.clone());
        let idle = within(REST, async || {
            let stream = context.get_stream("POST").await.ok()?;
            let view = stream.consumer_info("view").await.ok()?;
            (view.num_pending == 0 && view.num_ack_pending == 0).then_some(())
        });
        idle.await.context("the view leaves messages unacknowledged")
    }
}

/// Runs one statement in a database.
pub(super) async fn execute(url: &str, sql: &str) -> Result<()> {
    let db = connect(url).await?;
    let done = db.execute_unprepared(sql).await;
    db.close().await?;
    done.map(drop).with_context(|| sql.to_string())
}

/// Reads rows of a database.
pub(super) async fn query(url: &str, sql: &str) -> Result<Vec<QueryResult>> {
    let db = connect(url).await?;
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await;
    db.close().await?;
    rows.with_context(|| sql.to_string())
}

async fn connect(url: &str) -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    // On the heap, or the nested futures of all databases are too deep for the compiler.
    Ok(Box::pin(sea_orm::Database::connect(options)).await?)
}
