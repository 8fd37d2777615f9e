//! What strikes whole processes: death, wrong clocks, backups, a broker that has lost everything.

use std::{collections::BTreeSet, sync::MutexGuard};

use bytes::Bytes;
use jangteo::provider::v1::UpdateSandboxRequest;
use jangteo_kit::{
    auth::{Caller, OPERATOR},
    event::Event,
    host::Driven,
};
use prost::Message as _;
use tonic::Request;
use uuid::Uuid;

use super::{Action, Name, Who, World, named};
use crate::{
    faults::Trouble,
    memory::{Copy, Memory},
};

/// Whoever has a clock that is wrong has one that is wrong by as much, in ms.
const SKEWS: [i64; 6] = [-3_600_000, -2_000, -300, 300, 2_000, 3_600_000];

impl World {
    /// Whatever strikes between two steps.
    pub(super) fn fates(&mut self) {
        if self.faults.is_calm() {
            return;
        }
        if self.strikes(Trouble::Death) {
            let name = self.anybody();
            self.die(name);
        }
        if self.strikes(Trouble::Jump) {
            let (who, skew) = (self.someone(), SKEWS[self.faults.one_of(SKEWS.len())]);
            self.tell(|| format!("the clock of {} jumps by {skew} ms", named(who)));
            self.replica(who).skew = skew;
            self.wake_in_time(who.0);
        }
        if self.strikes(Trouble::Wiped) {
            let name = self.anybody();
            self.wipe(name);
        }
        if self.strikes(Trouble::Restored) {
            let name = self.anybody();
            self.go_back(name);
        }
        if self.strikes(Trouble::Forgotten) {
            let name = self.anybody();
            self.forget(name);
        }
        if self.strikes(Trouble::Rebuilt) {
            self.rebuild();
        }
        if self.strikes(Trouble::Declined) {
            self.declines(1);
            self.at(3_000, Action::Rich);
        }
    }

    fn anybody(&mut self) -> Name {
        let number = self.faults.one_of(self.nodes.len());
        self.nodes.keys().copied().nth(number).expect("there are contexts")
    }

    /// A replica, alive or not.
    fn someone(&mut self) -> Who {
        let name = self.anybody();
        (name, self.faults.one_of(self.nodes[name].replicas.len()))
    }

    /// An operator lets a read model be filled anew.
    fn rebuild(&mut self) {
        let all = self
            .nodes
            .iter()
            .flat_map(|(name, node)| node.models.iter().map(move |model| (*name, *model)));
        let all: Vec<_> = all.collect();
        let (name, model) = all[self.faults.one_of(all.len())];
        let begun = self.within(name, |process| process.run(|driven| driven.rebuild(model)));
        if begun.is_some() {
            self.tell(|| format!("{model} is filled anew"));
            for source in self.nodes[name].sources.clone() {
                self.compare_soon(name, source, 0);
            }
        }
    }

    /// A generation takes over that has compared all of its sources, if there is one.
    pub(super) fn take_over(&mut self, name: Name) {
        let taken = self.within(name, |process| process.run(Driven::take_over));
        if let Some(Err(failure)) = taken {
            self.breaks("a generation can take over", format!("in {name}: {failure}"));
        }
    }

    /// A process of a context dies.
    pub(super) fn die(&mut self, name: Name) {
        if let Some(who) = self.anyone(name) {
            self.dies(who);
        }
    }

    /// A process dies, with all that it was about to do; what it has begun another one takes up.
    pub(super) fn dies(&mut self, who: Who) {
        let later = self.faults.ms(5..=3_000);
        if self.node(who.0).die(who.1) {
            self.tell(|| format!("{} dies", named(who)));
            self.at(later, Action::Rise(who));
            self.publish_soon(who.0);
            self.wake_in_time(who.0);
        }
    }

    /// A process is there again.
    pub(super) fn rise(&mut self, who: Who) {
        let name = who.0;
        if self.replica(who).process.is_some() {
            return;
        }
        let settings = self.settings.clone();
        self.node(name).rise(who.1, &settings);
        self.tell(|| format!("{} is there again", named(who)));
        self.follow(name);
        self.kept(name);
        self.publish_soon(name);
        for source in self.nodes[name].sources.clone() {
            self.fetch_soon(name, source);
            self.compare_soon(name, source, 0);
        }
    }

    /// The version of a replica can't apply one of these events; a later one is to come.
    pub(super) fn outdated(&mut self, name: Name, batch: &[Event]) {
        let event = &batch[self.faults.one_of(batch.len())];
        let who = (name, self.faults.one_of(self.nodes[name].replicas.len()));
        self.tell(|| format!("{} can't read {} #{}", named(who), event.name(), event.sequence));
        self.unread(who).insert(event.id());
        let early = self.faults.ms(50..=5_000);
        self.at(early, Action::Redrive(name, false));
        let later = early + self.faults.ms(50..=20_000);
        self.at(later, Action::Redrive(name, true));
    }

    /// An operator tries again what could not be applied.
    pub(super) fn redrive(&mut self, name: Name, mended: bool) {
        for at in (0..self.nodes[name].replicas.len()).filter(|_| mended) {
            self.unread((name, at)).clear();
        }
        let Some(parked) = self.look(name, Driven::parked) else {
            return self.at(1_000, Action::Redrive(name, mended));
        };
        for letter in parked {
            self.tell(|| format!("{letter} is tried again"));
            self.within(name, |process| {
                process.run(async |driven| {
                    driven.redrive(&letter).await?;
                    driven.go_on().await
                })
            });
        }
    }

    fn unread(&self, (name, at): Who) -> MutexGuard<'_, BTreeSet<Uuid>> {
        self.nodes[name].replicas[at].unread.lock().expect("nobody panics while he looks")
    }

    /// A database is restored from a backup since which nobody but its sources was told anything: it only
    /// knows less of them.
    fn go_back(&mut self, name: Name) {
        let node = self.node(name);
        let Some(memory) = node.memory() else { return };
        match node.backup.take() {
            Some(backup) if memory.has_only_heard_since(&backup) => {
                self.tell(|| format!("the database of {name} is restored"));
                self.restore(name, &memory, backup);
            }
            _ => node.backup = Some(memory.copy()),
        }
    }

    /// All replicas are stopped, and a backup takes the place of what was there.
    pub(super) fn restore(&mut self, name: Name, memory: &Memory, backup: Copy) {
        for at in 0..self.nodes[name].replicas.len() {
            self.dies((name, at));
        }
        memory.restore(backup);
        // What was parked then is parked again.
        self.at(20_000, Action::Redrive(name, true));
    }

    /// A stream is lost, and with it what may be adopted from it.
    fn wipe(&mut self, name: Name) {
        if self.nodes[name].behind {
            return;
        }
        self.tell(|| format!("the stream of {name} is lost"));
        self.queues.clear(name);
        self.streams.remove(name);
        self.node(name).backup = None;
    }

    /// The provider declines whatever costs so much or more, in won; 0: nothing.
    pub(super) fn declines(&mut self, decline_from_krw: i64) {
        let request = UpdateSandboxRequest { decline_from_krw, ..Default::default() };
        let mut request = Request::new(Bytes::from(request.encode_to_vec()));
        let roles = vec![OPERATOR.to_owned()];
        request.extensions_mut().insert(Caller::User { subject: OPERATOR.to_owned(), roles });
        let path =
            "/jangteo.provider.v1.SandboxService/UpdateSandbox".parse().expect("it is a path");
        self.within("provider", |process| {
            process.run(|driven| driven.call(path, request)).map(drop)
        });
    }

    /// From now on nothing goes wrong, and everybody is there again.
    pub(super) fn calm(&mut self) {
        self.tell(|| "from now on nothing goes wrong any more".to_owned());
        self.faults.calm();
        self.declines(0);
        let names: Vec<Name> = self.nodes.keys().copied().collect();
        for name in names {
            for who in (0..self.nodes[name].replicas.len()).map(|at| (name, at)) {
                self.replica(who).skew = 0;
                self.replica(who).line.set_away(false);
                self.rise(who);
            }
            self.wake_in_time(name);
            self.at(0, Action::Redrive(name, true));
        }
    }
}
