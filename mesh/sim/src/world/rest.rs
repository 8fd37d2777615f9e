//! What holds of the kit's own work once nothing is left to be done.

use std::{collections::BTreeMap, fmt::Debug, sync::Arc};

use jangteo_kit::{event::Event, host::Key};

use super::{Name, World};
use crate::{
    clumsy::Unread,
    memory::Memory,
    network::Line,
    process::{Process, Rows},
    sql,
};

impl World {
    /// Nothing is planned any more: then nothing may be under way.
    pub(super) fn at_rest(&mut self) {
        let mut left = self.lacking();
        for (name, node) in &self.nodes {
            if node.alive().len() < node.replicas.len() {
                left.push(format!("{name} is dead"));
            }
            let unpublished = self.look(name, |driven| driven.unpublished(1)).unwrap_or_default();
            let unpublished = unpublished.iter().map(|(_, event)| event.name());
            left.extend(unpublished.map(|event| format!("{event} of {name} was never published")));
            left.extend(self.waits(name).iter().map(|one| format!("in {name} waits {one:?}")));
        }
        if !self.queues.is_empty() {
            left.push("messages wait that nobody fetches".to_owned());
        }
        left.extend(self.building());
        for what in left {
            self.breaks("I13 everything comes to its end", what);
        }
        self.journals();
        self.views();
    }

    /// Histories have no gaps, and say what everybody was told.
    fn journals(&mut self) {
        let mut broken = vec![];
        for name in self.nodes.keys() {
            let histories = self.histories(name);
            for ((kind, id), history) in &histories {
                if !history.keys().zip(1..).all(|(number, next)| *number == next) {
                    let what = format!("{kind} {id} of {name} has {:?}", history.keys());
                    broken.push(("I8 a history has no gaps", what));
                }
            }
            for event in self.streams.get(name).into_iter().flatten() {
                let history = histories.get(&(event.kind.clone(), event.aggregate_id));
                let known = history.and_then(|history| history.get(&event.sequence));
                if !known.is_some_and(|known| known.is(event)) {
                    let what = format!("{event:?} was told, and {name} knows {known:?}");
                    broken.push(("I6 what was told is in the journal", what));
                }
            }
        }
        for (invariant, what) in broken {
            self.breaks(invariant, what);
        }
    }

    /// The history of each aggregate of a context, by number.
    fn histories(&self, name: Name) -> BTreeMap<Key, BTreeMap<i64, Event>> {
        let mut histories: BTreeMap<Key, BTreeMap<i64, Event>> = BTreeMap::new();
        for (_, event) in self.look(name, |driven| driven.written(0)).unwrap_or_default() {
            let history = histories.entry((event.kind.clone(), event.aggregate_id));
            history.or_default().insert(event.sequence, event);
        }
        histories
    }

    /// Generations that nobody has let take over.
    fn building(&self) -> Vec<String> {
        let sources = self.nodes.iter().flat_map(|(to, node)| {
            node.sources.iter().flat_map(|source| self.consumers(to, source))
        });
        let built = sources.filter(|one| one.building.is_some());
        built.map(|one| format!("{} is still being filled", one.name)).collect()
    }

    /// Read models show what they would if they were filled now, from journals.
    fn views(&mut self) {
        let filled: Vec<Name> = self
            .nodes
            .iter()
            .filter(|(_, node)| !node.models.is_empty())
            .map(|(name, _)| *name)
            .collect();
        for name in filled {
            let anew = self.anew(name).shown();
            let difference = match self.nodes[name].rows() {
                Rows::Memory(memory) => difference(&memory.shown(), &anew),
                Rows::Sql(url) => difference(&self.in_sql(name, url), &sql::literals(&anew)),
            };
            if let Some(what) = difference {
                self.breaks(
                    "I9 a read model is the fold of the journals",
                    format!("{name}: {what}"),
                );
            }
        }
    }

    /// The rows of a context's read models in its database.
    fn in_sql(&self, name: Name, url: &str) -> Vec<sql::Row> {
        let process = self.nodes[name].process().expect("everybody is alive at rest");
        process.look(|_| sql::shown(url)).expect("the database can be read")
    }

    /// The rows of a context that knows nothing but what all journals tell it, one after the other.
    fn anew(&self, name: Name) -> Arc<Memory> {
        let memory = Arc::new(Memory::new(None));
        let rows = Rows::Memory(memory.clone());
        let process =
            Process::start(name, &rows, &self.settings, &Line::default(), &Unread::default());
        for source in &self.nodes[name].sources {
            let told = self.look(source, |driven| driven.written(0)).unwrap_or_default();
            let events = told.into_iter().map(|(_, event)| event).collect();
            let taken = process.run(async |driven| {
                driven.take(source, events).await?;
                driven.go_on().await
            });
            taken.expect("rows in memory can be written");
        }
        memory
    }
}

/// The first row that is not the same in both.
fn difference<T: PartialEq + Debug>(shown: &[T], anew: &[T]) -> Option<String> {
    let all = 0..shown.len().max(anew.len());
    let other = |at: &usize| shown.get(*at) != anew.get(*at);
    let at = all.into_iter().find(other)?;
    Some(format!("{:?} is shown in the place of {:?}", shown.get(at), anew.get(at)))
}
