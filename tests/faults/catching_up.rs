//! Read models that come late, to a stream that has lost what they lack, or that are restored from an
//! older copy after the stream has told them all: by comparing they are complete again.

use std::{path::Path, time::Duration};

use async_nats::jetstream::{self, stream::Stream};
use jangteo_testing::{Nats, Node, tokens::Keys, until};

use crate::{
    mesh::{Database, node, node_on},
    pace::is_full,
    seller::{LONG, Seller, at_rest_within, databases},
};

/// What is lacking is read aggregate by aggregate.
const PATIENCE: Duration = Duration::from_mins(3);

/// How many posts are written at a time, each with another price after that.
fn many() -> u32 {
    if is_full() { 500 } else { 30 }
}

/// What is left of a stream.
#[derive(Clone, Copy, Debug)]
enum Left {
    Nothing,
    /// The newest messages, which come after a gap.
    Newest(u64),
}

/// The stream, once the relay has made it.
async fn stream(nats: &Nats) -> Stream {
    let context = jetstream::new(nats.client().await.unwrap());
    until(LONG, async || context.get_stream("POST").await.ok()).await
}

/// Waits until the stream was told so many events, and throws them away.
async fn trim(nats: &Nats, told: u64, left: Left) {
    let stream = stream(nats).await;
    until(LONG, async || {
        let state = stream.get_info().await.ok()?.state;
        (state.last_sequence == told).then_some(())
    })
    .await;
    match left {
        Left::Nothing => stream.purge().await.unwrap(),
        Left::Newest(many) => stream.purge().keep(many).await.unwrap(),
    };
}

/// Writes posts and reprices them.
async fn sells(seller: &Seller) -> Vec<String> {
    let mut posts = vec![];
    for number in 0..many() {
        let post = seller.write(&format!("의자 {number}")).await.unwrap().id;
        seller.reprice(&post, 5_000).await.unwrap();
        posts.push(post);
    }
    posts
}

/// Posts of their own, a broker, and nobody who follows yet.
struct Source {
    nats: Nats,
    node: Node,
    keys: Keys,
}

impl Source {
    async fn start() -> Self {
        let nats = Nats::start().await.unwrap();
        let node = node(&nats).contexts(["post"]).start().await.unwrap();
        let keys = Keys::open(node.data_dir().join("keys")).await.unwrap();
        Self { nats, node, keys }
    }

    fn key_dir(&self) -> impl AsRef<Path> {
        self.node.data_dir().join("keys")
    }

    /// Starts to follow.
    async fn view(&self) -> Node {
        let view = node(&self.nats).contexts(["view"]).key_dir(self.key_dir());
        view.peer("post", self.node.url()).start().await.unwrap()
    }

    /// The view shows all of this, and what comes next as well.
    async fn is_shown(&self, view: &Node, seller: &Seller, posts: &[String]) {
        let reader = Seller::at(view, &self.keys, "seller01");
        for post in posts {
            reader.sees_price(post, 5_000).await;
        }
        let next = seller.write("책상").await.unwrap().id;
        reader.sees(&next).await;
        let ([post, _], [_, view]) = (databases(&self.node), databases(view));
        at_rest_within(PATIENCE, [post, view], seller.history(true), None).await;
    }
}

async fn who_comes_late_is_told(left: Left) {
    let source = Source::start().await;
    let seller = Seller::at(&source.node, &source.keys, "seller01");
    let posts = sells(&seller).await;
    trim(&source.nats, u64::from(2 * many()), left).await;
    let view = source.view().await;
    source.is_shown(&view, &seller, &posts).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_after_a_stream_was_purged_is_told_everything() {
    who_comes_late_is_told(Left::Nothing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_after_a_stream_was_trimmed_is_told_everything() {
    who_comes_late_is_told(Left::Newest(u64::from(many()))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_away_while_a_stream_was_trimmed_is_told_the_rest() {
    let source = Source::start().await;
    let seller = Seller::at(&source.node, &source.keys, "seller01");
    let mut posts = sells(&seller).await;
    let view = source.view().await;
    let reader = Seller::at(&view, &source.keys, "seller01");
    reader.sees_price(&posts[0], 5_000).await;
    view.kill();
    posts.extend(sells(&seller).await);
    // Of what it had seen it is told something new as well.
    seller.reprice(&posts[0], 4_000).await.unwrap();
    seller.reprice(&posts[0], 5_000).await.unwrap();
    trim(&source.nats, u64::from(4 * many()) + 2, Left::Newest(1)).await;
    view.restart().await.unwrap();
    source.is_shown(&view, &seller, &posts).await;
}

/// Ends in order: nothing is on its way, and the database can be copied.
async fn ends(node: &Node) {
    node.terminate().unwrap();
    node.wait_exit(LONG).await.unwrap();
}

/// Its consumer has told the broker that it needs nothing of this any more.
async fn has_taken_all(nats: &Nats) {
    until(LONG, async || {
        let view = stream(nats).await.consumer_info("view").await.ok()?;
        (view.num_pending == 0 && view.num_ack_pending == 0).then_some(())
    })
    .await;
}

async fn an_older_copy_of_a_view_is_completed(database: Database) {
    let nats = Nats::start().await.unwrap();
    let url = database.create().await.unwrap();
    let mut builder = node_on(&nats, Database::Sqlite).await.unwrap();
    if let Some(url) = &url {
        builder = builder.database_url_of("view", url);
    }
    let mut node = builder.start().await.unwrap();
    let keys = Keys::open(node.data_dir().join("keys")).await.unwrap();
    let seller = Seller::at(&node, &keys, "seller01");
    let old = sells(&seller).await;
    seller.sees_price(old.last().unwrap(), 5_000).await;
    ends(&node).await;
    let [posts, file] = databases(&node);
    let copy = database.copy(url.as_ref().unwrap_or(&file)).await.unwrap();

    node.restart().await.unwrap();
    let new = sells(&seller).await;
    seller.reprice(&old[0], 4_000).await.unwrap();
    seller.delete(&old[1]).await.unwrap();
    seller.sees_price(new.last().unwrap(), 5_000).await;
    has_taken_all(&nats).await;
    ends(&node).await;
    node.set_env("JANGTEO_DATABASE_URL_VIEW", Some(&copy));
    node.restart().await.unwrap();
    seller.sees_price(&old[0], 4_000).await;
    at_rest_within(PATIENCE, [posts, copy], seller.history(true), Some(&nats)).await;
    let next = seller.write("책상").await.unwrap().id;
    seller.sees(&next).await;
    assert!(seller.sale(&old[1]).await.is_err(), "what was deleted is gone again");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_copy_of_a_view_is_completed_on_sqlite() {
    an_older_copy_of_a_view_is_completed(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_copy_of_a_view_is_completed_on_postgres() {
    an_older_copy_of_a_view_is_completed(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_copy_of_a_view_is_completed_on_mariadb() {
    an_older_copy_of_a_view_is_completed(Database::MariaDb).await;
}
