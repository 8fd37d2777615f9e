//! The end of a process by SIGTERM: orderly, and within its deadline.

use std::time::Duration;

use futures::future::join_all;
use jangteo_testing::{Nats, Node, tokens::Keys, until};
use serde_json::json;
use tokio::{net::TcpStream, time::Instant};
use tonic::Code;

use super::switches;
use crate::{
    mesh::{Mesh, node},
    seller::{LONG, Seller, at_rest, databases, reason, serving},
};

/// What a busy machine may take beyond a deadline.
const SLACK: Duration = Duration::from_secs(10);

async fn lame_for(ms: &str) -> Mesh {
    let nats = Nats::start().await.unwrap();
    let node = node(&nats).env("JANGTEO_LAME_DUCK_MS", ms).start().await.unwrap();
    let keys = Keys::open(node.data_dir().join("keys")).await.unwrap();
    Mesh { nats, node, keys }
}

async fn ended(node: &Node) {
    let status = node.wait_exit(LONG).await.unwrap();
    assert_eq!(status.code(), Some(0), "{}", node.output());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_watch_and_a_silent_connection_do_not_hold_a_process_up() {
    let mesh = Mesh::start().await.unwrap();
    let seller = Seller::at(&mesh.node, &mesh.keys, "seller01");
    let mut watch = seller.watch("").await.unwrap();
    assert!(watch.next().await.unwrap()["reset"].is_object());
    let _silent = TcpStream::connect(mesh.node.addr()).await.unwrap();
    let begun = Instant::now();
    mesh.node.terminate().unwrap();
    let end = watch.next().await.unwrap_err();
    assert_eq!((end.code(), reason(&end).as_str()), (Code::Unavailable, "STOPPING"), "{end:?}");
    ended(&mesh.node).await;
    let deadline = Duration::from_secs(5) + SLACK;
    assert!(begun.elapsed() < deadline, "gone after {:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lame_duck_is_not_ready_and_serves_on() {
    let mesh = lame_for("3000").await;
    let seller = Seller::at(&mesh.node, &mesh.keys, "seller01");
    let before = seller.write("의자").await.unwrap();
    seller.sees(&before.id).await;
    mesh.node.terminate().unwrap();
    until(LONG, async || (serving(&mesh.node, "readiness").await == Some(false)).then_some(()))
        .await;
    seller.write("무선마우스").await.expect("on a connection that was open");
    let late = Seller::at(&mesh.node, &mesh.keys, "seller02");
    late.write("책상").await.expect("on a new connection");
    assert_eq!(serving(&mesh.node, "liveness").await, Some(true));
    ended(&mesh.node).await;
    mesh.node.restart().await.unwrap();
    let mut history = seller.history(true);
    history.writes.extend(late.history(true).writes);
    at_rest(databases(&mesh.node), history, Some(&mesh.nats)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_under_load_is_there_after_the_end() {
    let mesh = Mesh::start().await.unwrap();
    let seller = Seller::at(&mesh.node, &mesh.keys, "seller01");
    let write = async |number: usize| {
        for count in 0..30 {
            seller.insist(&format!("의자 {number}.{count}")).await;
        }
    };
    let end = async {
        until(LONG, async || (seller.history(true).writes.len() > 40).then_some(())).await;
        mesh.node.terminate().unwrap();
        ended(&mesh.node).await;
        assert!(seller.history(true).writes.len() < 8 * 30, "nobody wrote any more");
        mesh.node.restart().await.unwrap();
    };
    tokio::join!(join_all((0..8).map(write)), end);
    at_rest(databases(&mesh.node), seller.history(true), Some(&mesh.nats)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_broker_does_not_hold_a_process_up() {
    let mesh = Mesh::start().await.unwrap();
    let seller = Seller::at(&mesh.node, &mesh.keys, "seller01");
    let first = seller.write("의자").await.unwrap();
    seller.sees(&first.id).await;
    mesh.nats.stop().unwrap();
    let post = seller.write("무선마우스").await.unwrap();
    let begun = Instant::now();
    mesh.node.terminate().unwrap();
    ended(&mesh.node).await;
    assert!(begun.elapsed() < Duration::from_secs(5) + SLACK, "gone after {:?}", begun.elapsed());
    mesh.nats.resume().unwrap();
    mesh.node.restart().await.unwrap();
    seller.sees(&post.id).await;
    at_rest(databases(&mesh.node), seller.history(true), Some(&mesh.nats)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_made_to_hang_does_not_hold_a_process_up() {
    let mesh = switches::mesh().await;
    let seller = Seller::at(&mesh.node, &mesh.keys, "seller01");
    let first = seller.write("의자").await.unwrap();
    seller.sees(&first.id).await;
    switches::set(&mesh.node, &mesh.keys, json!({"context": "post", "hang": true})).await;
    let end = async {
        // What was asked before on the same connection has arrived before, and hangs.
        seller.sale(&first.id).await.expect("another context is well");
        let begun = Instant::now();
        mesh.node.terminate().unwrap();
        ended(&mesh.node).await;
        begun.elapsed()
    };
    let (hung, took) = tokio::join!(seller.write("책상"), end);
    let hung = hung.expect_err("nobody has let it go");
    assert_eq!((hung.code(), reason(&hung).as_str()), (Code::Unavailable, "STOPPING"), "{hung:?}");
    assert!(took < Duration::from_secs(5) + SLACK, "gone after {took:?}");
    mesh.node.restart().await.unwrap();
    at_rest(databases(&mesh.node), seller.history(true), Some(&mesh.nats)).await;
}
