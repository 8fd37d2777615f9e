//! A broker that goes away, freezes, or forgets. What is missing comes again: by the stream where
//! it can, by comparing where it can't.

use anyhow::Result;
use async_nats::jetstream;
use jangteo_testing::{Nats, node::Builder, tokens::Keys, until};
use tonic::Code;

use crate::{
    mesh::{Mesh, node},
    seller::{LONG, Seller, at_rest, databases, serving},
};

fn seller(mesh: &Mesh) -> Seller {
    Seller::at(&mesh.node, &mesh.keys, "seller01")
}

/// Compares once, at the start: what arrives later has come by the stream.
async fn following_only() -> Result<Mesh> {
    let nats = Nats::start().await?;
    let node: Builder = node(&nats).env("JANGTEO_COMPARE_MS", "3600000");
    let node = node.start().await?;
    let keys = Keys::open(node.data_dir().join("keys")).await?;
    Ok(Mesh { nats, node, keys })
}

async fn jetstream(nats: &Nats) -> jetstream::Context {
    jetstream::new(nats.client().await.unwrap())
}

/// A first post went all the way: the stream is there and followed.
async fn first_post(seller: &Seller) {
    let post = seller.write("의자").await.unwrap();
    seller.sees(&post.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_broker_is_down_commands_go_on_and_all_arrives_after() {
    let mesh = Mesh::start().await.unwrap();
    let seller = seller(&mesh);
    first_post(&seller).await;
    mesh.nats.kill();
    let mut posts = vec![];
    for goods in ["아이폰13 공기계", "무선마우스", "책상"] {
        posts.push(seller.write(goods).await.unwrap().id);
    }
    seller.reprice(&posts[0], 550_000).await.unwrap();
    assert_eq!(seller.sale(&posts[0]).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(serving(&mesh.node, "readiness").await, Some(true));

    mesh.nats.restart().await.unwrap();
    seller.sees_price(&posts[0], 550_000).await;
    for post in &posts {
        seller.sees(post).await;
    }
    at_rest(databases(&mesh.node), seller.history(true), Some(&mesh.nats)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_broker_stops_no_command_and_loses_nothing() {
    let mesh = Mesh::start().await.unwrap();
    let seller = seller(&mesh);
    first_post(&seller).await;
    mesh.nats.stop().unwrap();
    let mut posts = vec![];
    for number in 0..20 {
        posts.push(seller.write(&format!("의자 {number}")).await.unwrap().id);
    }
    // Longer than an ack may take: the relay has given up once.
    tokio::time::sleep(std::time::Duration::from_secs(6)).await;
    assert_eq!(serving(&mesh.node, "readiness").await, Some(true));
    mesh.nats.resume().unwrap();
    for post in &posts {
        seller.sees(post).await;
    }
    at_rest(databases(&mesh.node), seller.history(true), Some(&mesh.nats)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wiped_broker_is_furnished_and_followed_anew() {
    let mesh = following_only().await.unwrap();
    let seller = seller(&mesh);
    first_post(&seller).await;
    mesh.nats.wipe().await.unwrap();
    let post = seller.write("무선마우스").await.unwrap();
    seller.sees(&post.id).await;
    at_rest(databases(&mesh.node), seller.history(true), None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_wiped_broker_had_acknowledged_still_reaches_a_view_that_lost_its_database() {
    let mesh = Mesh::start().await.unwrap();
    let seller = seller(&mesh);
    let mut posts = vec![];
    for number in 0..5 {
        let post = seller.write(&format!("의자 {number}")).await.unwrap().id;
        seller.reprice(&post, 20_000 + number).await.unwrap();
        posts.push(post);
    }
    seller.sees(&posts[0]).await;
    at_rest(databases(&mesh.node), seller.history(true), Some(&mesh.nats)).await;
    mesh.node.kill();
    mesh.nats.wipe().await.unwrap();
    for file in ["view.db", "view.db-wal", "view.db-shm"] {
        // The last two are gone when the database was closed in order.
        drop(std::fs::remove_file(mesh.node.data_dir().join(file)));
    }
    mesh.node.restart().await.unwrap();
    for (post, price) in posts.iter().zip(20_000..) {
        seller.sees_price(post, price).await;
    }
    let post = seller.write("무선마우스").await.unwrap();
    seller.sees(&post.id).await;
    at_rest(databases(&mesh.node), seller.history(true), None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_was_deleted_is_made_and_followed_anew() {
    let mesh = following_only().await.unwrap();
    let seller = seller(&mesh);
    first_post(&seller).await;
    jetstream(&mesh.nats).await.delete_stream("POST").await.unwrap();
    let post = seller.write("무선마우스").await.unwrap();
    seller.sees(&post.id).await;
    at_rest(databases(&mesh.node), seller.history(true), None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_was_deleted_is_made_anew() {
    let mesh = following_only().await.unwrap();
    let seller = seller(&mesh);
    first_post(&seller).await;
    let jetstream = jetstream(&mesh.nats).await;
    jetstream.delete_consumer_from_stream("view", "POST").await.unwrap();
    let post = seller.write("무선마우스").await.unwrap();
    seller.sees(&post.id).await;
    until(LONG, async || {
        let stream = jetstream.get_stream("POST").await.ok()?;
        stream.consumer_info("view").await.ok().filter(|info| info.num_pending == 0)
    })
    .await;
    at_rest(databases(&mesh.node), seller.history(true), Some(&mesh.nats)).await;
}
