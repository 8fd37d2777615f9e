//! One context in a world: its process, if it is alive, and what outlives it.

use std::sync::Arc;

use jangteo_kit::{config::Settings, event::Event, service::Service};

use super::Name;
use crate::{
    clumsy::Unread,
    memory::{Copy, Memory},
    network::Line,
    process::{Process, Rows},
};

/// One context.
pub(crate) struct Node {
    pub(super) process: Option<Process>,
    rows: Rows,
    pub(super) line: Line,
    /// What its version can't apply.
    pub(super) unread: Unread,
    /// Counts its lives: what was begun in one of them is over in the next.
    pub(super) life: u32,
    /// How wrong its clock is, in ms.
    pub(super) skew: i64,
    /// Whom it follows.
    pub(super) sources: Vec<Name>,
    /// Its read models.
    pub(super) models: Vec<Name>,
    /// When it is to be woken next, if anything waits.
    pub(super) sweep: Option<i64>,
    pub(super) publishing: bool,
    pub(super) backup: Option<Copy>,
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
    pub(super) fn start(service: Service, rows: Rows, settings: &Arc<Settings>) -> Self {
        let (line, unread) = (Line::default(), Unread::default());
        let process = Process::start(service, &rows, settings, &line, &unread);
        Self {
            sources: process.driven().sources().into_iter().collect(),
            models: process.driven().models().to_vec(),
            process: Some(process),
            rows,
            line,
            unread,
            life: 0,
            skew: 0,
            sweep: None,
            publishing: false,
            backup: None,
            acked: vec![],
            seen: 0,
            cursor: 0,
            unwritten: None,
        }
    }

    /// It is there again.
    pub(super) fn rise(&mut self, service: Service, settings: &Arc<Settings>) {
        let process = Process::start(service, &self.rows, settings, &self.line, &self.unread);
        self.process = Some(process);
    }

    /// Its process dies, with all that it was about to do; tells whether it was alive.
    pub(super) fn die(&mut self) -> bool {
        let alive = self.process.take().is_some();
        if let Some(memory) = self.memory() {
            memory.abandon();
            if let Some(before) = self.unwritten.take() {
                memory.restore(before);
            }
        }
        self.line.taken();
        self.line.set_away(false);
        (self.life, self.publishing, self.sweep) = (self.life + 1, false, None);
        alive
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
        let Some(process) = &self.process else { return vec![] };
        let written = process.look(|driven| driven.written(self.seen));
        let written = written.expect("the database can be read");
        self.seen = written.last().map_or(self.seen, |(id, _)| *id);
        written.into_iter().map(|(_, event)| event).collect()
    }
}
