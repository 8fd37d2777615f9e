//! Two replicas on one database: both serve, one works in the background, and either may die.

use std::path::Path;

use jangteo_testing::{Nats, Node, node::Builder, postgres, tokens::Keys, until};

use crate::{
    cluster::leases::{holder, name},
    mesh::node,
    seller::{LONG, Seller, at_rest, reason},
};

async fn replica(nats: &Nats, databases: &[String; 2], keys: &Path) -> Node {
    described(nats, databases, keys).start().await.unwrap()
}

fn described(nats: &Nats, [post, view]: &[String; 2], keys: &Path) -> Builder {
    let node = node(nats).key_dir(keys).database_url_of("post", post);
    node.database_url_of("view", view)
}

#[tokio::test(flavor = "multi_thread")]
async fn both_serve_one_works_and_the_other_takes_over_when_it_dies() {
    let nats = Nats::start().await.unwrap();
    let keys = tempfile::tempdir().unwrap();
    let databases = [postgres::database().await.unwrap(), postgres::database().await.unwrap()];
    let nodes = [
        replica(&nats, &databases, keys.path()).await,
        replica(&nats, &databases, keys.path()).await,
    ];
    let names = nodes.each_ref().map(name);
    let keys = Keys::open(keys.path()).await.unwrap();
    let sellers = nodes.each_ref().map(|node| Seller::at(node, &keys, "seller01"));
    for (one, other) in [(0, 1), (1, 0)] {
        let post = sellers[one].write("의자").await.unwrap();
        sellers[other].post(&post.id).await.unwrap();
        let sale = sellers[other].sale_since(&post.id, &post.token).await;
        sale.expect("the token is as good at the other replica");
    }

    let first = holder(&databases[0]).await;
    let dying = names.iter().position(|name| *name == first).expect("one of the two");
    let (dead, alive) = (&nodes[dying], &sellers[1 - dying]);
    let mut posts = vec![];
    for number in 0..10 {
        if number == 5 {
            dead.kill();
        }
        posts.push(alive.insist(&format!("무선마우스 {number}")).await);
    }
    for post in &posts {
        alive.sees(&post.id).await;
    }
    assert_eq!(holder(&databases[0]).await, names[1 - dying], "the other one works now");
    assert_eq!(holder(&databases[1]).await, names[1 - dying], "on both databases");

    dead.restart().await.unwrap();
    let post = sellers[dying].insist("책상").await;
    sellers[1 - dying].sees(&post.id).await;
    let mut history = sellers[0].history(true);
    history.writes.extend(sellers[1].history(true).writes);
    at_rest(databases, history, Some(&nats)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_replica_that_does_not_publish_holds_to_the_high_water_too() {
    let nats = Nats::start().await.unwrap();
    nats.kill();
    let keys = tempfile::tempdir().unwrap();
    let databases = [postgres::database().await.unwrap(), postgres::database().await.unwrap()];
    let limited = || {
        let node = described(&nats, &databases, keys.path());
        node.env("JANGTEO_JOURNAL_HIGH_WATER", "5").start()
    };
    let nodes = [limited().await.unwrap(), limited().await.unwrap()];
    let keys = Keys::open(keys.path()).await.unwrap();
    for node in &nodes {
        let seller = Seller::at(node, &keys, "seller01");
        let full = until(LONG, async || seller.write("의자").await.err()).await;
        assert_eq!(reason(&full), "JOURNAL_FULL", "{full:?}");
    }
}
