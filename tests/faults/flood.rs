//! Where something is full: the stream, or the journal behind a broker that is away.

use async_nats::jetstream::{
    self,
    stream::{Config, Stream},
};
use jangteo_testing::{Nats, grpc, tokens::Keys, until};
use serde_json::json;
use tonic::Code;

use crate::{
    mesh::{Mesh, node},
    seller::{LONG, Seller, at_rest, databases, reason, says, says_when},
};

async fn stream(nats: &Nats) -> Stream {
    let jetstream = jetstream::new(nats.client().await.unwrap());
    until(LONG, async || jetstream.get_stream("POST").await.ok()).await
}

/// Sets the most that the stream of posts may hold, as its operator would.
async fn limit(nats: &Nats, max_bytes: i64) {
    let jetstream = jetstream::new(nats.client().await.unwrap());
    let config = stream(nats).await.cached_info().config.clone();
    jetstream.update_stream(Config { max_bytes, ..config }).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_stream_stops_no_command_and_is_filled_up_once_there_is_room() {
    let mesh = Mesh::start().await.unwrap();
    let seller = Seller::at(&mesh.node, &mesh.keys, "seller01");
    let first = seller.write("의자").await.unwrap();
    seller.sees(&first.id).await;
    limit(&mesh.nats, 1_000).await;
    let mut posts = vec![];
    for number in 0..10 {
        posts.push(seller.write(&format!("의자 {number}")).await.unwrap().id);
    }
    says(&mesh.node, &["events wait in the journal", "maximum bytes exceeded", "max_bytes"]).await;

    limit(&mesh.nats, 10_000_000).await;
    for post in &posts {
        seller.sees(post).await;
    }
    at_rest(databases(&mesh.node), seller.history(true), Some(&mesh.nats)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_that_an_operator_has_set_are_left_as_they_are() {
    let mesh = Mesh::start().await.unwrap();
    for max_bytes in [5_000_000, 5_000_000_000] {
        limit(&mesh.nats, max_bytes).await;
        mesh.node.restart().await.unwrap();
        let seller = Seller::at(&mesh.node, &mesh.keys, "seller01");
        let post = seller.write("의자").await.unwrap();
        seller.sees(&post.id).await;
        assert_eq!(stream(&mesh.nats).await.cached_info().config.max_bytes, max_bytes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_the_high_water_of_the_journal_people_wait_and_services_pass() {
    let nats = Nats::start().await.unwrap();
    nats.kill();
    let node = node(&nats).env("JANGTEO_JOURNAL_HIGH_WATER", "5").start().await.unwrap();
    let keys = Keys::open(node.data_dir().join("keys")).await.unwrap();
    let seller = Seller::at(&node, &keys, "seller01");
    let full = until(LONG, async || seller.write("의자").await.err()).await;
    let posts: Vec<String> =
        seller.history(true).writes.iter().map(|write| write.id.to_string()).collect();
    assert_eq!(full.code(), Code::ResourceExhausted, "{full:?}");
    assert_eq!(reason(&full), "JOURNAL_FULL");
    assert!(says_when(&full), "{full:?}");
    assert!(posts.len() >= 5, "{} posts fit in", posts.len());
    seller.post(&posts[0]).await.expect("reads go on");
    let reserve = json!({
        "id": posts[0], "deal_id": posts[1], "offer_id": posts[2], "seller": "seller01",
        "buyer": "buyer01", "agreed_price_krw": 9_000, "call_key": "deals/1",
    });
    let (path, deal) = ("/jangteo.post.v1.PostService/ReservePost", keys.service("deal"));
    let reserved = grpc::call(node.channel(), path, reserve, Some(&deal), &[]).await;
    reserved.expect("what has begun is finished");

    nats.restart().await.unwrap();
    let post = seller.insist("무선마우스").await;
    seller.sees(&post.id).await;
    let free = until(LONG, async || {
        seller.sale(&posts[0]).await.ok().filter(|sale| sale["state"] == "STATE_RESERVED")
    });
    assert_eq!(free.await["agreedPriceKrw"], "9000");
    at_rest(databases(&node), seller.history(false), Some(&nats)).await;
}
