//! A broker that freezes while everybody sells: no command fails for it, and whatever was written
//! meanwhile is shown after.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use futures::future::join_all;
use jangteo_testing::{Collector, Nats, checker::History, tokens::Keys, until};

use super::poison::numbers;
use crate::{
    mesh::{Mesh, node},
    pace::{Pace, is_full},
    seller::{Seller, at_rest_within, databases, serving},
};

/// How many sell.
const SELLERS: usize = 4;
const PATIENCE: Duration = Duration::from_mins(5);

/// How long it is frozen.
fn frozen() -> Duration {
    Duration::from_secs(if is_full() { 60 } else { 5 })
}

/// Sells until `over`; how long each command took.
async fn sells(seller: &Seller, over: &AtomicBool) -> Vec<Duration> {
    let mut times = vec![];
    while !over.load(Ordering::Relaxed) {
        let since = Instant::now();
        let post = seller.write("의자").await.expect("the broker is nobody's business").id;
        times.push(since.elapsed());
        let since = Instant::now();
        seller.reprice(&post, 5_000).await.expect("the broker is nobody's business");
        times.push(since.elapsed());
    }
    times
}

/// What all of them were told.
fn told(sellers: &[Seller]) -> History {
    let writes = sellers.iter().flat_map(|seller| seller.history(true).writes).collect();
    History { writes, complete: true, ..History::default() }
}

/// Events of posts that the broker has not acknowledged, as the process tells it.
fn lag(collector: &Collector) -> Option<i64> {
    let points = collector.points("jangteo.journal.lag");
    let of_posts = points.iter().find(|point| point.attributes["jangteo.context"] == "post");
    of_posts.map(|point| point.value)
}

/// The same by the journal itself, at this moment.
async fn unacked(mesh: &Mesh) -> i64 {
    let [post, _] = databases(&mesh.node);
    numbers(&post, "SELECT COUNT(*) FROM journal WHERE acked_time IS NULL").await[0]
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_broker_is_frozen_everybody_sells_and_all_is_shown_after() {
    let (nats, collector) = (Nats::start().await.unwrap(), Collector::start().await.unwrap());
    let told_of = node(&nats)
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url())
        .env("OTEL_TRACES_EXPORTER", "none")
        .env("OTEL_METRIC_EXPORT_INTERVAL", "200");
    let node = told_of.start().await.unwrap();
    let keys = Keys::open(node.data_dir().join("keys")).await.unwrap();
    let mesh = Mesh { nats, node, keys };
    let seller = |number| Seller::at(&mesh.node, &mesh.keys, &format!("seller{number}"));
    let (sellers, over): (Vec<_>, _) = ((0..SELLERS).map(seller).collect(), AtomicBool::new(false));
    let first = sellers[0].write("책상").await.unwrap().id;
    sellers[0].sees(&first).await;

    let freeze = async {
        mesh.nats.stop().unwrap();
        // It is the time itself that is to be survived.
        tokio::time::sleep(frozen()).await;
        let waiting = unacked(&mesh).await;
        println!("{waiting} events wait after {:?}", frozen());
        assert!(waiting > 10, "{waiting} are no load");
        assert_eq!(serving(&mesh.node, "readiness").await, Some(true));
        mesh.nats.resume().unwrap();
        // The load goes on until something of what waited has left.
        until(PATIENCE, async || (unacked(&mesh).await < waiting).then_some(())).await;
        over.store(true, Ordering::Relaxed);
    };
    let (times, ()) =
        tokio::join!(join_all(sellers.iter().map(|seller| sells(seller, &over))), freeze);
    println!("p99 of commands meanwhile: {}", Pace::of(times.concat()));
    until(PATIENCE, async || lag(&collector).filter(|events| *events == 0)).await;
    let history = told(&sellers);
    at_rest_within(PATIENCE, databases(&mesh.node), history, Some(&mesh.nats)).await;
    for seller in &sellers {
        let last = seller.history(true).writes.pop().expect("he has sold something").id;
        seller.sees_price(&last.to_string(), 5_000).await;
    }
}
