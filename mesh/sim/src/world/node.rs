//! One context in a world: its replicas, and what outlives them.

use std::sync::Arc;

use jangteo_kit::{config::Settings, event::Event};

use super::{Name, Who};
use crate::{
    clumsy::Unread,
    memory::{Copy, Memory},
    network::{Line, Outgoing},
    process::{Process, Rows},
};

/// One replica of a context: its process, if it is alive, and what is wrong with it.
#[derive(Default)]
pub(crate) struct Replica {
    pub(super) process: Option<Process>,
    pub(super) line: Line,
    /// What its version can't apply.
    pub(super) unread: Unread,
    /// Counts its lives: what was begun in one of them is over in the next.
    pub(super) life: u32,
    /// How wrong its clock is, in ms.
    pub(super) skew: i64,
    pub(super) publishing: bool,
}

impl Replica {
    fn start(&mut self, name: Name, rows: &Rows, settings: &Arc<Settings>) {
        self.process = Some(Process::start(name, rows, settings, &self.line, &self.unread));
    }

    /// Its process dies, with all that it was about to do; tells whether it was alive.
    fn die(&mut self) -> bool {
        self.line.taken();
        self.line.set_away(false);
        (self.life, self.publishing) = (self.life + 1, false);
        self.process.take().is_some()
    }
}

/// What a replica is called in a history: the first one as its context, the second one `order-1`.
pub(super) fn named((name, at): Who) -> String {
    if at == 0 { name.to_owned() } else { format!("{name}-{at}") }
}

/// One context. Its replicas share nothing but its rows, and nothing tells them apart: whatever is to be
/// done, any of them does it.
pub(crate) struct Node {
    name: Name,
    pub(super) replicas: Vec<Replica>,
    rows: Rows,
    /// Whom it follows.
    pub(super) sources: Vec<Name>,
    /// Its read models.
    pub(super) models: Vec<Name>,
    /// When it is to be woken next, if anything waits.
    pub(super) sweep: Option<i64>,
    pub(super) backup: Option<Copy>,
    /// It may have forgotten what its own stream tells: nobody publishes or wakes anything.
    pub(super) behind: bool,
    /// What it has acknowledged, and was not asked about yet.
    pub(super) acked: Vec<Event>,
    /// The last row of its journal that was seen.
    seen: i64,
    /// Planted: where its relay looks from.
    pub(super) cursor: i64,
    /// Planted: as it was before it asked.
    pub(super) unwritten: Option<Copy>,
}

impl Node {
    /// A context with so many replicas, all of them alive.
    pub(super) fn start(name: Name, many: usize, rows: Rows, settings: &Arc<Settings>) -> Self {
        let mut replicas: Vec<Replica> = (0..many).map(|_| Replica::default()).collect();
        for replica in &mut replicas {
            replica.start(name, &rows, settings);
        }
        let process = replicas.first().and_then(|replica| replica.process.as_ref());
        let driven = process.expect("there is at least one").driven();
        Self {
            name,
            sources: driven.sources().into_iter().collect(),
            models: driven.models().to_vec(),
            replicas,
            rows,
            sweep: None,
            backup: None,
            behind: false,
            acked: vec![],
            seen: 0,
            cursor: 0,
            unwritten: None,
        }
    }

    /// The replicas that are alive.
    pub(super) fn alive(&self) -> Vec<usize> {
        let alive = |at: &usize| self.replicas[*at].process.is_some();
        (0..self.replicas.len()).filter(alive).collect()
    }

    /// Whether any of its replicas is alive.
    pub(super) fn is_alive(&self) -> bool {
        self.process().is_some()
    }

    /// A process that is alive.
    pub(super) fn process(&self) -> Option<&Process> {
        self.replicas.iter().find_map(|replica| replica.process.as_ref())
    }

    /// A replica is there again.
    pub(super) fn rise(&mut self, at: usize, settings: &Arc<Settings>) {
        self.replicas[at].start(self.name, &self.rows, settings);
    }

    /// A replica dies; tells whether it was alive.
    pub(super) fn die(&mut self, at: usize) -> bool {
        let alive = self.replicas[at].die();
        if let Some(memory) = self.memory() {
            memory.abandon();
            if let Some(before) = self.unwritten.take() {
                memory.restore(before);
            }
        }
        self.sweep = None;
        alive
    }

    /// The questions that were asked since this was asked last, each with the replica that asks.
    pub(super) fn questions(&self) -> Vec<(usize, Outgoing)> {
        let lines = self.replicas.iter().map(|replica| &replica.line).enumerate();
        lines.flat_map(|(at, line)| line.taken().into_iter().map(move |one| (at, one))).collect()
    }

    /// Whether any question has been asked since then.
    pub(super) fn is_asking(&self) -> bool {
        self.replicas.iter().any(|replica| replica.line.is_asking())
    }

    /// Where its rows lie.
    pub(super) fn rows(&self) -> &Rows {
        &self.rows
    }

    /// Its rows, if they lie in memory.
    pub(super) fn memory(&self) -> Option<Arc<Memory>> {
        match &self.rows {
            Rows::Memory(memory) => Some(memory.clone()),
            Rows::Sql(_) => None,
        }
    }

    /// What was written since this was asked last.
    pub(super) fn news(&mut self) -> Vec<Event> {
        if let Rows::Memory(memory) = &self.rows {
            return memory.news();
        }
        let Some(process) = self.process() else { return vec![] };
        let written = process.look(|driven| driven.written(self.seen));
        let written = written.expect("the database can be read");
        self.seen = written.last().map_or(self.seen, |(id, _)| *id);
        written.into_iter().map(|(_, event)| event).collect()
    }
}
