//! Whether a process died where its point says, by what it left behind.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use anyhow::{Result, ensure};
use async_nats::jetstream::{self, consumer::Info};
use jangteo_testing::{
    checker::{Message, messages},
    within,
};
use sea_orm::QueryResult;
use uuid::Uuid;

use super::{
    plan::Case,
    world::{CONTEXTS, World, query, streams},
};

mod saga;

/// The contexts that are written to.
const WRITERS: [&str; 3] = ["post", "offer", "deal"];
/// Streams, who follows them, and one of his consumers: each takes a batch in by itself.
const FOLLOWERS: [(&str, &str, &str); 9] = [
    ("POST", "view", "my_sales@1"),
    ("POST", "view", "my_deals@1"),
    ("POST", "view", "timeline@1"),
    ("POST", "offer", "offer"),
    ("OFFER", "view", "timeline@1"),
    ("DEAL", "view", "my_deals@1"),
    ("DEAL", "view", "timeline@1"),
    ("DEAL", "post", "post"),
    ("DEAL", "offer", "offer"),
];

/// How long the broker may take to see what a process sent last.
const ARRIVAL: Duration = Duration::from_secs(5);

/// Looks at a dead process's databases and stream; `open` are the requests that it did not answer.
pub(super) async fn check(case: &Case, world: &World, open: &BTreeSet<Uuid>) -> Result<()> {
    let left = match case.point.name {
        "P1" | "P2" | "P3" => !open.is_subset(&requests(world, "<> 'running'").await?),
        "P4" | "P5" => !open.is_disjoint(&requests(world, "<> ''").await?),
        "P6" => unmarked(world).await?.iter().any(|(_, published)| !published),
        "P7" | "P8" | "P9" | "P10" => published_unmarked(world).await,
        "C1" | "C2" | "C3" | "C7" => Delivered::any(world, Delivered::some_untaken).await?,
        "C4" | "C6" => Delivered::any(world, Delivered::some_taken_unacknowledged).await?,
        "C5" | "C8" => Delivered::all(world, Delivered::acknowledged_are_taken).await?,
        "S1" | "S2" | "S3" | "S4" | "S5" | "S6" => {
            saga::check(case.point.name, world, open).await?
        }
        "V1" | "V2" => newest_generation(world).await? == "building",
        "V3" => newest_generation(world).await? == "serving",
        "D1" => {
            let database = world.database(CONTEXTS[case.pass as usize - 1]);
            query(database, "SELECT * FROM held").await.is_err()
        }
        _ => true,
    };
    ensure!(left, "nothing left behind shows that it died at {}", case.failpoint());
    Ok(())
}

/// Requests on record with such a verdict.
async fn requests(world: &World, verdict: &str) -> Result<BTreeSet<Uuid>> {
    let mut requests = BTreeSet::new();
    for context in WRITERS {
        let sql = format!("SELECT request_id FROM request WHERE verdict {verdict}");
        for row in query(world.database(context), &sql).await? {
            requests.insert(row.try_get("", "request_id")?);
        }
    }
    Ok(requests)
}

/// Rows of the journals without a mark, and whether the streams hold them.
async fn unmarked(world: &World) -> Result<Vec<((Uuid, i64), bool)>> {
    let published = positions(&streams(&world.nats.client().await?).await?);
    let sql = "SELECT aggregate_id, sequence FROM journal WHERE acked_time IS NULL";
    let mut unmarked = vec![];
    for context in WRITERS {
        unmarked.extend(keys(&query(world.database(context), sql).await?)?);
    }
    Ok(unmarked.into_iter().map(|key| (key, published.contains(&key))).collect())
}

/// Which event each row is about.
fn keys(rows: &[QueryResult]) -> Result<Vec<(Uuid, i64)>> {
    let key =
        |row: &QueryResult| Ok((row.try_get("", "aggregate_id")?, row.try_get("", "sequence")?));
    rows.iter().map(key).collect()
}

/// Some event is in the stream and its row does not know it.
async fn published_unmarked(world: &World) -> bool {
    let arrived = async || {
        let rows = unmarked(world).await.ok()?;
        rows.iter().any(|(_, published)| *published).then_some(())
    };
    within(ARRIVAL, arrived).await.is_some()
}

async fn newest_generation(world: &World) -> Result<String> {
    let sql = "SELECT state FROM read_model WHERE name = 'my_sales' ORDER BY generation DESC";
    let rows = query(world.database("view"), sql).await?;
    Ok(rows.first().map(|row| row.try_get("", "state")).transpose()?.unwrap_or_default())
}

fn positions(messages: &[Message]) -> BTreeSet<(Uuid, i64)> {
    messages.iter().map(position).collect()
}

fn position(message: &Message) -> (Uuid, i64) {
    let aggregate = message.aggregate.parse().unwrap_or_default();
    (aggregate, message.sequence.parse().unwrap_or_default())
}

/// What the broker delivered to a follower beside what he took in.
struct Delivered {
    messages: Vec<Message>,
    gates: BTreeMap<Uuid, i64>,
    held: BTreeSet<(Uuid, i64)>,
    consumer: Info,
}

impl Delivered {
    /// To some follower this happened, and all others are in step.
    async fn any(world: &World, happened: fn(&Self) -> bool) -> Result<bool> {
        let all = Self::to_all(world).await?;
        Ok(all.iter().all(Self::acknowledged_are_taken) && all.iter().any(happened))
    }

    async fn all(world: &World, are: fn(&Self) -> bool) -> Result<bool> {
        Ok(Self::to_all(world).await?.iter().all(are))
    }

    async fn to_all(world: &World) -> Result<Vec<Self>> {
        let context = jetstream::new(world.nats.client().await?);
        let mut all = vec![];
        for (stream, follower, gates) in FOLLOWERS {
            // It may have died before it followed anybody.
            let Ok(of) = context.get_stream(stream).await else { continue };
            let Ok(consumer) = of.consumer_info(follower).await else { continue };
            all.push(Self::to(world, stream, world.database(follower), gates, consumer).await?);
        }
        Ok(all)
    }

    async fn to(
        world: &World,
        stream: &str,
        database: &str,
        gates: &str,
        consumer: Info,
    ) -> Result<Self> {
        let rows = async |table: &str| {
            let sql = "SELECT aggregate_id, sequence FROM";
            let sql = format!("{sql} {table} WHERE consumer = '{gates}'");
            keys(&query(database, &sql).await?)
        };
        let gates = rows("gate").await?.into_iter().collect();
        let held = rows("held").await?.into_iter().collect();
        let messages = messages(&world.nats.client().await?, stream).await?;
        Ok(Self { messages, gates, held, consumer })
    }

    /// Whether it need not come again.
    fn taken(&self, message: &Message) -> bool {
        let (aggregate, sequence) = position(message);
        let applied = self.gates.get(&aggregate).is_some_and(|gate| *gate >= sequence);
        applied || self.held.contains(&(aggregate, sequence))
    }

    /// Messages up to the first without an ack, and those from there on.
    fn by_ack(&self) -> (&[Message], &[Message]) {
        let floor = usize::try_from(self.consumer.ack_floor.stream_sequence).unwrap_or(usize::MAX);
        self.messages.split_at(floor.min(self.messages.len()))
    }

    /// Some message is yet to be taken in.
    fn some_untaken(&self) -> bool {
        self.messages.iter().any(|one| !self.taken(one))
    }

    /// Some message was taken in, and the broker does not know.
    fn some_taken_unacknowledged(&self) -> bool {
        let (_, rest) = self.by_ack();
        let taken = rest.iter().any(|message| self.taken(message));
        self.consumer.num_ack_pending > 0 && taken
    }

    fn acknowledged_are_taken(&self) -> bool {
        self.by_ack().0.iter().all(|message| self.taken(message))
    }
}
