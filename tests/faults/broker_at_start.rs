//! A broker that is missing, too old or not durable when a process starts.

use std::net::SocketAddr;

use jangteo_testing::{Nats, Node, node::Builder, ports, tokens::Keys};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tonic::Code;

use crate::{
    mesh::node,
    seller::{Seller, at_rest, databases, reason, says, serving},
};

async fn seller(node: &Node) -> Seller {
    let keys = Keys::open(node.data_dir().join("keys")).await.unwrap();
    Seller::at(node, &keys, "seller01")
}

fn plain(builder: Builder) -> Builder {
    builder.env("NO_COLOR", "1")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_missing_at_start_is_waited_for_while_commands_go_on() {
    let nats = Nats::start().await.unwrap();
    nats.kill();
    let node = plain(node(&nats)).start().await.unwrap();
    let seller = seller(&node).await;
    let mut posts = vec![];
    for goods in ["아이폰13 공기계", "무선마우스", "의자"] {
        posts.push(seller.write(goods).await.unwrap().id);
    }
    let url = nats.url();
    says(&node, &["no connection to the broker", &url, "JANGTEO_NATS_URL", "waiting=3"]).await;
    assert_eq!(serving(&node, "readiness").await, Some(true));
    assert_eq!(seller.sale(&posts[0]).await.unwrap_err().code(), Code::NotFound);

    nats.restart().await.unwrap();
    for post in &posts {
        seller.sees(post).await;
    }
    at_rest(databases(&node), seller.history(true), Some(&nats)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_not_durable_is_warned_of_and_used() {
    let nats = Nats::start_unsynced().await.unwrap();
    let node = plain(node(&nats)).start().await.unwrap();
    says(&node, &["WARN", "sync_interval: always"]).await;
    let seller = seller(&node).await;
    let post = seller.write("무선마우스").await.unwrap();
    seller.sees(&post.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_production_nothing_is_published_to_a_broker_that_is_not_durable() {
    let nats = Nats::start_unsynced().await.unwrap();
    let node = plain(node(&nats)).env("JANGTEO_PRODUCTION", "true").start().await.unwrap();
    refuses_to_publish(&node, "sync_interval: always").await;
    let streams = async_nats::jetstream::new(nats.client().await.unwrap());
    assert!(streams.get_stream("POST").await.is_err(), "not even a stream was made");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_production_nothing_is_published_to_a_broker_whose_durability_is_unknown() {
    let nats = Nats::start().await.unwrap();
    let nobody = format!("http://127.0.0.1:{}", ports::free());
    let node = plain(node(&nats)).env("JANGTEO_PRODUCTION", "true");
    let node = node.env("JANGTEO_NATS_MONITOR_URL", nobody).start().await.unwrap();
    refuses_to_publish(&node, "JANGTEO_NATS_MONITOR_URL").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_too_old_is_named_by_its_version_and_not_used() {
    let (addr, _broker) = old_broker().await;
    let nats = Nats::start().await.unwrap();
    let node = plain(node(&nats)).env("JANGTEO_NATS_URL", format!("nats://{addr}"));
    let node = node.start().await.unwrap();
    refuses_to_publish(&node, "nats-server 2.9.10, which cannot be used: install 2.12").await;
}

/// Commands go on, the log says why nothing is published, and nothing is.
async fn refuses_to_publish(node: &Node, why: &str) {
    let seller = seller(node).await;
    let post = seller.write("무선마우스").await.unwrap();
    says(node, &["events wait in the journal", "waiting=1", why]).await;
    assert_eq!(serving(node, "readiness").await, Some(true));
    let behind = seller.sale_since(&post.id, &post.token).await.unwrap_err();
    assert_eq!((behind.code(), reason(&behind).as_str()), (Code::Unavailable, "VIEW_BEHIND"));
}

/// Something that greets as an old nats-server does.
async fn old_broker() -> (SocketAddr, JoinSet<()>) {
    let listener = TcpListener::bind(("127.0.0.1", ports::free())).await.unwrap();
    let addr = listener.local_addr().unwrap();
    let mut broker = JoinSet::new();
    broker.spawn(async move {
        let mut clients = JoinSet::new();
        while let Ok((client, _)) = listener.accept().await {
            clients.spawn(greet(client, addr));
        }
    });
    (addr, broker)
}

async fn greet(client: TcpStream, addr: SocketAddr) -> std::io::Result<()> {
    let (read, mut write) = client.into_split();
    let about = serde_json::json!({
        "server_id": "OLD", "server_name": "old", "version": "2.9.10", "go": "go1.19", "proto": 1,
        "host": "127.0.0.1", "port": addr.port(), "headers": true, "max_payload": 1_048_576,
        "jetstream": true, "client_id": 1,
    });
    write.write_all(format!("INFO {about}\r\n").as_bytes()).await?;
    let mut lines = BufReader::new(read).lines();
    while let Some(line) = lines.next_line().await? {
        if line == "PING" {
            write.write_all(b"PONG\r\n").await?;
        }
    }
    Ok(())
}
