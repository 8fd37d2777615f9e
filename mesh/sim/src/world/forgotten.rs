//! A database that is restored after it has told others something. Its own stream knows what it has forgotten,
//! and an operator has it adopt that.
//!
//! Where this happens only what the kit promises is judged: histories without gaps, which everybody knows.

use std::collections::BTreeMap;

use jangteo_kit::event::Event;
use uuid::Uuid;

use super::{Action, Name, World};
use crate::{faults::Trouble, plant::Plant};

impl World {
    /// A backup is made, or takes the place of what is there, whatever was told since.
    pub(super) fn forget(&mut self, name: Name) {
        let node = self.node(name);
        let Some(memory) = node.memory() else { return };
        let Some(backup) = node.backup.take() else {
            node.backup = Some(memory.copy());
            return;
        };
        self.tell(|| format!("the database of {name} is restored, and has forgotten what it told"));
        self.restore(name, &memory, backup);
        self.node(name).behind = true;
        self.forgetful = true;
        let looks = self.faults.ms(1..=6_000);
        self.at(looks, Action::Audit(name));
        let mends = looks + self.faults.ms(1..=20_000);
        self.at(mends, Action::Adopt(name));
    }

    /// The replicas that are alive look whether they know what the stream tells.
    pub(super) fn audit(&mut self, name: Name) {
        let told = self.streams.get(name).cloned().unwrap_or_default();
        for at in self.nodes[name].alive() {
            let told = told.clone();
            self.within_one((name, at), |process| {
                let passed = process.run(|driven| driven.audit(told));
                passed.expect("rows in memory can be read")
            });
        }
    }

    /// It adopts what the stream tells, and goes on.
    pub(super) fn adopt(&mut self, name: Name) {
        for history in self.adoptable(name) {
            let adopted = self.look(name, |driven| driven.adopt(history));
            self.see(name);
            if adopted.is_none() || self.strikes(Trouble::Death) {
                self.die(name);
                return self.at(1_000, Action::Adopt(name));
            }
        }
        self.audit(name);
        self.tell(|| format!("{name} has adopted what its stream tells"));
        self.node(name).behind = false;
        self.publish_soon(name);
        self.wake_in_time(name);
    }

    /// What its stream tells of each aggregate. Planted: a number that is known counts as its event.
    fn adoptable(&self, name: Name) -> Vec<Vec<Event>> {
        let mut told = self.streams.get(name).cloned().unwrap_or_default();
        if self.plan.plant == Some(Plant::AdoptedByNumber) {
            let known = self.look(name, |driven| driven.written(0)).unwrap_or_default();
            told.retain(|event| known.iter().all(|(_, one)| one.id() != event.id()));
        }
        let mut histories: BTreeMap<Uuid, Vec<Event>> = BTreeMap::new();
        for event in told {
            histories.entry(event.aggregate_id).or_default().push(event);
        }
        histories.into_values().collect()
    }
}
