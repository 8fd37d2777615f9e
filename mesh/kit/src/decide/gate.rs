//! The gate of one aggregate at one consumer: in order, each once, nothing lost.

use std::collections::BTreeSet;

/// Events that one transaction takes in at most: others wait for the same rows meanwhile.
pub const TOGETHER: usize = 64;

/// Events that waited for one that goes through, and are applied in the same transaction at most.
pub const BEHIND: usize = 16;

/// What becomes of an event that arrives at a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// It was applied before, or waits already.
    Ignore,
    /// It is the next one.
    Apply,
    /// Something before it is missing, or set aside.
    Hold,
}

/// How far a consumer is with one aggregate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gate {
    /// The last sequence that was applied; 0: none.
    pub last: i64,
    /// The sequences that wait: behind a gap, or parked or set aside and what follows it.
    pub held: BTreeSet<i64>,
    /// The one after `last` can't be applied and waits for an operator.
    pub parked: bool,
    /// The sequences that an operator has passed over.
    pub discarded: BTreeSet<i64>,
}

impl Gate {
    /// What becomes of the event with this sequence.
    pub fn arrival(&self, sequence: i64) -> Arrival {
        if sequence <= self.last || self.held.contains(&sequence) {
            Arrival::Ignore
        } else if sequence == self.last + 1 && !self.parked {
            Arrival::Apply
        } else {
            Arrival::Hold
        }
    }

    /// The held event that is next now, if it may be applied.
    pub fn next_held(&self) -> Option<i64> {
        let next = self.last + 1;
        (!self.parked && self.held.contains(&next)).then_some(next)
    }

    /// Whether the event goes through without being applied.
    pub fn passes_over(&self, sequence: i64) -> bool {
        self.discarded.contains(&sequence)
    }

    /// The event after `last` was applied, or passed over.
    pub fn applied(&mut self) {
        self.last += 1;
        self.held.remove(&self.last);
    }

    /// The event waits.
    pub fn hold(&mut self, sequence: i64) {
        self.held.insert(sequence);
    }

    /// The event after `last` can't be applied: it waits with all that follow.
    pub fn park(&mut self) {
        self.parked = true;
        self.held.insert(self.last + 1);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_was_applied_is_ignored_and_what_is_next_is_applied() {
        let gate = Gate { last: 3, ..Gate::default() };
        assert_eq!(
            [3, 4, 5].map(|n| gate.arrival(n)),
            [Arrival::Ignore, Arrival::Apply, Arrival::Hold]
        );
    }

    #[test]
    fn everything_waits_behind_a_parked_event() {
        let mut gate = Gate { last: 3, ..Gate::default() };
        gate.park();
        assert_eq!(gate.arrival(4), Arrival::Ignore, "redelivery is no retry");
        assert_eq!(gate.arrival(5), Arrival::Hold);
        assert_eq!(gate.next_held(), None);
    }

    #[test]
    fn only_what_was_discarded_is_passed_over() {
        let gate = Gate { last: 3, discarded: BTreeSet::from([4]), ..Gate::default() };
        assert_eq!(gate.arrival(4), Arrival::Apply, "in its turn, as any other");
        assert!(gate.passes_over(4) && !gate.passes_over(5));
    }

    /// Delivers `arrivals` as the inbox does and tells what was applied, in order.
    fn delivered(arrivals: &[i64]) -> Vec<i64> {
        let (mut gate, mut applied) = (Gate::default(), Vec::new());
        for &sequence in arrivals {
            match gate.arrival(sequence) {
                Arrival::Ignore => {}
                Arrival::Hold => gate.hold(sequence),
                Arrival::Apply => {
                    gate.applied();
                    applied.push(gate.last);
                    while let Some(next) = gate.next_held() {
                        gate.applied();
                        applied.push(next);
                    }
                }
            }
        }
        applied
    }

    proptest! {
        #[test]
        fn any_order_with_any_repeats_applies_each_once_in_order(
            (count, arrivals) in (1i64..20).prop_flat_map(|count| {
                let all: Vec<i64> = (1..=count).collect();
                let repeats = proptest::collection::vec(1..=count, 0..20);
                (Just(count), repeats.prop_flat_map(move |more| {
                    let mut arrivals = all.clone();
                    arrivals.extend(more);
                    Just(arrivals).prop_shuffle()
                }))
            })
        ) {
            prop_assert_eq!(delivered(&arrivals), (1..=count).collect::<Vec<_>>());
        }
    }
}
