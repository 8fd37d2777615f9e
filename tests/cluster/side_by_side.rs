//! Two versions side by side on the same databases and streams, as in every update: what the newer one
//! leaves there does not harm the older one, or keeps it from starting at all.

use jangteo_testing::{Nats, Node, postgres, tokens::Keys, until};
use sea_orm::ConnectionTrait as _;
use tempfile::TempDir;

use super::rest::{count, open, waits};
use crate::{
    mesh::node,
    seller::{LONG, Seller, at_rest, says, serving},
};

/// What follows posts, and posts themselves.
const CONTEXTS: [&str; 3] = ["post", "offer", "view"];
/// A migration of a newer version that adds something.
const EXPAND: &str = "m999999_000001_promotion_expand";
/// A migration of a newer version that takes something away.
const CONTRACT: &str = "m999999_000002_promotion_contract";
/// An event of a newer version.
const PROMOTED: &str = "jangteo.post.v1.PostPromoted";

/// Two replicas of this version, each with a connection of the same seller's.
struct Older {
    nodes: [Node; 2],
    sellers: [Seller; 2],
    /// Those of [`CONTEXTS`], in that order.
    databases: [String; 3],
    nats: Nats,
    _keys: TempDir,
}

impl Older {
    async fn start() -> Self {
        let (nats, keys) = (Nats::start().await.unwrap(), tempfile::tempdir().unwrap());
        let database = async || postgres::database().await.unwrap();
        let databases = [database().await, database().await, database().await];
        let mut shared = node(&nats).key_dir(keys.path()).contexts(CONTEXTS);
        for (context, database) in CONTEXTS.iter().zip(&databases) {
            shared = shared.database_url_of(context, database);
        }
        let start = async || shared.clone().start().await.unwrap();
        let nodes = [start().await, start().await];
        let signers = Keys::open(keys.path()).await.unwrap();
        let sellers = nodes.each_ref().map(|node| Seller::at(node, &signers, "seller01"));
        Self { nodes, sellers, databases, nats, _keys: keys }
    }

    /// Writes a post at one replica, and changes and sees it at the other one; its id.
    async fn sells(&self, replica: usize) -> String {
        let (one, other) = (&self.sellers[replica], &self.sellers[1 - replica]);
        let post = one.write("의자").await.unwrap().id;
        other.reprice(&post, 5_000).await.unwrap();
        other.sees_price(&post, 5_000).await;
        post
    }

    async fn both_sell(&self) {
        for replica in 0..2 {
            self.sells(replica).await;
        }
    }

    /// Ends a replica in order.
    async fn ends(&self, replica: usize) {
        self.nodes[replica].terminate().unwrap();
        self.nodes[replica].wait_exit(LONG).await.unwrap();
    }

    /// Waits until nothing is lost or out of step; `complete`: all that was told was asked for here.
    async fn rests(&self, complete: bool) {
        let mut history = self.sellers[0].history(complete);
        history.writes.extend(self.sellers[1].history(complete).writes);
        let [post, _, view] = self.databases.clone();
        at_rest([post, view], history, Some(&self.nats)).await;
    }
}

/// Does all of this in a database, or nothing.
async fn runs(url: &str, statements: &[&str]) {
    let db = open(url).await;
    db.execute_unprepared(&format!("BEGIN; {}; COMMIT", statements.join("; "))).await.unwrap();
    db.close().await.unwrap();
}

/// Writes down that a migration was applied.
fn applied(name: &str) -> String {
    format!("INSERT INTO seaql_migrations (version, applied_at) VALUES ('{name}', 0)")
}

/// A newer version has added a column, a table and its migration while two replicas of this one run: both
/// serve on, with the connections and statements that they have, and one that starts now serves as well.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_newer_version_adds_is_no_business_of_an_older_one() {
    let older = Older::start().await;
    // From here on they have their statements prepared.
    older.both_sell().await;
    let table = "CREATE TABLE promotion (id UUID PRIMARY KEY, until BIGINT NOT NULL)";
    for (database, of) in [(0, "post"), (2, "my_sale"), (2, "timeline_entry")] {
        let column = format!("ALTER TABLE {of} ADD COLUMN promoted_until BIGINT");
        runs(&older.databases[database], &[&column]).await;
    }
    for database in [0, 2] {
        runs(&older.databases[database], &[table, &applied(EXPAND)]).await;
    }
    older.both_sell().await;

    older.ends(0).await;
    older.nodes[0].restart().await.unwrap();
    says(&older.nodes[0], &["newer jangteo", EXPAND]).await;
    older.both_sell().await;
    older.rests(true).await;
}

/// A newer version has taken something away: whoever does not know that does not start, and says which
/// version to start in its place. The replica that runs still does, until somebody ends it.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_newer_version_takes_away_keeps_an_older_one_from_starting() {
    let older = Older::start().await;
    older.both_sell().await;
    older.ends(0).await;
    runs(&older.databases[0], &[&applied(EXPAND), &applied(CONTRACT)]).await;
    older.nodes[0].relaunch().unwrap();
    let status = older.nodes[0].wait_exit(LONG).await.unwrap();
    let output = older.nodes[0].output();
    assert_eq!(status.code(), Some(1), "{output}");
    let told = output.lines().find(|line| line.contains(CONTRACT));
    let told = told.unwrap_or_else(|| panic!("{CONTRACT} is not named:\n{output}"));
    assert!(told.contains("start that version"), "{told}");

    assert_eq!(serving(&older.nodes[1], "readiness").await, Some(true));
    let alone = older.sellers[1].write("책상").await.unwrap();
    older.sellers[1].sees(&alone.id).await;
    older.rests(true).await;
}

/// A newer version has told something of a post that nobody here knows: it is published, passed over by
/// everybody who follows, parks nothing, and what happens to the post afterwards is applied.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_an_older_version_does_not_know_is_passed_over() {
    let older = Older::start().await;
    let post = older.sells(0).await;
    let [posts, offers, views] = [0, 1, 2].map(|number| older.databases[number].as_str());
    promotes(posts, &post).await;
    let db = open(posts).await;
    let id = post.parse().unwrap();
    until(LONG, async || (!waits(&db, id).await).then_some(())).await;
    assert_eq!(count(&db, &format!("journal WHERE type = '{PROMOTED}'")).await, 1);
    older.sellers[1].reprice(&post, 4_000).await.unwrap();
    older.sellers[0].sees_price(&post, 4_000).await;

    let (offers, views) = (open(offers).await, open(views).await);
    // Written, edited, promoted, edited.
    let there =
        format!("gate WHERE consumer = 'offer' AND aggregate_id = '{post}' AND sequence = 4");
    until(LONG, async || (count(&offers, &there).await == 1).then_some(())).await;
    let entry = "timeline_entry WHERE event = 'PostPromoted'";
    until(LONG, async || (count(&views, entry).await == 1).then_some(())).await;
    for db in [&offers, &views] {
        assert_eq!(count(db, "held").await, 0, "nothing is parked");
    }
    older.rests(false).await;
}

/// What a newer version writes when it promotes a post: its row, and an event of the next number.
async fn promotes(posts: &str, post: &str) {
    let event = format!(
        "INSERT INTO journal (kind, aggregate_id, sequence, type, payload, correlation_id, \
         causation_id, traceparent, time) \
         SELECT 'post', id, sequence + 1, '{PROMOTED}', '\\x0a0131', correlation_id, id, '', \
         update_time FROM post WHERE id = '{post}'"
    );
    let row = format!(
        "UPDATE post SET sequence = sequence + 1, revision = revision + 1 WHERE id = '{post}'"
    );
    runs(posts, &[&event, &row]).await;
}
