//! More is asked than can be done: what there is no place for is refused at once and does nothing,
//! and what was begun comes to its end.

use std::time::Duration;

use futures::future::join_all;
use jangteo_testing::{Nats, grpc, tokens::Keys, until};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use tonic::Code;

use crate::{
    mesh::{Mesh, node},
    seller::{LONG, Seller, at_rest, databases, reason, says_when, serving},
};

/// Calls that a service takes on at once here.
const PLACES: &str = "2";
/// Longer than it takes to read that a connection was closed.
const QUIET: Duration = Duration::from_millis(200);
/// Callers at the same time.
const CALLERS: usize = 100;

/// A process with few places.
async fn narrow(limits: &[(&str, &str)]) -> Mesh {
    let nats = Nats::start().await.unwrap();
    let builder = limits.iter().fold(node(&nats), |node, (name, value)| node.env(name, value));
    let node = builder.start().await.unwrap();
    let keys = Keys::open(node.data_dir().join("keys")).await.unwrap();
    Mesh { nats, node, keys }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_there_is_no_place_for_does_nothing_and_can_be_asked_again() {
    let mesh = narrow(&[("JANGTEO_MAX_CALLS", PLACES)]).await;
    let seller = Seller::at(&mesh.node, &mesh.keys, "seller01");
    let refused = until(LONG, async || {
        let answers = join_all((0..CALLERS).map(|_| seller.write("의자"))).await;
        let refused: Vec<_> = answers.into_iter().filter_map(Result::err).collect();
        (!refused.is_empty()).then_some(refused)
    });
    for refused in refused.await {
        assert_eq!(refused.code(), Code::ResourceExhausted, "{refused:?}");
        assert_eq!(reason(&refused), "OVERLOADED");
        assert!(says_when(&refused), "{refused:?}");
    }
    let insisting = join_all((0..CALLERS).map(|_| seller.insist("책상"))).await;
    seller.sees(&insisting[0].id).await;
    // Complete: what was refused has left nothing behind.
    at_rest(databases(&mesh.node), seller.history(true), Some(&mesh.nats)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_json_the_answer_says_when_to_ask_again() {
    let mesh = narrow(&[("JANGTEO_MAX_CALLS", "0")]).await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/v1/posts/0190a7c5-3b1e-7cc0-b2a4-5b8a0f1d2e3f", mesh.node.http_url());
    let answer = http.get(url).bearer_auth(mesh.keys.user("buyer01")).send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["retry-after"]),
        (429, &"1".parse().unwrap())
    );
    let body: serde_json::Value = answer.json().await.unwrap();
    let mut details = body["details"].as_array().unwrap().iter();
    assert!(details.any(|detail| detail["reason"] == "OVERLOADED"), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn health_operators_and_other_contexts_get_in_when_nobody_else_does() {
    let mesh = narrow(&[("JANGTEO_MAX_CALLS", "0"), ("JANGTEO_MAX_STREAMS", "1")]).await;
    let seller = Seller::at(&mesh.node, &mesh.keys, "seller01");
    assert_eq!(reason(&seller.write("의자").await.unwrap_err()), "OVERLOADED");
    let open = seller.watch("").await.unwrap();
    assert_eq!(reason(&seller.watch("").await.err().unwrap()), "TOO_MANY_STREAMS");
    assert_eq!(serving(&mesh.node, "readiness").await, Some(true));
    let letters = "/jangteo.ops.v1.DeadLetterService/ListDeadLetters";
    let operator = mesh.keys.operator();
    grpc::call(mesh.node.channel(), letters, json!({}), Some(&operator), &[]).await.unwrap();
    let heads = "/jangteo.journal.v1.JournalService/ListHeads";
    let (asked, view) = (json!({"context": "post"}), mesh.keys.service("view"));
    grpc::call(mesh.node.channel(), heads, asked, Some(&view), &[]).await.unwrap();
    drop(open);
    until(LONG, async || seller.watch("").await.ok()).await;
}

/// Whoever keeps connections and says nothing on them makes room for those who do.
#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_make_room_for_new_ones() {
    let mesh = narrow(&[("JANGTEO_MAX_CONNECTIONS", "8")]).await;
    let watcher = Seller::at(&mesh.node, &mesh.keys, "seller01");
    let mut watch = watcher.watch("").await.unwrap();
    let mut idle = vec![];
    for _ in 0..50 {
        let mut socket = TcpStream::connect(mesh.node.addr()).await.unwrap();
        // The preface and empty settings: a connection that was begun in earnest.
        let begin = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
        drop(socket.write_all(begin).await);
        idle.push(socket);
        let newcomer = Seller::at(&mesh.node, &mesh.keys, "seller01");
        until(LONG, async || newcomer.write("의자").await.ok()).await;
    }
    watch.next().await.expect("who has something to wait for stays");
    let mut closed = 0;
    for mut socket in idle {
        // The greeting of the server, and the end where it hung up.
        let mut said = vec![];
        closed += usize::from(timeout(QUIET, socket.read_to_end(&mut said)).await.is_ok());
    }
    assert!(closed >= 40, "{closed} of 50 were closed");
    at_rest(databases(&mesh.node), watcher.history(false), Some(&mesh.nats)).await;
}
