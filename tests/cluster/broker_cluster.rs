//! Three brokers that are one: whoever of them leads may be gone, and nothing that was told is lost.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use async_nats::jetstream;
use futures::future::join_all;
use jangteo_testing::{NatsCluster, Node, checker::History, tokens::Keys, until};
use tokio::time::{Instant, sleep};

use super::rest;
use crate::{
    mesh::{BINARY, soon},
    seller::{LONG, Seller, databases, serving},
};

/// How many sell.
const SELLERS: usize = 3;
/// How long each of them thinks.
const PAUSE: Duration = Duration::from_millis(50);
/// How often a leader is killed.
const KILLED: usize = 2;
/// Those who follow a leader that says nothing any more wait 4 to 9 s, whatever anybody sets, before they
/// elect another one; then who publishes tries again within three. One that ends in order hands over at
/// once, but where the others do not hear of it in time, they elect as well.
const ELECTED: Duration = Duration::from_secs(15);

/// Sells until `over`; nothing that becomes of brokers makes a command fail.
async fn sells(seller: &Seller, over: &AtomicBool) {
    while !over.load(Ordering::Relaxed) {
        let post = seller.write("의자").await.expect("the broker is nobody's business").id;
        sleep(PAUSE).await;
        seller.reprice(&post, 5_000).await.expect("the broker is nobody's business");
    }
}

/// The leader of the posts' stream, once both others have all that it has.
async fn leader(cluster: &NatsCluster) -> usize {
    let whole = async || cluster.is_whole("POST").await.ok().filter(|whole| *whole);
    until(2 * LONG, whole).await;
    until(LONG, async || cluster.leader_of("POST").await.ok()).await
}

/// How long it takes until an event is acknowledged that is written now.
async fn flows(node: &Node, seller: &Seller) -> Duration {
    let begun = Instant::now();
    let [post, _] = databases(node);
    let db = rest::open(&post).await;
    let written = seller.write("책상").await.expect("the broker is nobody's business");
    let id = written.id.parse().unwrap();
    until(2 * LONG, async || (!rest::waits(&db, id).await).then_some(())).await;
    db.close().await.unwrap();
    begun.elapsed()
}

/// While everybody sells, the broker that leads the stream of posts is killed, and started again, and then
/// the one that leads in its place; in the end one that leads ends in order. No command fails, what is
/// written meanwhile leaves as soon as there is another leader, the process is ready throughout, and
/// nothing is lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_is_gone_takes_nothing_with_it() {
    let cluster = NatsCluster::start().await.unwrap();
    let process = soon(Node::builder(BINARY)).nats_cluster(&cluster).contexts(["post", "view"]);
    let node = process.start().await.unwrap();
    let keys = Keys::open(node.data_dir().join("keys")).await.unwrap();
    let seller = |number| Seller::at(&node, &keys, &format!("seller{number}"));
    let (sellers, over): (Vec<_>, _) = ((0..SELLERS).map(seller).collect(), AtomicBool::new(false));
    let first = sellers[0].write("의자").await.unwrap();
    sellers[0].sees(&first.id).await;
    let broker = cluster.client().await.unwrap();
    let stream = jetstream::new(broker.clone()).get_stream("POST").await.unwrap();
    assert_eq!(stream.cached_info().config.num_replicas, 3, "each of them keeps it");

    let gone = async {
        let mut killed = vec![];
        for _ in 0..KILLED {
            let leads = leader(&cluster).await;
            assert!(!killed.contains(&leads), "another one leads now");
            killed.push(leads);
            cluster.kill(leads);
            let took = flows(&node, &sellers[0]).await;
            println!("after a leader was killed events flow again in {took:.1?}");
            assert!(took <= ELECTED, "it took {took:?}");
            assert_eq!(serving(&node, "readiness").await, Some(true));
            cluster.restart(leads).await.unwrap();
        }
        let leads = leader(&cluster).await;
        cluster.terminate(leads).unwrap();
        let took = flows(&node, &sellers[0]).await;
        println!("after a leader has ended in order events flow again in {took:.1?}");
        assert!(took <= ELECTED, "it took {took:?}");
        cluster.restart(leads).await.unwrap();
        over.store(true, Ordering::Relaxed);
    };
    tokio::join!(join_all(sellers.iter().map(|seller| sells(seller, &over))), gone);
    leader(&cluster).await;
    let writes = sellers.iter().flat_map(|seller| seller.history(true).writes).collect();
    let history = History { writes, complete: true, ..History::default() };
    rest::posts(databases(&node), history, &broker).await;
}
