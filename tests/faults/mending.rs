//! What operators do when a stream or a read model has lost what the journals know.

use async_nats::jetstream::{self, stream::Stream};
use futures::StreamExt as _;
use jangteo_testing::{Nats, until};
use sea_orm::{ConnectionTrait as _, Database};

use super::poison::numbers;
use crate::{
    mesh::{Mesh, node},
    seller::{LONG, Seller, at_rest, databases},
};

fn seller(mesh: &Mesh) -> Seller {
    Seller::at(&mesh.node, &mesh.keys, "seller01")
}

async fn stream(nats: &Nats) -> Stream {
    let context = jetstream::new(nats.client().await.unwrap());
    until(LONG, async || context.get_stream("POST").await.ok()).await
}

/// Posts that were written, repriced and seen.
async fn posts(seller: &Seller, many: usize) -> Vec<String> {
    let mut posts = vec![];
    for number in 0..many {
        let post = seller.write(&format!("의자 {number}")).await.unwrap().id;
        seller.reprice(&post, 5_000).await.unwrap();
        posts.push(post);
    }
    for post in &posts {
        seller.sees_price(post, 5_000).await;
    }
    posts
}

/// What a subscriber outside the mesh is told: the ids of events.
async fn told(nats: &Nats, many: usize) -> Vec<String> {
    let stream = stream(nats).await;
    let consumer = stream.create_consumer(jetstream::consumer::pull::Config::default());
    let messages = consumer.await.unwrap().messages().await.unwrap().take(many);
    let ids = messages.map(|message| {
        let headers = message.unwrap().headers.clone().unwrap();
        headers.get("ce-id").unwrap().to_string()
    });
    tokio::time::timeout(LONG, ids.collect()).await.unwrap()
}

/// Within the broker's memory of what it was sent, and with copies of it still there.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_refilled_from_the_journal() {
    let mesh = Mesh::start().await.unwrap();
    let seller = seller(&mesh);
    posts(&seller, 5).await;
    let before = told(&mesh.nats, 10).await;
    // What is published again is what the journal knows that the broker has.
    at_rest(databases(&mesh.node), seller.history(true), Some(&mesh.nats)).await;
    stream(&mesh.nats).await.purge().await.unwrap();
    let said = mesh.jangteo(&["refill", "post"]).await.well();
    assert!(said.ends_with("post: 10 events were published again\n"), "{said}");
    assert_eq!(told(&mesh.nats, 10).await, before, "the same ids, in the same order");

    let said = mesh.jangteo(&["refill", "post"]).await.well();
    assert!(said.ends_with("post: 10 events were published again\n"), "{said}");
    assert_eq!(told(&mesh.nats, 20).await, [before.clone(), before].concat());
    let none = mesh.jangteo(&["refill", "post", "--until", "2020-01-01T00:00:00Z"]).await.well();
    assert_eq!(none, "post: 0 events were published again\n");
    let none = mesh.jangteo(&["refill", "post", "--since", "2999-01-01T00:00:00Z"]).await.well();
    assert_eq!(none, "post: 0 events were published again\n");
    let unreadable = mesh.jangteo(&["refill", "post", "--since", "yesterday"]).await;
    assert!(unreadable.err.contains("--since"), "{unreadable:?}");
    let nobody = mesh.jangteo(&["refill", "weather"]).await;
    assert!(nobody.err.contains("does not serve `weather`"), "{nobody:?}");
    // Whoever follows has heard of all of it, and nothing happens twice.
    let new = seller.write("책상").await.unwrap().id;
    seller.sees(&new).await;
    at_rest(databases(&mesh.node), seller.history(true), None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refill_without_a_broker_says_so() {
    let mesh = Mesh::start().await.unwrap();
    posts(&seller(&mesh), 1).await;
    mesh.nats.kill();
    let said = until(LONG, async || {
        let said = mesh.jangteo(&["refill", "post"]).await;
        said.err.contains("no connection to the broker").then_some(said)
    });
    assert_eq!(said.await.code, Some(1));
}

/// The usual compare looks at what is new, and this one at everything.
#[tokio::test(flavor = "multi_thread")]
async fn a_read_model_that_lost_its_gates_is_compared_from_the_beginning() {
    let nats = Nats::start().await.unwrap();
    let node = node(&nats).env("JANGTEO_COMPARE_MS", "3600000").start().await.unwrap();
    let keys = jangteo_testing::tokens::Keys::open(node.data_dir().join("keys")).await.unwrap();
    let mesh = Mesh { nats, node, keys };
    let seller = seller(&mesh);
    let posts = posts(&seller, 3).await;
    at_rest(databases(&mesh.node), seller.history(true), Some(&mesh.nats)).await;
    // Another read model hears of them by itself.
    let [_, url] = databases(&mesh.node);
    let heard = "SELECT COUNT(*) FROM gate WHERE consumer = 'my_deals@1' AND sequence = 2";
    until(LONG, async || (numbers(&url, heard).await == [3]).then_some(())).await;
    let view = format!("sqlite://{}/view.db", mesh.node.data_dir().display());
    let view = Database::connect(view).await.unwrap();
    for lost in ["DELETE FROM my_sale", "DELETE FROM gate WHERE consumer = 'my_sales@1'"] {
        view.execute_unprepared(lost).await.unwrap();
    }
    view.close().await.unwrap();
    assert!(seller.sale(&posts[0]).await.is_err());

    let said = mesh.jangteo(&["compare", "view"]).await.well();
    assert!(said.contains("my_sales@1 with post, done: 3 aggregates, 3 lacked events\n"), "{said}");
    assert!(said.contains("my_deals@1 with post, done: 3 aggregates, 0 lacked events\n"), "{said}");
    for post in &posts {
        assert_eq!(seller.sale(post).await.unwrap()["priceKrw"], "5000");
    }
    at_rest(databases(&mesh.node), seller.history(true), Some(&mesh.nats)).await;
}

/// The second net: broker and source were both restored, and only whoever follows knows more.
#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_knows_less_than_whoever_follows_is_told() {
    let mesh = Mesh::start().await.unwrap();
    let seller = seller(&mesh);
    posts(&seller, 2).await;
    mesh.node.terminate().unwrap();
    mesh.node.wait_exit(LONG).await.unwrap();
    mesh.nats.wipe().await.unwrap();
    let post = format!("sqlite://{}/post.db", mesh.node.data_dir().display());
    let post = Database::connect(post).await.unwrap();
    post.execute_unprepared("DELETE FROM journal WHERE sequence = 2").await.unwrap();
    post.close().await.unwrap();
    mesh.node.restart().await.unwrap();
    let said = mesh.jangteo(&["compare", "view"]).await;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.out.contains(
            "my_sales@1 with post, done: 2 aggregates, 0 lacked events, 2 of which post knows less"
        ),
        "{said:?}"
    );
    assert!(said.err.contains("SOURCE_BEHIND"), "{said:?}");
    until(LONG, async || mesh.node.output().contains("SOURCE_BEHIND").then_some(())).await;
}
