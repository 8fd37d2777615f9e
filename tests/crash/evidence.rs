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
    world::{World, query},
};

/// How long the broker may take to see what a process sent last.
const ARRIVAL: Duration = Duration::from_secs(5);

/// Looks at a dead process's databases and stream; `open` are the requests that it did not answer.
pub(super) async fn check(case: &Case, world: &World, open: &BTreeSet<Uuid>) -> Result<()> {
    let left = match case.point.name {
        "P1" | "P2" | "P3" => !open.is_subset(&recorded(world).await?),
        "P4" | "P5" => !open.is_disjoint(&recorded(world).await?),
        "P6" => unmarked(world).await?.iter().any(|(_, published)| !published),
        "P7" | "P8" | "P9" | "P10" => published_unmarked(world).await,
        "C1" | "C2" | "C3" => Delivered::of(world).await?.some_untaken(),
        "C4" | "C6" => Delivered::of(world).await?.some_taken_unacknowledged(),
        "C5" | "C8" => Delivered::of(world).await?.acknowledged_are_taken(),
        "V1" | "V2" => newest_generation(world).await? == "building",
        "V3" => newest_generation(world).await? == "serving",
        "D1" => {
            let database = if case.pass == 1 { &world.post } else { &world.view };
            query(database, "SELECT * FROM held").await.is_err()
        }
        _ => true,
    };
    ensure!(left, "nothing left behind shows that it died at {}", case.failpoint());
    Ok(())
}

/// Requests with an answer on record.
async fn recorded(world: &World) -> Result<BTreeSet<Uuid>> {
    let rows = query(&world.post, "SELECT request_id FROM request").await?;
    Ok(rows.iter().map(|row| row.try_get("", "request_id")).collect::<Result<_, _>>()?)
}

/// Rows of the journal without a mark, and whether the stream holds them.
async fn unmarked(world: &World) -> Result<Vec<((Uuid, i64), bool)>> {
    let published = positions(&stream(world).await?);
    let sql = "SELECT aggregate_id, sequence FROM journal WHERE acked_time IS NULL";
    let rows = query(&world.post, sql).await?;
    let known = |key| (key, published.contains(&key));
    Ok(keys(&rows)?.into_iter().map(known).collect())
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
    let sql = "SELECT state FROM read_model ORDER BY generation DESC";
    let rows = query(&world.view, sql).await?;
    Ok(rows.first().map(|row| row.try_get("", "state")).transpose()?.unwrap_or_default())
}

async fn stream(world: &World) -> Result<Vec<Message>> {
    messages(&world.nats.client().await?, "POST").await
}

fn positions(messages: &[Message]) -> BTreeSet<(Uuid, i64)> {
    messages.iter().map(position).collect()
}

fn position(message: &Message) -> (Uuid, i64) {
    let aggregate = message.aggregate.parse().unwrap_or_default();
    (aggregate, message.sequence.parse().unwrap_or_default())
}

/// What the broker delivered to the view beside what the view took in.
struct Delivered {
    messages: Vec<Message>,
    gates: BTreeMap<Uuid, i64>,
    held: BTreeSet<(Uuid, i64)>,
    consumer: Info,
}

impl Delivered {
    async fn of(world: &World) -> Result<Self> {
        let context = jetstream::new(world.nats.client().await?);
        let consumer = context.get_stream("POST").await?.consumer_info("view").await?;
        let rows = async |table: &str| {
            let sql = "SELECT aggregate_id, sequence FROM";
            let sql = format!("{sql} {table} WHERE consumer = 'my_sales@1'");
            keys(&query(&world.view, &sql).await?)
        };
        let gates = rows("gate").await?.into_iter().collect();
        let held = rows("held").await?.into_iter().collect();
        Ok(Self { messages: stream(world).await?, gates, held, consumer })
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
        self.acknowledged_are_taken() && self.messages.iter().any(|one| !self.taken(one))
    }

    /// Some message was taken in, and the broker does not know.
    fn some_taken_unacknowledged(&self) -> bool {
        let (_, rest) = self.by_ack();
        let taken = rest.iter().any(|message| self.taken(message));
        self.acknowledged_are_taken() && self.consumer.num_ack_pending > 0 && taken
    }

    fn acknowledged_are_taken(&self) -> bool {
        self.by_ack().0.iter().all(|message| self.taken(message))
    }
}
