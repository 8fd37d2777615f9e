//! What a consumer lacks of an aggregate, by its source's own word.

use super::Gate;

/// How far the history of one aggregate goes at its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The last sequence that the broker acknowledged.
    pub acked: i64,
    /// The last sequence at all.
    pub last: i64,
}

/// What a consumer lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// Nothing.
    Nothing,
    /// Everything from this sequence on.
    From(i64),
    /// The source knows less than was already applied: it was restored from an older copy.
    SourceBehind,
}

/// Compares a gate that was read before the source was asked with the head it answered.
pub fn lack(gate: &Gate, head: Head) -> Lack {
    // What waits behind a parked event, or one that was set aside, is known already; where
    // something is missing it is read again from there.
    let mut known = gate.last;
    while gate.held.contains(&(known + 1)) {
        known += 1;
    }
    if gate.last > head.last {
        Lack::SourceBehind
    } else if known < head.acked {
        Lack::From(known + 1)
    } else {
        Lack::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(last: i64) -> Gate {
        Gate { last, ..Gate::default() }
    }

    #[test]
    fn only_what_was_acknowledged_is_lacking() {
        assert_eq!(lack(&gate(3), Head { acked: 3, last: 5 }), Lack::Nothing);
        assert_eq!(lack(&gate(3), Head { acked: 5, last: 5 }), Lack::From(4));
    }

    #[test]
    fn a_gate_ahead_of_acks_is_fine_and_one_ahead_of_history_is_not() {
        assert_eq!(lack(&gate(5), Head { acked: 3, last: 5 }), Lack::Nothing);
        assert_eq!(lack(&gate(6), Head { acked: 5, last: 5 }), Lack::SourceBehind);
    }

    #[test]
    fn a_gap_is_read_again_and_what_is_parked_is_not() {
        let mut gap = gate(3);
        gap.hold(6);
        assert_eq!(lack(&gap, Head { acked: 6, last: 6 }), Lack::From(4));
        let mut parked = gate(3);
        parked.park();
        parked.hold(5);
        assert_eq!(lack(&parked, Head { acked: 5, last: 5 }), Lack::Nothing);
        assert_eq!(lack(&parked, Head { acked: 7, last: 7 }), Lack::From(6));
    }

    #[test]
    fn what_waits_behind_an_event_that_was_set_aside_is_not_read_again() {
        let mut aside = gate(3);
        (4..=6).for_each(|sequence| aside.hold(sequence));
        assert_eq!(lack(&aside, Head { acked: 6, last: 6 }), Lack::Nothing);
        aside.hold(8);
        assert_eq!(lack(&aside, Head { acked: 8, last: 8 }), Lack::From(7));
    }
}
