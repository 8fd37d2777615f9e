//! The processes of a market.

use anyhow::Result;
use futures::future;
use jangteo_testing::{Nats, Node, node::Builder, ports};

use crate::stories::gates::{BROKER, Gate};

/// A process: what it hosts, and where.
pub(super) struct Process {
    pub(super) contexts: Vec<&'static str>,
    addr: String,
}

impl Process {
    /// One that hosts these contexts, at an address that is free.
    pub(super) fn of(contexts: Vec<&'static str>) -> Self {
        Self { contexts, addr: format!("127.0.0.1:{}", ports::free()) }
    }

    fn hosts(&self, context: &str) -> bool {
        self.contexts.contains(&context)
    }

    fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Describes it: where all others are, and the gates through which it reaches them.
    fn describe(&self, shared: &Builder, others: &[Self], gates: &[Gate]) -> Builder {
        let mut builder = shared.clone().contexts(self.contexts.iter().copied()).at(&self.addr);
        for other in others.iter().filter(|other| other.addr != self.addr) {
            let peers = other.contexts.iter();
            builder = peers.fold(builder, |builder, peer| builder.peer(peer, other.url()));
        }
        // What is said last counts.
        gates.iter().fold(builder, |builder, gate| gate.describe(&self.contexts, builder))
    }
}

/// Opens those of these gates that lead out of any of the processes, to whoever is there.
pub(super) async fn open(
    gates: &[(&'static str, &'static str)],
    processes: &[Process],
    nats: &Nats,
) -> Result<Vec<Gate>> {
    let host = |context: &str| processes.iter().find(|process| process.hosts(context));
    let is_there = |asked: &str| asked == BROKER || host(asked).is_some();
    let gates = gates.iter().filter(|gate| host(gate.0).is_some() && is_there(gate.1));
    let gates = gates.map(|gate| Gate::open(*gate, host(gate.1).map(Process::url), nats));
    future::try_join_all(gates).await
}

/// Starts them. They call each other, so all addresses are known before any starts; one alone has a
/// gateway.
pub(super) async fn start(
    shared: &Builder,
    processes: &[Process],
    gates: &[Gate],
) -> Result<Vec<Node>> {
    let mut nodes = vec![];
    for process in processes {
        let mut builder = process.describe(shared, processes, gates);
        if processes.len() == 1 {
            builder = builder.contexts(["gateway"]);
        }
        nodes.push(builder.launch()?);
    }
    for node in &nodes {
        node.ready().await?;
    }
    Ok(nodes)
}
