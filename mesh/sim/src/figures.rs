//! What happened in worlds, in numbers.

use std::collections::BTreeMap;

use jangteo_kit::store::Arrow;

use crate::Trouble;

/// What a run comes to.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Moves of people.
    pub moves: usize,
    /// Events that were written.
    pub events: u64,
    /// Calls of people.
    pub calls: u64,
    /// Questions between contexts.
    pub questions: u64,
    /// How often each trouble struck.
    pub troubles: BTreeMap<Trouble, u64>,
    /// Messages that came more than once.
    pub duplicates: u64,
    /// What was told to which states, and how often.
    pub arrows: BTreeMap<Arrow, u64>,
}

impl Figures {
    /// Those of another world as well.
    pub fn add(&mut self, other: &Self) {
        self.moves += other.moves;
        self.events += other.events;
        self.calls += other.calls;
        self.questions += other.questions;
        self.duplicates += other.duplicates;
        for (trouble, times) in &other.troubles {
            *self.troubles.entry(*trouble).or_default() += times;
        }
        for (arrow, times) in &other.arrows {
            *self.arrows.entry(arrow.clone()).or_default() += times;
        }
    }
}
