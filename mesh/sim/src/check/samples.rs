//! Histories made by hand, and what is done to them.

use jangteo_kit::event::{Event, Recorded};
use prost::Name;
use uuid::Uuid;

use super::{Broken, Rules, every};

/// The id of a sample.
pub(super) fn uuid(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// The same, as contracts write it.
pub(super) fn text(number: u128) -> String {
    uuid(number).to_string()
}

/// Events in the order in which they were committed.
#[derive(Clone, Debug, Default)]
pub(super) struct Story(pub(super) Vec<Event>);

impl Story {
    /// Goes on with an event of this aggregate.
    pub(super) fn tell(mut self, aggregate: u128, message: &impl Name) -> Self {
        let time = i64::try_from(self.0.len()).unwrap() + 1;
        let mut event = jangteo_testing::event(uuid(aggregate), 1, message, time);
        let same = |known: &&Event| {
            (&known.context, known.aggregate_id) == (&event.context, event.aggregate_id)
        };
        event.sequence += i64::try_from(self.0.iter().filter(same).count()).unwrap();
        self.0.push(event);
        self
    }

    /// Goes on with an event that the last one of this name has caused.
    pub(super) fn follow(self, cause: &str, aggregate: u128, message: &impl Name) -> Self {
        let cause = self.0.iter().rev().find(|event| event.name() == cause).unwrap().id();
        let mut story = self.tell(aggregate, message);
        story.0.last_mut().unwrap().causation_id = cause;
        story
    }

    /// The first event of this name never happened.
    pub(super) fn without(mut self, name: &str) -> Self {
        let place = self.place(name);
        self.0.remove(place);
        self
    }

    /// The first event of this name happened again, right behind.
    pub(super) fn twice(mut self, name: &str) -> Self {
        let place = self.place(name);
        self.0.insert(place, self.0[place].clone());
        self
    }

    /// The first event of this name happened again, at the end.
    pub(super) fn again(mut self, name: &str) -> Self {
        self.0.push(self.0[self.place(name)].clone());
        self
    }

    /// The first event of this name happened last.
    pub(super) fn late(mut self, name: &str) -> Self {
        let event = self.0.remove(self.place(name));
        self.0.push(event);
        self
    }

    /// Nothing happened from the first event of this name on.
    pub(super) fn until(mut self, name: &str) -> Self {
        self.0.truncate(self.place(name));
        self
    }

    /// The first event of this name is another one.
    pub(super) fn changed(mut self, name: &str, change: impl FnOnce(&mut Event)) -> Self {
        let place = self.place(name);
        change(&mut self.0[place]);
        self
    }

    /// The first event that is an `M` says something else.
    pub(super) fn altered<M: Name + Default>(mut self, change: impl FnOnce(&mut M)) -> Self {
        let event = self.0.iter_mut().find(|event| event.type_name == M::full_name()).unwrap();
        let mut message = event.message::<M>().unwrap().unwrap();
        change(&mut message);
        event.payload = Recorded::of(&message).payload;
        self
    }

    fn place(&self, name: &str) -> usize {
        self.0.iter().position(|event| event.name() == name).expect("there is one")
    }

    /// It breaks nothing.
    #[track_caller]
    pub(super) fn keeps<R: Rules>(&self) {
        let broken = self.judged::<R>();
        assert!(broken.0.is_empty(), "{:#?}", broken.0);
    }

    /// It breaks this, maybe among others.
    #[track_caller]
    pub(super) fn breaks<R: Rules>(&self, invariant: &str) {
        let broken = self.judged::<R>();
        let found = broken.0.iter().any(|violation| violation.invariant == invariant);
        assert!(found, "{invariant:?} is not among {:#?} of {:#?}", broken.0, self.names());
    }

    fn judged<R: Rules>(&self) -> Broken {
        let (mut rules, mut broken) = (R::default(), Broken::default());
        for event in &self.0 {
            if let Some(told) = every::read(event, &mut broken) {
                rules.see(event, &told, &mut broken);
            }
        }
        rules.at_rest(&mut broken);
        broken
    }

    fn names(&self) -> Vec<&str> {
        self.0.iter().map(Event::name).collect()
    }
}
