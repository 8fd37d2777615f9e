//! What is published, what becomes of it on its way, and what is compared for whatever got lost.

use std::collections::{BTreeMap, BTreeSet};

use jangteo_kit::{
    decide::{Arrival, Head, Lack, TOGETHER, lack, settled},
    event::Event,
    host::Key,
    inbox::Consumer,
};
use uuid::Uuid;

use super::{Action, Name, Who, World, node::Node};
use crate::{faults::Trouble, plant::Plant};

/// What is on its way, by whom it is for and where it comes from.
#[derive(Default)]
pub(crate) struct Queues {
    waiting: BTreeMap<(Name, Name), Vec<Event>>,
    fetching: BTreeSet<(Name, Name)>,
    comparing: BTreeSet<(Name, Name)>,
}

/// How often a consumer compares, in ms.
const COMPARE: i64 = 5_000;

impl Queues {
    pub(super) fn clear(&mut self, source: Name) {
        self.waiting.retain(|(_, from), _| *from != source);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.values().all(Vec::is_empty)
    }
}

impl World {
    /// A context publishes before long: one of its replicas, and now and then another one as well, which
    /// believes that the lease is its own.
    pub(super) fn publish_soon(&mut self, name: Name) {
        let Some(who) = self.anyone(name) else { return };
        let published = self.nodes[name].replicas.iter().any(|replica| replica.publishing);
        if self.replica(who).publishing || (published && self.faults.one_of(8) > 0) {
            return;
        }
        self.replica(who).publishing = true;
        let later = self.faults.ms(1..=20);
        self.at(later, Action::Publish(who));
    }

    /// A replica publishes a window of what waits in its journal.
    pub(super) fn publish(&mut self, who: Who) {
        let name = who.0;
        if self.replica(who).process.is_none() {
            return;
        }
        if self.nodes[name].behind {
            self.replica(who).publishing = false;
            return;
        }
        let window = 1 + self.faults.one_of(8) as u64;
        let Some(mut rows) = self.look(name, |driven| driven.unpublished(window)) else { return };
        self.see(name);
        if self.plan.plant == Some(Plant::IdCursor) {
            let cursor = self.nodes[name].cursor;
            rows.retain(|(id, _)| *id > cursor);
            self.node(name).cursor = rows.last().map_or(cursor, |(id, _)| *id);
        }
        let numbers: Vec<_> = rows.iter().map(|(id, event)| (*id, event.id())).collect();
        if self.plan.plant == Some(Plant::MarkBeforeAck) {
            self.acknowledge(who, &numbers);
            if self.strikes(Trouble::Death) {
                return self.dies(who);
            }
        }
        let window: Vec<_> =
            rows.iter().map(|(_, event)| (event.aggregate_id, self.offered(name, event))).collect();
        let done = settled(&window).into_iter().map(|place| numbers[place]).collect();
        let (life, later) = (self.replica(who).life, self.faults.ms(1..=20));
        self.at(later, Action::Mark(who, life, done));
    }

    /// The broker is offered an event: tells whether it said that it has it.
    fn offered(&mut self, source: Name, event: &Event) -> bool {
        let trouble = self.strikes(Trouble::Broker);
        if trouble && self.faults.one_of(2) == 0 {
            return false;
        }
        if self.taken.insert(event.id()) {
            self.streams.entry(source).or_default().push(event.clone());
        }
        for to in self.followers(source) {
            if !self.strikes(Trouble::Lost) {
                self.queues.waiting.entry((to, source)).or_default().push(event.clone());
                self.fetch_soon(to, source);
            }
        }
        !trouble
    }

    /// What the broker has acknowledged is marked.
    pub(super) fn mark(&mut self, who: Who, life: u32, done: &[(i64, Uuid)]) {
        let name = who.0;
        // Whoever was taken for dead and was only frozen marks as well, late.
        let dead = self.replica(who).life != life;
        if dead && !self.strikes(Trouble::Frozen) {
            return;
        }
        self.acknowledge(who, done);
        if dead {
            return;
        }
        self.replica(who).publishing = false;
        if self.look(name, |driven| driven.unpublished(1)).is_some_and(|rest| !rest.is_empty()) {
            self.publish_soon(name);
        }
        for to in self.followers(name) {
            self.compare_soon(to, name, COMPARE);
        }
    }

    fn acknowledge(&mut self, who: Who, done: &[(i64, Uuid)]) {
        let name = who.0;
        for (_, event) in done {
            if !self.taken.contains(event) {
                self.breaks(
                    "an event is marked once the broker has it",
                    format!("{event} of {name}"),
                );
            }
        }
        let ids = done.iter().map(|(id, _)| *id).collect();
        // By the database's clock, which is right: no process is asked for its own.
        if self.plan.plant == Some(Plant::OwnClock) {
            let skew = self.replica(who).skew;
            self.clock.skew(skew);
        }
        self.look(name, |driven| driven.mark(ids));
        self.clock.skew(0);
    }

    /// Whoever follows a context.
    fn followers(&self, source: Name) -> Vec<Name> {
        let follows =
            |(name, node): (&Name, &Node)| node.sources.contains(&source).then_some(*name);
        self.nodes.iter().filter_map(follows).collect()
    }

    pub(super) fn fetch_soon(&mut self, to: Name, source: Name) {
        if self.queues.fetching.insert((to, source)) {
            let later = self.faults.ms(1..=30);
            self.at(later, Action::Fetch(to, source));
        }
    }

    pub(super) fn compare_soon(&mut self, to: Name, source: Name, after: i64) {
        if self.queues.comparing.insert((to, source)) {
            let later = after + self.faults.ms(0..=1_000);
            self.at(later, Action::Compare(to, source));
        }
    }

    /// A context takes in some of what has come to it, and acknowledges it.
    pub(super) fn fetch(&mut self, to: Name, source: Name) {
        self.queues.fetching.remove(&(to, source));
        if !self.nodes[to].is_alive() {
            return;
        }
        let batch = self.fetched(to, source);
        if batch.is_empty() {
            return;
        }
        let acked_first = self.plan.plant == Some(Plant::AckBeforeCommit);
        if acked_first && self.strikes(Trouble::Death) {
            self.die(to);
            return self.acked(to, batch);
        }
        if self.take(to, source, batch.clone()) {
            if self.strikes(Trouble::Death) {
                // It never comes to the acknowledgement.
                self.queues.waiting.entry((to, source)).or_default().extend(batch);
                return self.die(to);
            }
            self.acked(to, batch.clone());
            if self.strikes(Trouble::Twice) {
                self.figures.duplicates += batch.len() as u64;
                self.queues.waiting.entry((to, source)).or_default().extend(batch);
            }
        }
        if self.queues.waiting.get(&(to, source)).is_some_and(|rest| !rest.is_empty()) {
            self.fetch_soon(to, source);
        }
    }

    /// Some messages, in the order of their arrival or in another one.
    fn fetched(&mut self, to: Name, source: Name) -> Vec<Event> {
        let mixed = self.strikes(Trouble::Late);
        let most = 1 + self.faults.one_of(8);
        let Some(waiting) = self.queues.waiting.get_mut(&(to, source)) else { return vec![] };
        if mixed {
            for place in (1..waiting.len()).rev() {
                waiting.swap(place, self.faults.one_of(place + 1));
            }
        }
        waiting.drain(..most.min(waiting.len())).collect()
    }

    /// Messages are acknowledged. Whoever is dead is asked about them once he is there again.
    fn acked(&mut self, to: Name, batch: Vec<Event>) {
        self.node(to).acked.extend(batch);
        self.kept(to);
    }

    /// Everything that is acknowledged has gone through its gate, or waits before it.
    pub(super) fn kept(&mut self, to: Name) {
        if !self.nodes[to].is_alive() {
            return;
        }
        for event in std::mem::take(&mut self.node(to).acked) {
            let key = (event.kind.clone(), event.aggregate_id);
            // One that is being built reads what came before it for itself.
            let consumers = self.consumers(to, &event.context);
            for one in consumers.into_iter().filter(|one| one.building.is_none()) {
                let gate = self.look(to, |driven| driven.gate(&one.name, &event.context, &key));
                if gate.is_some_and(|gate| gate.arrival(event.sequence) != Arrival::Ignore) {
                    let what = format!("{} #{} at {}", event.type_name, event.sequence, one.name);
                    return self.breaks("I6 what is acknowledged is kept", what);
                }
            }
        }
    }

    /// Takes events in; tells whether the process has come through it.
    fn take(&mut self, to: Name, source: Name, batch: Vec<Event>) -> bool {
        self.tell(|| {
            let names = batch.iter().map(|event| {
                let name = event.type_name.rsplit('.').next().unwrap_or_default();
                format!("{name} #{}", event.sequence)
            });
            format!("{to} takes in {}", names.collect::<Vec<_>>().join(", "))
        });
        if self.strikes(Trouble::Outdated) {
            self.outdated(to, &batch);
        }
        let batch = self.arriving(to, batch);
        let taken = self.within(to, |process| {
            process.run(async |driven| {
                driven.take(source, batch).await?;
                driven.go_on().await
            })
        });
        self.arrived(to);
        match taken {
            Some(Ok(())) => true,
            Some(Err(failure)) => {
                self.breaks("events can be taken in", format!("{to} from {source}: {failure}"));
                false
            }
            None => false,
        }
    }

    /// A context asks a source how far its aggregates are, and reads what its own gates lack.
    pub(super) fn compare(&mut self, to: Name, source: Name) {
        self.queues.comparing.remove(&(to, source));
        if self.nodes[source].behind || self.nodes[to].behind {
            return self.compare_soon(to, source, COMPARE);
        }
        let consumers = self.consumers(to, source);
        let since = self.since(to, source, &consumers);
        let Some((asked, heads)) = self.look(source, |driven| driven.heads(since)) else {
            return self.compare_soon(to, source, COMPARE);
        };
        self.see(source);
        for (key, head) in heads {
            if !consumers.iter().all(|one| self.compared((to, &one.name), source, &key, head)) {
                return;
            }
            if self.strikes(Trouble::Death) {
                return self.die(to);
            }
        }
        for one in &consumers {
            self.look(to, |driven| driven.compared(&one.name, source, asked));
        }
        if consumers.iter().any(|one| one.building.is_some()) {
            self.take_over(to);
            self.compare_soon(to, source, COMPARE);
        }
    }

    /// All that follows a source in one context.
    pub(super) fn consumers(&self, to: Name, source: &str) -> Vec<Consumer> {
        self.look(to, |driven| driven.consumers(source)).unwrap_or_default()
    }

    /// From when on a source is compared with these consumers; none: from the beginning.
    fn since(&self, to: Name, source: Name, consumers: &[Consumer]) -> Option<i64> {
        let position =
            |one: &Consumer| self.look(to, |driven| driven.position(&one.name, source)).flatten();
        let positions: Option<Vec<i64>> = consumers.iter().map(position).collect();
        let margin = i64::try_from(self.settings.timing.compare_margin.as_millis()).unwrap_or(0);
        positions?.into_iter().min().map(|at| at - margin)
    }

    /// Reads what one gate lacks; tells whether the process has come through it.
    fn compared(
        &mut self,
        (to, consumer): (Name, &str),
        source: Name,
        key: &Key,
        head: Head,
    ) -> bool {
        let gate = self.look(to, |driven| driven.gate(consumer, source, key));
        let Some(gate) = gate else { return false };
        match lack(&gate, head) {
            Lack::Nothing => true,
            Lack::From(first) => {
                let lacking = self.look(source, |driven| driven.events(key, first));
                self.see(source);
                let lacking = lacking.unwrap_or_default();
                lacking.chunks(TOGETHER).all(|chunk| self.take(to, source, chunk.to_vec()))
            }
            Lack::SourceBehind => {
                let what = format!("{consumer} is at {} of {source} {key:?}: {head:?}", gate.last);
                self.breaks("no source knows less than was applied", what);
                false
            }
        }
    }

    fn lacks(
        &self,
        (to, consumer): (Name, &str),
        source: Name,
        key: &Key,
        head: Head,
    ) -> Option<String> {
        let gate = self.look(to, |driven| driven.gate(consumer, source, key)).unwrap_or_default();
        let lacks = gate.last != head.last || !gate.held.is_empty();
        lacks.then(|| format!("{consumer} is at {} of {source} {key:?}: {head:?}", gate.last))
    }

    /// What consumers lack of their sources.
    pub(super) fn lacking(&self) -> Vec<String> {
        let mut lacking = vec![];
        for (to, node) in &self.nodes {
            for source in &node.sources {
                let heads = self.look(source, |driven| driven.heads(None));
                let consumers = self.consumers(to, source);
                for (key, head) in heads.map(|(_, heads)| heads).unwrap_or_default() {
                    let lacks = |one: &Consumer| self.lacks((to, &one.name), source, &key, head);
                    lacking.extend(consumers.iter().filter_map(lacks));
                }
            }
        }
        lacking
    }
}
