//! Clients that write without a pause, and ask again for what was not answered.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Error, Result};
use jangteo_testing::{
    Node,
    checker::{History, Refusal, Write},
    tokens::Keys,
    within,
};
use tokio::{sync::OnceCell, task::JoinSet};
use uuid::Uuid;

use super::dice::Dice;

mod caller;
mod client;
mod stall;
use caller::Caller;
use client::Client;
use stall::Stall;

/// Sellers who write posts at the same time, each on two connections.
const WRITERS: u32 = 3;
/// Sellers who sell.
const STALLS: u32 = 2;
/// How long the clients may take to come to their end.
const END: Duration = Duration::from_secs(30);

/// Clients at work.
pub(super) struct Load {
    shared: Arc<Shared>,
    clients: JoinSet<()>,
}

/// What clients and their observer share.
#[derive(Debug, Default)]
struct Shared {
    /// The answers so far.
    answers: Mutex<Vec<Write>>,
    /// What was refused, as it may be.
    refusals: Mutex<Vec<Refusal>>,
    /// Requests without an answer so far.
    open: Mutex<BTreeSet<Uuid>>,
    /// What should never have been refused.
    refused: Mutex<Vec<String>>,
    /// Time to come to an end.
    stop: AtomicBool,
}

impl Load {
    pub(super) fn start(node: &Node, keys: &Keys, seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let (shared, mut clients) = (Arc::new(Shared::default()), JoinSet::new());
        let mut person = |name: String| Caller {
            shared: shared.clone(),
            channel: node.channel(),
            token: keys.user(&name),
            dice: Dice::new(dice.next()),
        };
        for seller in 0..WRITERS {
            let common = Arc::new(OnceCell::new());
            for connection in 0..2 {
                let caller = person(format!("seller{seller:02}"));
                clients.spawn(Client::new(caller, common.clone(), connection).run());
            }
        }
        for stall in 0..STALLS {
            let seller = [(); 2].map(|()| person(format!("stall{stall:02}")));
            let buyers = ["a", "b"].map(|name| person(format!("buyer{stall:02}{name}")));
            let dice = Dice::new(seed ^ u64::from(stall));
            clients.spawn(Stall { seller, buyers, dice }.run());
        }
        Self { shared, clients }
    }

    /// Waits until this many requests were answered.
    pub(super) async fn wait_for(&self, answers: usize) -> Result<()> {
        let enough = async || (lock(&self.shared.answers).len() >= answers).then_some(());
        within(END, enough).await.with_context(|| format!("fewer than {answers} answers"))
    }

    /// Requests that nobody answered yet.
    pub(super) fn unanswered(&self) -> BTreeSet<Uuid> {
        lock(&self.shared.open).clone()
    }

    /// Lets every client bring what it began to its end, and answers what they were told.
    pub(super) async fn finish(mut self) -> Result<History> {
        self.shared.stop.store(true, Ordering::Release);
        let ended = async { while self.clients.join_next().await.is_some() {} };
        let ended = tokio::time::timeout(END, ended).await.context("clients without an answer");
        ended.map_err(|error| self.explain(error))?;
        let refused = lock(&self.shared.refused).join("\n");
        anyhow::ensure!(refused.is_empty(), "refused: {refused}");
        Ok(History {
            writes: lock(&self.shared.answers).clone(),
            refusals: lock(&self.shared.refusals).clone(),
            complete: true,
            long_ago: false,
        })
    }

    /// An error with what clients met beside it.
    pub(super) fn explain(&self, error: Error) -> Error {
        let refused = lock(&self.shared.refused);
        if refused.is_empty() { error } else { error.context(refused.join("\n")) }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
