//! A broker, a process and its databases, at hand for whoever judges them.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use async_nats::jetstream;
use jangteo_testing::{
    Nats, Node,
    checker::{Case, Finding, History, Message, Sale, at_rest, check, messages},
    tokens::Keys,
    within,
};
use sea_orm::{ConnectOptions, ConnectionTrait as _, DatabaseConnection, QueryResult, Statement};

use crate::mesh::{Database, node};

/// In the order in which their databases are migrated.
pub(super) const CONTEXTS: [&str; 4] = ["post", "view", "deal", "offer"];
/// The streams, and the contexts that follow them.
const FOLLOWED: [(&str, &[&str]); 3] =
    [("POST", &["view", "offer"]), ("OFFER", &["view"]), ("DEAL", &["view", "post", "offer"])];
/// How much later it is some days later; offers are open for seven.
pub(super) const AHEAD_MS: i64 = 8 * 24 * 60 * 60 * 1000;
/// Where nothing moves for so long, everything that will ever happen has happened.
const REST: Duration = Duration::from_secs(30);

pub(super) struct World {
    pub(super) nats: Nats,
    pub(super) node: Node,
    pub(super) keys: Keys,
    /// In the order of [`CONTEXTS`].
    databases: Vec<String>,
    /// How far ahead of its time the process is.
    ahead_ms: i64,
}

impl World {
    /// Starts them, and does not wait for the process to be ready: it may never be.
    pub(super) async fn launch(database: Database, failpoint: Option<&str>) -> Result<Self> {
        let nats = Nats::start().await?;
        // Under load a short wait would bring messages again that were acknowledged in vain, and
        // the acknowledgements of such copies leave no trace of the death between them.
        let mut builder = node(&nats).contexts(CONTEXTS).env("JANGTEO_ACK_WAIT_MS", "30000");
        if let Some(failpoint) = failpoint {
            builder = builder.env("JANGTEO_FAILPOINT", failpoint);
        }
        let mut own = vec![];
        for context in CONTEXTS {
            let url = database.create().await?;
            if let Some(url) = &url {
                builder = builder.database_url_of(context, url);
            }
            own.push((context, url));
        }
        let node = builder.launch()?;
        let keys = Keys::open(node.data_dir().join("keys")).await?;
        let file = |context| format!("sqlite://{}/{context}.db", node.data_dir().display());
        let url = |(context, url): (_, Option<String>)| url.unwrap_or_else(|| file(context));
        let databases = own.into_iter().map(url).collect();
        Ok(Self { nats, node, keys, databases, ahead_ms: 0 })
    }

    /// The database of a context.
    pub(super) fn database(&self, context: &str) -> &str {
        let position = CONTEXTS.iter().position(|it| *it == context);
        &self.databases[position.expect("it is one of the contexts")]
    }

    /// Waits for its death, which must have been at this point.
    pub(super) async fn died(&self, point: &str, deadline: Duration) -> Result<()> {
        let status = self.node.wait_exit(deadline).await?;
        let output = self.node.output();
        let told = output.lines().any(|line| line == format!("failpoint {point}"));
        ensure!(status.code() == Some(137) && told, "did not die at {point}: {status}\n{output}");
        Ok(())
    }

    /// Starts it again, so late that all open offers expire, to die at a point on the way.
    pub(super) fn days_later(&mut self, failpoint: &str) -> Result<()> {
        self.ahead_ms = AHEAD_MS;
        self.node.set_env("JANGTEO_CLOCK_AHEAD_MS", Some(&AHEAD_MS.to_string()));
        self.node.set_env("JANGTEO_FAILPOINT", Some(failpoint));
        self.node.relaunch()
    }

    /// Starts it again, to live.
    pub(super) async fn revive(&mut self) -> Result<()> {
        self.node.set_env("JANGTEO_FAILPOINT", None);
        // What the dead one did not acknowledge comes again soon.
        self.node.set_env("JANGTEO_ACK_WAIT_MS", Some("1000"));
        self.node.restart().await
    }

    /// What is wrong once nothing moves any more, and how many events the streams hold.
    pub(super) async fn judged(&self, history: History) -> Result<(Vec<Finding>, usize)> {
        let client = self.nats.client().await?;
        let look = async || check(&self.case(&client, history.clone()).await?).await;
        let mut findings = at_rest(REST, look).await?;
        if findings.is_empty() {
            // What is delivered once more must change nothing.
            self.delivered(&client).await?;
            findings = look().await?;
        }
        Ok((findings, streams(&client).await?.len()))
    }

    /// All that there is to be judged.
    pub(super) async fn case(&self, client: &async_nats::Client, history: History) -> Result<Case> {
        let url = |context: &str| self.database(context).to_owned();
        Ok(Case {
            post: url("post"),
            view: url("view"),
            sale: Some(Sale { offer: url("offer"), deal: url("deal"), ahead_ms: self.ahead_ms }),
            stream: Some(streams(client).await?),
            history,
        })
    }

    /// Waits until the broker has nothing left to deliver.
    async fn delivered(&self, client: &async_nats::Client) -> Result<()> {
        let context = jetstream::new(client.clone());
        for (stream, consumers) in FOLLOWED {
            for consumer in consumers {
                let idle = within(REST, async || {
                    let stream = context.get_stream(stream).await.ok()?;
                    let info = stream.consumer_info(consumer).await.ok()?;
                    (info.num_pending == 0 && info.num_ack_pending == 0).then_some(())
                });
                let left = || format!("{consumer} leaves messages of {stream} unacknowledged");
                idle.await.with_context(left)?;
            }
        }
        Ok(())
    }
}

/// What all streams hold.
pub(super) async fn streams(client: &async_nats::Client) -> Result<Vec<Message>> {
    let mut all = vec![];
    for (stream, _) in FOLLOWED {
        all.extend(messages(client, stream).await?);
    }
    Ok(all)
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
