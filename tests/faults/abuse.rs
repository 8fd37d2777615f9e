//! Raw abuse of HTTP/2, all kinds of it at once: the process lives and keeps its memory together, and
//! whoever means no harm hardly notices.

mod tricks;

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use futures::{StreamExt as _, future::join_all, stream};
use jangteo_testing::{
    Collector, Nats, Node, grpc, http2::Connection, tokens::Keys, until, usage::resident_mib,
};
use serde_json::{Value, json};
use tokio::time;
use tonic::transport::Channel;

use self::tricks::{Played, Trick};
use crate::{
    mesh::node,
    pace::{Pace, goes_on, is_full},
    seller::LONG,
};

/// Who means no harm.
const INNOCENT: usize = 2;
/// Connections on which each trick is played at the same time.
const AT_ONCE: usize = 2;
/// How often each of them is played. Without a pause those who abuse would take most of the cores of
/// this machine for themselves, which is no doing of the server's.
const EVERY: Duration = Duration::from_millis(40);
/// What the server may have taken while more than a GiB is thrown at it and those who mean no harm
/// write thousands of posts, in MiB.
const BOUND: f64 = 128.0;
/// The code with which HTTP/2 says that the server is at fault.
const INTERNAL_ERROR: u32 = 2;

/// How often each trick is played.
fn rounds_of(trick: Trick) -> usize {
    match (is_full(), Trick::KEEPING.contains(&trick)) {
        (false, true) => 6,
        (true, false) => 1_000,
        _ => 20,
    }
}

/// How often each innocent calls before.
fn calls() -> usize {
    if is_full() { 1_000 } else { 100 }
}

/// Somebody who means no harm.
struct Innocent {
    channel: Channel,
    token: String,
}

impl Innocent {
    /// Calls until it goes well; how long it took. A machine that is far too busy may refuse him.
    async fn call(&self, method: &str, body: Value) -> (Value, Duration) {
        let (path, since) = (format!("/jangteo.post.v1.PostService/{method}"), Instant::now());
        let post = until(LONG, async || {
            let call =
                grpc::call(self.channel.clone(), &path, body.clone(), Some(&self.token), &[]);
            call.await.ok()
        });
        (grpc::json(&post.await.0), since.elapsed())
    }

    /// Writes posts and reads them; how long each took.
    async fn calls(&self, over: impl Fn(usize) -> bool) -> Vec<Duration> {
        let mut times = vec![];
        while !over(times.len()) {
            let post = json!({"goods": "의자", "price_krw": 5_000, "neighbourhood": "방배동"});
            let (post, took) = self.call("CreatePost", post).await;
            times.push(took);
            for _ in 0..3 {
                times.push(self.call("GetPost", json!({"id": post["id"]})).await.1);
            }
        }
        times
    }
}

async fn paces(innocent: &[Innocent], over: impl Fn(usize) -> bool) -> Pace {
    Pace::of(join_all(innocent.iter().map(|one| one.calls(&over))).await.concat())
}

/// Plays a trick in all its forms, as often as it is to be played; which connections are kept.
async fn played(trick: Trick, door: &str) -> Vec<Connection> {
    let forms = trick.forms();
    let (begun, rounds) = (time::Instant::now(), (0..).zip(forms.iter().cycle()));
    let rounds = rounds.take(rounds_of(trick)).map(async |(round, form): (u32, _)| {
        time::sleep_until(begun + EVERY * round).await;
        trick.play(door, form).await
    });
    let all: Vec<Played> = stream::iter(rounds)
        .buffer_unordered(AT_ONCE)
        .map(|played| played.expect("the server takes connections"))
        .collect()
        .await;
    let thrown: usize = all.iter().map(|played| played.thrown).sum();
    let closed = all.iter().filter(|played| played.said.closed).count();
    let errors: BTreeSet<u32> = all.iter().flat_map(|it| it.said.errors.clone()).collect();
    let many = all.len();
    println!("{trick:?}: {many} times, {thrown} bytes, {closed} hung up on, errors {errors:?}");
    assert!(!errors.contains(&INTERNAL_ERROR), "{trick:?}: {errors:?}");
    all.into_iter().filter_map(|played| played.kept).collect()
}

/// Plays these at the same time.
async fn all_of(tricks: &[Trick], door: &str) -> Vec<Connection> {
    join_all(tricks.iter().map(|trick| played(*trick, door))).await.into_iter().flatten().collect()
}

/// The code of every call that was answered, as the process itself counts them.
async fn codes(node: &Node, collector: &Collector) -> Vec<String> {
    node.terminate().unwrap();
    assert!(node.wait_exit(LONG).await.unwrap().success());
    let points = collector.points("rpc.server.duration");
    points.iter().map(|point| point.attributes["rpc.grpc.status_code"].clone()).collect()
}

/// Where the process is abused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    Context,
    Gateway,
}

async fn abused(door: Door) {
    let (nats, collector) = (Nats::start().await.unwrap(), Collector::start().await.unwrap());
    let told = node(&nats).env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url());
    let node = told.env("OTEL_TRACES_EXPORTER", "none").start().await.unwrap();
    let keys = Keys::open(node.data_dir().join("keys")).await.unwrap();
    let http = node.http_url();
    let (address, channel): (_, fn(&Node) -> Channel) = match door {
        Door::Context => (node.addr(), Node::channel),
        Door::Gateway => (http.trim_start_matches("http://"), Node::http_channel),
    };
    let one = |number| Innocent {
        channel: channel(&node),
        token: keys.user(&format!("innocent{number}")),
    };
    let innocent: Vec<_> = (0..INNOCENT).map(one).collect();

    let before = paces(&innocent, |done| done >= calls()).await;
    let (memory, over) = (resident_mib(node.pid()).unwrap(), AtomicBool::new(false));
    // Those that stay come first: what they hold is held all the while.
    let kept = all_of(&Trick::KEEPING, address).await;
    let abuse = async {
        all_of(&Trick::PASSING, address).await;
        over.store(true, Ordering::Relaxed);
    };
    let (during, ()) = tokio::join!(paces(&innocent, |_| over.load(Ordering::Relaxed)), abuse);
    let grown = resident_mib(node.pid()).unwrap() - memory;
    println!("{door:?}: {memory:.0} MiB before, {grown:.0} more with {} kept", kept.len());
    goes_on(&format!("calls at {door:?}"), &before, &during);
    assert!(grown < BOUND, "{grown:.0} MiB more than {memory:.0}");
    drop(kept);

    let codes = codes(&node, &collector).await;
    assert!(codes.contains(&"0".to_owned()) && !codes.contains(&"13".to_owned()), "{codes:?}");
    let output = node.output();
    let hurt = |line: &&str| line.contains("panic") || line.contains("code=Internal");
    assert_eq!(output.lines().filter(hurt).collect::<Vec<_>>(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_means_no_harm_is_served_while_a_context_is_abused() {
    abused(Door::Context).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_means_no_harm_is_served_while_the_gateway_is_abused() {
    abused(Door::Gateway).await;
}
