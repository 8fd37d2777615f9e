//! What becomes of an aggregate's journal when its own stream knows more: the database was restored
//! from an older copy.

use std::collections::{BTreeMap, BTreeSet};

/// How the journal of one aggregate is brought together with its stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Adoption {
    /// Numbers whose events are taken from the stream.
    pub adopt: Vec<i64>,
    /// Numbers that nothing is left of.
    pub void: Vec<i64>,
    /// Events that were written since the restore: their number, and the one that they get.
    pub renumber: Vec<(i64, i64)>,
    /// The last number of the history that is taken over.
    pub history: i64,
    /// The last number of all.
    pub last: i64,
}

/// Brings together what is acknowledged up to `acked`, what is written and not acknowledged, and what
/// the stream holds. Whether an event of the same number is the same event shows by comparing them.
/// Nothing to adopt: the stream knows nothing that the journal does not.
pub fn adoption<E: PartialEq>(
    acked: i64,
    unacked: &BTreeMap<i64, E>,
    stream: &BTreeMap<i64, E>,
) -> Adoption {
    let news =
        |(number, event): &(&i64, &E)| **number > acked && unacked.get(number) != Some(event);
    let adopt: Vec<i64> = stream.iter().filter(news).map(|(number, _)| *number).collect();
    let (Some(first), Some(top)) = (adopt.first(), stream.keys().next_back()) else {
        let last = unacked.keys().next_back().copied().unwrap_or(acked).max(acked);
        return Adoption { history: last, last, ..Adoption::default() };
    };
    // What was written before the two part is history, whether or not the stream still holds it.
    let since = |number: &i64| number >= first && unacked.get(number) != stream.get(number);
    let (written, known): (Vec<i64>, Vec<i64>) = unacked.keys().copied().partition(since);
    let full: BTreeSet<i64> = adopt.iter().chain(&known).copied().collect();
    let void = (acked + 1..=*top).filter(|number| !full.contains(number)).collect();
    let renumber: Vec<(i64, i64)> = written.into_iter().zip(top + 1..).collect();
    let last = renumber.last().map_or(*top, |(_, last)| *last);
    Adoption { void, history: *top, last, renumber, adopt }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn numbered(events: &[(i64, &'static str)]) -> BTreeMap<i64, &'static str> {
        events.iter().copied().collect()
    }

    #[test]
    fn what_was_published_and_not_marked_is_no_news() {
        let same = numbered(&[(3, "c"), (4, "d")]);
        let nothing = Adoption { history: 4, last: 4, ..Adoption::default() };
        assert_eq!(adoption(2, &same, &numbered(&[(1, "a"), (3, "c")])), nothing);
        let rest = Adoption { history: 2, last: 2, ..Adoption::default() };
        assert_eq!(adoption(2, &numbered(&[]), &numbered(&[(1, "a"), (2, "b")])), rest);
    }

    #[test]
    fn what_only_the_stream_knows_is_adopted_and_what_nobody_knows_is_voided() {
        let lost = adoption(2, &numbered(&[]), &numbered(&[(2, "b"), (3, "c"), (5, "e")]));
        assert_eq!((lost.adopt, lost.void, lost.renumber), (vec![3, 5], vec![4], vec![]));
        assert_eq!((lost.history, lost.last), (5, 5));
    }

    #[test]
    fn what_was_written_since_gets_later_numbers_in_its_order() {
        let since = numbered(&[(3, "x"), (4, "y")]);
        let lost = adoption(2, &since, &numbered(&[(3, "c")]));
        assert_eq!((lost.adopt, lost.void), (vec![3], vec![]));
        assert_eq!((lost.renumber, lost.last), (vec![(3, 4), (4, 5)], 5));
    }

    #[test]
    fn what_was_not_published_when_the_copy_was_made_keeps_its_number() {
        let known = numbered(&[(3, "c"), (4, "x")]);
        let lost = adoption(2, &known, &numbered(&[(4, "d")]));
        assert_eq!((lost.adopt, lost.void), (vec![4], vec![]));
        assert_eq!((lost.renumber, lost.last), (vec![(4, 5)], 5));
    }

    /// A journal as it was when it was copied, what came after in the life that was lost, and what was
    /// written after the restore; of the lost ones some are in no stream.
    fn restored() -> impl Strategy<Value = (i64, i64, Vec<bool>, i64)> {
        (0i64..4, 0i64..4, proptest::collection::vec(any::<bool>(), 0..6), 0i64..4)
    }

    proptest! {
        #[test]
        fn a_history_has_every_number_once_and_keeps_what_anybody_knows(
            (acked, unpublished, lost, written) in restored()
        ) {
            let copied = acked + unpublished;
            let unacked: BTreeMap<i64, (bool, i64)> = (acked + 1..=copied).map(|number| (number, (false, number)))
                .chain((copied + 1..=copied + written).map(|number| (number, (true, number))))
                .collect();
            let stream: BTreeMap<i64, (bool, i64)> = (copied + 1..).zip(&lost)
                .filter(|(_, there)| **there)
                .map(|(number, _)| (number, (false, number)))
                .collect();
            let plan = adoption(acked, &unacked, &stream);

            let mut after: BTreeMap<i64, Option<(bool, i64)>> = BTreeMap::new();
            let to: BTreeMap<i64, i64> = plan.renumber.iter().copied().collect();
            for (number, event) in &unacked {
                prop_assert!(after.insert(*to.get(number).unwrap_or(number), Some(*event)).is_none());
            }
            for number in &plan.adopt {
                prop_assert!(after.insert(*number, Some(stream[number])).is_none());
            }
            for number in &plan.void {
                prop_assert!(after.insert(*number, None).is_none());
            }
            prop_assert!(after.keys().copied().eq(acked + 1..=plan.last));
            prop_assert!(stream.iter().all(|(number, event)| after[number] == Some(*event)));
            let written: Vec<_> = after.values().flatten().filter(|(since, _)| *since).collect();
            prop_assert!(written.is_sorted());
        }
    }
}
