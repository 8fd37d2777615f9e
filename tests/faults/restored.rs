//! A database that is restored from an older copy than what its stream tells: nothing is built on it
//! until an operator has brought both together.

use std::fs;

use jangteo_testing::{Nats, Node, grpc, tokens::Keys, until, within};
use serde_json::{Value, json};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::{
    mesh::{Database, node},
    seller::{LONG, Seller, serving},
    stories::shell,
};

const BEHIND: &str = "DATABASE_BEHIND_BROKER";

/// A market whose posts can be restored as they were.
struct Market {
    nats: Nats,
    node: Node,
    keys: Keys,
    seller: Seller,
    database: Database,
    /// Where the posts are, if not in the data directory.
    url: Option<String>,
}

impl Market {
    async fn on(database: Database) -> Self {
        let nats = Nats::start().await.unwrap();
        let mut node = node(&nats);
        let url = database.create().await.unwrap();
        if let Some(url) = &url {
            node = node.database_url_of("post", url);
        }
        let node = node.start().await.unwrap();
        let keys = Keys::open(node.data_dir().join("keys")).await.unwrap();
        let seller = Seller::at(&node, &keys, "seller01");
        Self { nats, node, keys, seller, database, url }
    }

    /// With a post on its seller's page, of which there is a copy.
    async fn with_copy(database: Database) -> (Self, String, String) {
        let market = Self::on(database).await;
        let post = market.seller.write("아이폰13 공기계").await.unwrap().id;
        market.seller.sees(&post).await;
        market.ends().await;
        let copy = market.copied().await;
        market.node.restart().await.unwrap();
        (market, post, copy)
    }

    /// From the next start on the posts are as they were in a copy.
    fn restore(&mut self, copy: &str) {
        self.node.set_env("JANGTEO_DATABASE_URL_POST", Some(copy));
    }

    /// Ends the process in order; nothing is on its way.
    async fn ends(&self) {
        self.node.terminate().unwrap();
        self.node.wait_exit(LONG).await.unwrap();
    }

    /// A copy of the posts as they are now.
    async fn copied(&self) -> String {
        let file = format!("sqlite://{}/post.db", self.node.data_dir().display());
        self.database.copy(self.url.as_deref().unwrap_or(&file)).await.unwrap()
    }

    async fn jangteo(&self, args: &[&str]) -> shell::Ended {
        let mut command = shell::jangteo(args);
        command.args(["--to", &self.node.url()]).env("JANGTEO_DATA_DIR", self.node.data_dir());
        shell::run(command).await
    }

    /// The events of one post, as its journal has them: numbers and names.
    async fn events(&self, post: &str) -> Vec<(i64, String)> {
        let asked = json!({"context": "post", "kind": "post", "aggregate_id": post});
        let page = self.journal(asked).await.unwrap();
        let events = page["events"].as_array().cloned().unwrap_or_default();
        let event = |event: &Value| {
            let name = event["type"].as_str().unwrap().rsplit('.').next().unwrap().to_owned();
            (event["sequence"].as_str().unwrap().parse().unwrap(), name)
        };
        events.iter().map(event).collect()
    }

    /// Waits until this is what the journal tells of a post: others may hear of an event before the
    /// journal knows that the broker has it.
    async fn tells(&self, post: &str, expected: &[(i64, String)]) {
        if within(LONG, async || (self.events(post).await == expected).then_some(()))
            .await
            .is_none()
        {
            panic!("{expected:?} should be told of {post}, not {:?}", self.events(post).await);
        }
    }

    async fn journal(&self, asked: Value) -> Result<Value, Status> {
        let path = "/jangteo.journal.v1.JournalService/ReadEvents";
        let operator = self.keys.operator();
        let page = grpc::call(self.node.channel(), path, asked, Some(&operator), &[]).await?;
        Ok(grpc::json(&page.0))
    }

    /// It is not ready, and says why to whoever would write or follow.
    async fn trusts_nothing(&self, post: &str) {
        until(LONG, async || self.node.output().contains(BEHIND).then_some(())).await;
        until(LONG, async || (serving(&self.node, "readiness").await == Some(false)).then_some(()))
            .await;
        let journal = self.journal(json!({"context": "post"})).await.unwrap_err();
        let write = self.seller.reprice(post, 1).await.unwrap_err();
        for refused in [write, journal] {
            assert_eq!(refused.code(), Code::Unavailable, "{refused}");
            assert_eq!(refused.get_error_details().error_info().unwrap().reason, BEHIND);
            assert!(refused.message().contains("`jangteo adopt post`"), "{refused}");
        }
    }

    async fn trusts_again(&self) {
        until(LONG, async || (serving(&self.node, "readiness").await == Some(true)).then_some(()))
            .await;
    }
}

/// What is lost is taken from the stream, new events follow it, and whoever follows sees both.
async fn what_a_restored_database_has_forgotten_is_adopted(database: Database) {
    let (mut market, old, copy) = Market::with_copy(database).await;
    market.seller.reprice(&old, 550_000).await.unwrap();
    let new = market.seller.write("무선마우스").await.unwrap().id;
    market.seller.reprice(&new, 9_000).await.unwrap();
    market.seller.sees_price(&old, 550_000).await;
    market.seller.sees_price(&new, 9_000).await;
    market.ends().await;

    market.restore(&copy);
    market.node.relaunch().unwrap();
    market.trusts_nothing(&old).await;
    let said = market.jangteo(&["adopt", "post"]).await.well();
    assert!(said.ends_with("3 were adopted, 0 are lost, 0 got later numbers\n"), "{said}");
    let told = format!("post {old}: its state knows 1 events, its history 2\n");
    assert!(said.contains(&told), "{said}");
    let told = format!("post {new}: its state knows 0 events, its history 2\n");
    assert!(said.contains(&told), "{said}");
    market.trusts_again().await;

    let gone = market.seller.post(&new).await.unwrap_err();
    assert_eq!(gone.code(), Code::NotFound, "nothing brings a state back");
    market.seller.reprice(&old, 540_000).await.unwrap();
    market.seller.sees_price(&old, 540_000).await;
    market.seller.sees_price(&new, 9_000).await;
    market.tells(&old, &[written(), edited(2), edited(3)]).await;
    let again = market.jangteo(&["adopt", "post"]).await.well();
    assert!(again.contains(" 0 were adopted"), "{again}");
    market.jangteo(&["rebuild", "my_sales"]).await.well();
    assert_eq!(market.seller.sale(&old).await.unwrap()["priceKrw"], "540000");
    assert_eq!(market.seller.sale(&new).await.unwrap()["priceKrw"], "9000");
}

fn written() -> (i64, String) {
    (1, "PostWritten".to_owned())
}

fn edited(number: i64) -> (i64, String) {
    (number, "PostEdited".to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_restored_database_has_forgotten_is_adopted_on_sqlite() {
    what_a_restored_database_has_forgotten_is_adopted(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_restored_database_has_forgotten_is_adopted_on_postgres() {
    what_a_restored_database_has_forgotten_is_adopted(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_restored_database_has_forgotten_is_adopted_on_mariadb() {
    what_a_restored_database_has_forgotten_is_adopted(Database::MariaDb).await;
}

/// While the broker is away nobody can know; what was written meanwhile comes after what was lost.
async fn what_was_written_since_the_restore_gets_later_numbers(database: Database) {
    let (mut market, post, copy) = Market::with_copy(database).await;
    market.seller.reprice(&post, 550_000).await.unwrap();
    market.seller.sees_price(&post, 550_000).await;
    market.ends().await;

    market.nats.kill();
    market.restore(&copy);
    market.node.restart().await.unwrap();
    market.seller.reprice(&post, 540_000).await.unwrap();
    market.seller.reprice(&post, 530_000).await.unwrap();
    market.nats.restart().await.unwrap();
    market.trusts_nothing(&post).await;
    let said = market.jangteo(&["adopt", "post"]).await.well();
    assert!(said.ends_with("1 were adopted, 0 are lost, 2 got later numbers\n"), "{said}");
    let told = format!("post {post}: its state knows 1 events, its history 2\n");
    assert!(said.contains(&told), "{said}");
    market.trusts_again().await;
    market.seller.sees_price(&post, 530_000).await;
    market.tells(&post, &[written(), edited(2), edited(3), edited(4)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_since_the_restore_gets_later_numbers_on_sqlite() {
    what_was_written_since_the_restore_gets_later_numbers(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_since_the_restore_gets_later_numbers_on_postgres() {
    what_was_written_since_the_restore_gets_later_numbers(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_since_the_restore_gets_later_numbers_on_mariadb() {
    what_was_written_since_the_restore_gets_later_numbers(Database::MariaDb).await;
}

/// An event of which neither database nor stream know anything fills its number, and holds nobody up.
#[tokio::test(flavor = "multi_thread")]
async fn what_nothing_is_left_of_is_voided() {
    let (mut market, post, copy) = Market::with_copy(Database::Sqlite).await;
    market.seller.reprice(&post, 550_000).await.unwrap();
    market.seller.reprice(&post, 540_000).await.unwrap();
    market.seller.sees_price(&post, 540_000).await;
    market.ends().await;
    let jetstream = async_nats::jetstream::new(market.nats.client().await.unwrap());
    let mut stream = jetstream.get_stream("POST").await.unwrap();
    let last = stream.info().await.unwrap().state.last_sequence;
    stream.delete_message(last - 1).await.unwrap();
    for file in ["view.db", "view.db-wal", "view.db-shm"] {
        // The last two are gone when the database was closed in order.
        drop(fs::remove_file(market.node.data_dir().join(file)));
    }

    market.restore(&copy);
    market.node.relaunch().unwrap();
    market.trusts_nothing(&post).await;
    let said = market.jangteo(&["adopt", "post"]).await.well();
    assert!(said.ends_with("1 were adopted, 1 are lost, 0 got later numbers\n"), "{said}");
    market.trusts_again().await;
    market.seller.sees_price(&post, 540_000).await;
    market.tells(&post, &[written(), (2, "Voided".to_owned()), edited(3)]).await;
}

/// A copy that is as new as its stream is served at once: nobody has to do anything.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_has_forgotten_nothing_is_served() {
    let market = Market::on(Database::Sqlite).await;
    let post = market.seller.write("의자").await.unwrap().id;
    market.seller.sees(&post).await;
    market.node.kill();
    market.node.restart().await.unwrap();
    market.seller.reprice(&post, 5_000).await.unwrap();
    market.seller.sees_price(&post, 5_000).await;
    assert!(!market.node.output().contains(BEHIND));
}
