//! What is left when nothing moves any more.

use std::collections::BTreeMap;

use jangteo_testing::{
    checker::{self, Case, History, messages},
    within,
};
use sea_orm::{ConnectOptions, ConnectionTrait as _, DatabaseConnection, QueryResult, Statement};
use uuid::Uuid;

use crate::seller::LONG;

/// The numbers of the events of each aggregate, by its kind and id.
type Told = BTreeMap<(String, String), Vec<i64>>;

/// A connection to a database.
pub(crate) async fn open(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Box::pin(sea_orm::Database::connect(options)).await.unwrap()
}

async fn rows(db: &DatabaseConnection, sql: &str) -> Vec<QueryResult> {
    let query = Statement::from_string(db.get_database_backend(), sql);
    db.query_all_raw(query).await.unwrap()
}

/// How many rows there are of a table that are so.
pub(crate) async fn count(db: &DatabaseConnection, of: &str) -> i64 {
    let rows = rows(db, &format!("SELECT COUNT(*) FROM {of}")).await;
    rows[0].try_get_by_index(0).unwrap()
}

/// Whether the broker has not acknowledged all events of an aggregate.
pub(crate) async fn waits(db: &DatabaseConnection, aggregate: Uuid) -> bool {
    let waiting = rows(db, "SELECT aggregate_id FROM journal WHERE acked_time IS NULL").await;
    waiting.iter().any(|row| row.try_get_by_index::<Uuid>(0).unwrap() == aggregate)
}

/// Waits until a context's stream holds each event of its journal once, and those of each aggregate in
/// their order.
pub(crate) async fn told(client: &async_nats::Client, context: &str, url: &str) {
    let db = open(url).await;
    let is_told = async || {
        let all_left = count(&db, "journal WHERE acked_time IS NULL").await == 0;
        (all_left && streamed(client, context).await == journal(&db).await).then_some(())
    };
    if within(LONG, is_told).await.is_none() {
        let waiting = count(&db, "journal WHERE acked_time IS NULL").await;
        let (streamed, journal) = (streamed(client, context).await, journal(&db).await);
        let keys = journal.keys().chain(streamed.keys());
        let differ = keys.filter(|key| journal.get(*key) != streamed.get(*key));
        let differ: Vec<_> = differ.map(|key| (key, journal.get(key), streamed.get(key))).collect();
        panic!("{context}: {waiting} events wait; journal and stream differ in {differ:#?}");
    }
    db.close().await.unwrap();
}

async fn journal(db: &DatabaseConnection) -> Told {
    let mut told = Told::new();
    for row in rows(db, "SELECT kind, aggregate_id, sequence FROM journal ORDER BY id").await {
        let id: Uuid = row.try_get_by_index(1).unwrap();
        let of = (row.try_get_by_index(0).unwrap(), id.to_string());
        told.entry(of).or_default().push(row.try_get_by_index(2).unwrap());
    }
    told
}

async fn streamed(client: &async_nats::Client, context: &str) -> Told {
    let mut told = Told::new();
    for message in messages(client, &context.to_uppercase()).await.unwrap() {
        let sequence = message.sequence.parse().expect("it is a number");
        told.entry((message.kind, message.aggregate)).or_default().push(sequence);
    }
    told
}

/// Waits until nothing is lost, doubled or out of step in the databases of post and view, nor in the
/// stream of a broker that may have any number of servers.
pub(crate) async fn posts(
    [post, view]: [String; 2],
    history: History,
    client: &async_nats::Client,
) {
    checker::settled(LONG, async || {
        let stream = Some(messages(client, "POST").await?);
        let (post, view, history) = (post.clone(), view.clone(), history.clone());
        checker::check(&Case { post, view, sale: None, stream, history }).await
    })
    .await;
}
