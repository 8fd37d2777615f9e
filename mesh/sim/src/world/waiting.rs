//! What waits in a context, until somebody wakes it.

use jangteo_kit::{host::Driven, simulated::Waits};

use super::{Action, Name, Who, World};
use crate::process::Process;

/// How long somebody asks in vain where something was forgotten, in ms.
const IN_VAIN: i64 = 600_000;

impl World {
    /// Sees to it that a context is swept when the first that waits has to be.
    pub(super) fn wake_in_time(&mut self, name: Name) {
        let waits = self.waits(name);
        let Some(first) = waits.iter().map(|one| one.wake_time).min() else { return };
        let Some(who) = self.anyone(name) else { return };
        let time = (first - self.replica(who).skew).max(self.clock.time());
        if self.nodes[name].sweep.is_none_or(|planned| time < planned) {
            self.node(name).sweep = Some(time);
            let late = self.faults.ms(1..=400);
            self.at(time - self.clock.time() + late, Action::Sweep(who));
        }
    }

    /// A replica wakes what is due by its clock.
    pub(super) fn sweep(&mut self, who: Who) {
        let name = who.0;
        self.node(name).sweep = None;
        if self.nodes[name].behind {
            return;
        }
        let now = self.clock.time() + self.replica(who).skew;
        let mut due = self.waits(name);
        due.retain(|one| one.wake_time <= now);
        for one in due {
            let wakes = |process: &Process| process.run(|driven| driven.wake(&one.kind, one.id));
            match self.within_one(who, wakes) {
                // Another one wakes them.
                None => break,
                Some(Ok(Some(asking))) => {
                    self.within_one(who, |process| process.begin(asking));
                }
                Some(Ok(None)) => {}
                Some(Err(failure)) => {
                    self.breaks(
                        "what is due can be done",
                        format!("{} {}: {failure}", one.kind, one.id),
                    );
                    return;
                }
            }
        }
        self.wake_in_time(name);
    }

    /// What waits there. Whoever asks for what was forgotten asks for ever: that is for a person to end.
    pub(super) fn waits(&self, name: Name) -> Vec<Waits> {
        let mut waits = self.look(name, Driven::waits).unwrap_or_default();
        let since = |one: &Waits| self.asked.get(one.call_key.as_ref()?).copied();
        let in_vain = |one: &Waits| since(one).is_some_and(|at| self.clock.time() > at + IN_VAIN);
        waits.retain(|one| !self.forgetful || !in_vain(one));
        waits
    }
}
