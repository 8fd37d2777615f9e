//! What an order costs where each context is a process of its own, as in a cluster, beside one process
//! that has them all.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use async_trait::async_trait;
use jangteo_testing::{Nats, Node, Postgres, ports, scratch, tokens::Keys, usage, within};
use tempfile::TempDir;
use tokio::time::sleep;

use crate::{
    customer::{CONTEXTS, Customer, bunches},
    figure::{About, Figure, Measure, Outcome, Reading, Rounds},
    load::{Load, Span, closed},
    world::{World, nats},
};

const BASELINE: Option<&str> = Some("all in one process");
/// More would only wait longer than a payment may take.
const CALLERS: u32 = 4;
/// How long what follows from the orders may take.
const PATIENCE: Duration = Duration::from_mins(3);
/// Processes that have had a core for less than this in such a time rest.
const REST: (Duration, Duration) = (Duration::from_millis(30), Duration::from_millis(500));

pub(super) struct Apart;

/// First what both sides tell, then the CPU time of each of [`CONTEXTS`].
const MEASURES: &[Measure] = &[
    Measure { name: "orders, closed loop of 4", unit: "/s", baseline: BASELINE, target: None },
    Measure { name: "answered, median", unit: "ms", baseline: BASELINE, target: None },
    Measure {
        name: "CPU of all processes for each order",
        unit: "ms",
        baseline: BASELINE,
        target: None,
    },
    cpu_of(0),
    cpu_of(1),
    cpu_of(2),
    cpu_of(3),
    cpu_of(4),
    cpu_of(5),
    cpu_of(6),
    cpu_of(7),
];

const fn cpu_of(context: usize) -> Measure {
    Measure { name: CONTEXTS[context], unit: "ms of it", baseline: None, target: None }
}

#[async_trait]
impl Figure for Apart {
    fn about(&self) -> About {
        About {
            id: "APART",
            title: "PlaceOrder, each context in a process of its own, with all that follows from it",
            durability: "PostgreSQL with fsync=on and synchronous_commit=on; NATS with sync_interval: always",
            measures: MEASURES,
        }
    }

    async fn prepare(&self, world: &World) -> Result<Box<dyn Rounds>> {
        let postgres = Postgres::start().await?;
        let together = Side::start(world, &postgres, &[&CONTEXTS]).await?;
        let apart: Vec<_> = CONTEXTS.iter().map(std::slice::from_ref).collect();
        let apart = Side::start(world, &postgres, &apart).await?;
        Ok(Box::new(Sides { together, apart, _postgres: postgres }))
    }
}

struct Sides {
    together: Side,
    apart: Side,
    // Last: all others still need it while they end.
    _postgres: Postgres,
}

#[async_trait]
impl Rounds for Sides {
    async fn round(&mut self, length: Duration) -> Result<Outcome> {
        let (one, one_ms) = self.together.costs("one process", length).await?;
        let (all, all_ms) = self.apart.costs("apart", length).await?;
        let mut readings = vec![
            Reading::beside(all.rate, one.rate),
            Reading::beside(all.latency_ms.p50, one.latency_ms.p50),
            Reading::beside(all_ms.iter().sum(), one_ms.iter().sum()),
        ];
        readings.extend(all_ms.into_iter().map(Reading::alone));
        Ok(Outcome { readings, loads: vec![one, all] })
    }
}

/// The contexts of an order in some processes, with a broker of their own.
struct Side {
    nodes: Vec<Node>,
    customer: Arc<Customer>,
    _nats: Nats,
    _keys: TempDir,
}

impl Side {
    /// Starts a process for each of these groups of contexts.
    async fn start(world: &World, postgres: &Postgres, groups: &[&[&str]]) -> Result<Self> {
        let (nats, dir) = (nats().await?, scratch::directory("keys")?);
        let addrs: Vec<_> = groups.iter().map(|_| format!("127.0.0.1:{}", ports::free())).collect();
        let mut nodes = vec![];
        for (group, addr) in groups.iter().zip(&addrs) {
            let mut node = world.node(&nats, group).at(addr).key_dir(dir.path());
            for context in *group {
                node = node.database_url_of(context, postgres.database().await?);
            }
            for (others, addr) in groups.iter().zip(&addrs).filter(|(it, _)| *it != group) {
                for context in *others {
                    node = node.peer(context, format!("http://{addr}"));
                }
            }
            nodes.push(node.launch()?);
        }
        let mut at = BTreeMap::new();
        for (group, node) in groups.iter().zip(&nodes) {
            node.ready().await?;
            at.extend(group.iter().map(|context| (*context, node)));
        }
        let keys = Keys::open(dir.path()).await?;
        let products = bunches(at["inventory"], &keys).await?;
        let customer = Customer::new(at["order"], &keys.user("customer01"), &products)?;
        Ok(Self { nodes, customer: Arc::new(customer), _nats: nats, _keys: dir })
    }

    /// A load of orders, and the CPU time of each process for one of them, in ms.
    #[expect(clippy::cast_precision_loss, reason = "2^52 requests are too many")]
    async fn costs(&self, what: &str, length: Duration) -> Result<(Load, Vec<f64>)> {
        let before = self.used()?;
        let load = closed(what, &self.customer, CALLERS, Span::Time(length)).await?;
        let after = within(PATIENCE, async || self.rests().await).await;
        let after = after.context("the processes do not come to rest")??;
        let used = after.iter().zip(before).map(|(after, before)| after.saturating_sub(before));
        let ms = used.map(|used| used.as_secs_f64() * 1e3 / load.answered as f64).collect();
        Ok((load, ms))
    }

    /// What all processes have used so far, if they do nothing more.
    async fn rests(&self) -> Option<Result<Vec<Duration>>> {
        let (little, time) = REST;
        let used = async || {
            let before = self.used()?;
            sleep(time).await;
            let after = self.used()?;
            let [begin, end] = [&before, &after].map(|all| all.iter().sum::<Duration>());
            Ok((end.saturating_sub(begin) < little).then_some(after))
        };
        used().await.transpose()
    }

    fn used(&self) -> Result<Vec<Duration>> {
        self.nodes.iter().map(|node| usage::cpu(node.pid())).collect()
    }
}
