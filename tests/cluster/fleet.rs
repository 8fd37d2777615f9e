//! Two processes of every context and two gateways, each pair behind a balancer, on one PostgreSQL
//! server with a database for each context.

use std::{collections::BTreeMap, path::Path, time::Duration};

use anyhow::Result;
use bytes::Bytes;
use futures::{future::join_all, stream::BoxStream};
use jangteo_testing::{
    Balancer, Nats, Node, Postgres, balancer::Backend, grpc, http2::Connection, node::Builder,
    ports, scratch, tokens::Keys, until,
};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};
use tonic::{Status, transport::Channel};

use crate::{
    mesh::BINARY,
    seller::LONG,
    stories::market::{Client, Story},
};

/// What the gateway is called among contexts.
const GATEWAY: &str = "gateway";

/// One process after the other is told to end: all that was connected to it connects to another one, and
/// that one goes on with its work. If fifteen did so at once on two cores, payments would take longer than
/// the 610 ms that they have.
const APART: Duration = Duration::from_millis(500);
/// When a process that was told to end has to be gone.
const DRAIN: Duration = Duration::from_secs(10);
/// What a busy machine may take beyond that.
const SLACK: Duration = Duration::from_secs(5);
/// What a process says that was not done by then.
const OVERDUE: &str = "not everything was done by the deadline";

/// The times of processes that are replaced under load, on a machine that has all of them to itself.
pub(crate) const REPLACED: [(&str, &str); 9] = [
    // Ten times as long as a balancer needs to see that a process is not ready: it has to wait for its
    // turn on the machine.
    ("JANGTEO_LAME_DUCK_MS", "2000"),
    // Of what is left calls that run have a half, 4 s,
    ("JANGTEO_DRAIN_MS", "10000"),
    // so that a read that waits for its write has come to its end before.
    ("JANGTEO_TOKEN_WAIT_MS", "3500"),
    // What a follower had before it that went away comes again this soon: within the wait of a read.
    ("JANGTEO_ACK_WAIT_MS", "1000"),
    // Half of all events are written by processes that do not publish.
    ("JANGTEO_RELAY_POLL_MS", "200"),
    ("JANGTEO_SWEEP_MS", "500"),
    ("JANGTEO_BACKOFF_MAX_MS", "500"),
    // So many processes that compare more often would do nothing else.
    ("JANGTEO_COMPARE_MS", "2000"),
    ("JANGTEO_COMPARE_MARGIN_MS", "5000"),
];

/// All processes, and what is around them.
pub(crate) struct Fleet {
    // Above what they live on: they must be gone first.
    halves: [Vec<Node>; 2],
    balancers: BTreeMap<&'static str, Balancer>,
    /// What the processes of a half host, in their order.
    hosted: Vec<&'static str>,
    databases: BTreeMap<&'static str, String>,
    pub(crate) nats: Nats,
    pub(crate) keys: Keys,
    _postgres: Postgres,
    _key_dir: TempDir,
}

/// What the processes are to be.
struct Plan {
    shared: Builder,
    balancers: BTreeMap<&'static str, Balancer>,
    /// Where each context is served, by the one and by the other.
    places: Vec<(&'static str, [String; 2])>,
}

impl Fleet {
    /// Starts two processes of each of these contexts, and two gateways, with times of the test's own;
    /// all others are as they are shipped.
    pub(crate) async fn start(contexts: Story, times: &[(&str, &str)]) -> Result<Self> {
        Self::start_of(Path::new(BINARY), contexts, times).await
    }

    /// The same, of this version of the program.
    pub(crate) async fn start_of(
        program: &Path,
        contexts: Story,
        times: &[(&str, &str)],
    ) -> Result<Self> {
        let (nats, postgres) = (Nats::start().await?, Postgres::start().await?);
        let key_dir = scratch::directory("keys")?;
        let shared = Node::builder(program).nats(&nats).key_dir(key_dir.path());
        let shared = times.iter().fold(shared, |builder, (name, value)| builder.env(name, value));
        let mut plan = Plan { shared, balancers: BTreeMap::new(), places: vec![] };
        let mut databases = BTreeMap::new();
        for &context in contexts {
            let database = postgres.database().await?;
            plan.add(context, &database)?;
            databases.insert(context, database);
        }
        let halves = [plan.start(0).await?, plan.start(1).await?];
        let gateways = halves.each_ref().map(|half| door(half.last().expect("it is the last one")));
        plan.balancers.insert(GATEWAY, Balancer::start(gateways.into())?);
        let keys = Keys::open(key_dir.path()).await?;
        let hosted = contexts.iter().copied().chain([GATEWAY]).collect();
        let fleet = Self {
            halves,
            balancers: plan.balancers,
            hosted,
            databases,
            nats,
            keys,
            _postgres: postgres,
            _key_dir: key_dir,
        };
        fleet.whole().await;
        Ok(fleet)
    }

    /// Where the gateways are, as a URL.
    pub(crate) fn door(&self) -> String {
        self.balancers[GATEWAY].url()
    }

    /// How each gateway takes part in balancing.
    pub(crate) fn doors(&self) -> [Backend; 2] {
        self.pair(GATEWAY).map(door)
    }

    /// The two processes of a context.
    pub(crate) fn pair(&self, context: &str) -> [&Node; 2] {
        let position = self.hosted.iter().position(|hosted| *hosted == context);
        let position = position.expect("it is hosted");
        self.halves.each_ref().map(|half| &half[position])
    }

    /// The database of a context.
    pub(crate) fn database(&self, context: &str) -> &str {
        &self.databases[context]
    }

    /// Whoever this token names, at the processes of the first half themselves.
    pub(crate) fn client(&self, token: String) -> Client {
        let nodes = self.hosted.iter().zip(&self.halves[0]);
        Client::over(nodes.map(|(context, node)| (*context, node.channel())), token)
    }

    /// A person there.
    pub(crate) fn person(&self, name: &str) -> Client {
        self.client(self.keys.user(name))
    }

    /// Waits until every balancer gives connections to both of its processes.
    pub(crate) async fn whole(&self) {
        let all = async || self.balancers.values().all(|it| it.ready() == 2).then_some(());
        until(LONG, all).await;
    }

    /// Ends all processes of a half, while at each of them there is somebody who does not let go. They have
    /// to be gone in time; then they start again, one after the other.
    pub(crate) async fn replace(&self, half: usize) {
        self.whole().await;
        let nodes = &self.halves[half];
        let clinging = join_all(nodes.iter().map(Clinging::to)).await;
        let begun = Instant::now();
        let turns = (0..).map(|turn| turn * APART);
        join_all(nodes.iter().zip(turns).map(|(node, turn)| gone(node, turn))).await;
        println!("half {half} is gone after {:.1?}", begun.elapsed());
        drop(clinging);
        for node in nodes {
            node.restart().await.unwrap();
        }
        self.whole().await;
    }

    /// The same, by processes of another version of the program.
    pub(crate) async fn update(&mut self, half: usize, program: &Path) {
        for node in &mut self.halves[half] {
            node.set_binary(program);
        }
        self.replace(half).await;
    }
}

impl Plan {
    /// Adds a context: its database, its two places, and the balancer before them.
    fn add(&mut self, context: &'static str, database: &str) -> Result<()> {
        let places = [(); 2].map(|()| format!("127.0.0.1:{}", ports::free()));
        let backends = places.each_ref().map(|addr| {
            let (addr, health) = (addr.clone(), format!("http://{addr}"));
            Backend { addr, health }
        });
        self.balancers.insert(context, Balancer::start(backends.into())?);
        self.places.push((context, places));
        self.shared = self.shared.clone().database_url_of(context, database);
        Ok(())
    }

    /// Starts the processes of a half, the gateway as the last one.
    async fn start(&self, half: usize) -> Result<Vec<Node>> {
        let mut nodes = vec![];
        for (context, places) in &self.places {
            nodes.push(self.describe(context).at(&places[half]).launch()?);
        }
        nodes.push(self.describe(GATEWAY).launch()?);
        for node in &nodes {
            node.ready().await?;
        }
        Ok(nodes)
    }

    /// A process, which reaches all others through their balancers.
    fn describe(&self, hosted: &str) -> Builder {
        let others = self.balancers.iter().filter(|(context, _)| **context != hosted);
        let process = self.shared.clone().contexts([hosted]);
        others.fold(process, |process, (context, others)| process.peer(context, others.url()))
    }
}

/// Where a gateway takes connections, and where its process tells of its health.
fn door(gateway: &Node) -> Backend {
    Backend { addr: gateway.http_addr().to_owned(), health: gateway.url() }
}

/// Ends a process when it is its turn. Its end has to come in time and in order.
async fn gone(node: &Node, turn: Duration) {
    sleep(turn).await;
    let begun = Instant::now();
    node.terminate().unwrap();
    let status = node.wait_exit(LONG).await.unwrap();
    let (took, output) = (begun.elapsed(), node.output());
    assert_eq!(status.code(), Some(0), "{output}");
    assert!(took < DRAIN + SLACK, "gone after {took:?}:\n{output}");
    assert!(!output.contains(OVERDUE), "{output}");
}

/// Somebody who lets go of nothing at any door of a process: neither of a connection on which he says
/// nothing and hears nothing, nor of a stream that he does not read.
struct Clinging {
    _silent: Vec<Connection>,
    _unread: Vec<BoxStream<'static, Result<Bytes, Status>>>,
}

impl Clinging {
    async fn to(node: &Node) -> Self {
        let mut doors = vec![(node.addr(), node.channel())];
        if node.http_health("liveness").await.is_ok() {
            doors.push((node.http_addr(), node.http_channel()));
        }
        let (mut silent, mut unread) = (vec![], vec![]);
        for (addr, channel) in doors {
            silent.push(Connection::open(addr).await.unwrap());
            unread.push(health(channel).await.unwrap());
        }
        Self { _silent: silent, _unread: unread }
    }
}

/// A stream that tells whether a process is alive, which ends with it only.
async fn health(channel: Channel) -> Result<BoxStream<'static, Result<Bytes, Status>>, Status> {
    // Field 1, the name of what is asked for.
    let asked = Bytes::from_static(b"\x0a\x08liveness");
    grpc::raw_stream(channel, "/grpc.health.v1.Health/Watch", asked, None, &[]).await
}
