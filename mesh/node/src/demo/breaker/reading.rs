//! What renters are told, and what can be read from it: where the breaker before payments stands.

use std::time::Duration;

use jangteo_kit::decide::Phase;

/// Whoever is refused sooner was refused without anybody being asked: a payment that is tried and given
/// up takes as long as it may (610 ms).
const AT_ONCE: Duration = Duration::from_millis(450);

/// What a renter is told who pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// It is paid.
    Paid,
    /// Please pay a little later.
    Later,
    /// In a moment: the last try is still being undone, or there is no place for one more.
    Busy,
}

/// One try to pay; its times count from the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Try {
    pub(super) told: Told,
    pub(super) from: Duration,
    pub(super) to: Duration,
}

/// What the tries of one second come to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Second {
    pub(super) paid: usize,
    pub(super) later: usize,
    pub(super) busy: usize,
    /// How long it took to be told that it is paid, in the middle, in ms.
    pub(super) paid_ms: Option<u64>,
    /// How long it took to be asked to pay a little later.
    pub(super) later_ms: Option<u64>,
    /// Where the breaker stood in it, one after the other; nothing where nobody was told anything yet.
    pub(super) phases: Vec<Phase>,
}

/// Where the breaker has stood, as far as tries show it.
#[derive(Debug, Default)]
pub(super) struct Reading {
    phases: Vec<Phase>,
    /// When the try ended that shows where it stands now. What was begun before shows nothing new.
    since: Duration,
}

impl Try {
    fn took(&self) -> Duration {
        self.to.saturating_sub(self.from)
    }
}

impl Second {
    /// Hears the tries of a second in the order of their ends.
    pub(super) fn of(tries: &[Try], reading: &mut Reading) -> Self {
        let mut phases: Vec<_> = reading.now().into_iter().collect();
        for heard in tries {
            phases.extend(reading.hear(heard));
        }
        let of = |told: Told| tries.iter().filter(move |it| it.told == told);
        Self {
            paid: of(Told::Paid).count(),
            later: of(Told::Later).count(),
            busy: of(Told::Busy).count(),
            paid_ms: median(of(Told::Paid)),
            later_ms: median(of(Told::Later)),
            phases,
        }
    }
}

/// How long a try took in the middle, in ms.
fn median<'a>(tries: impl Iterator<Item = &'a Try>) -> Option<u64> {
    let mut took: Vec<_> = tries.map(Try::took).collect();
    took.sort_unstable();
    let middle = took.get(took.len() / 2)?;
    u64::try_from(middle.as_millis()).ok()
}

impl Reading {
    /// Where the breaker stands.
    fn now(&self) -> Option<Phase> {
        self.phases.last().copied()
    }

    /// All that it has gone through.
    pub(super) fn phases(&self) -> &[Phase] {
        &self.phases
    }

    /// Where a try shows it to have gone.
    fn hear(&mut self, heard: &Try) -> &'static [Phase] {
        if heard.told == Told::Busy || heard.from < self.since {
            return &[];
        }
        let at_once = heard.took() < AT_ONCE;
        let went: &[Phase] = match (self.now(), heard.told) {
            (None | Some(Phase::Closed), Told::Later) if at_once => &[Phase::Open],
            (None, _) => &[Phase::Closed],
            // One was let through, to see.
            (Some(Phase::Open), Told::Paid) => &[Phase::HalfOpen, Phase::Closed],
            (Some(Phase::Open), Told::Later) if !at_once => &[Phase::HalfOpen, Phase::Open],
            (Some(_), _) => &[],
        };
        if !went.is_empty() {
            self.phases.extend(went);
            self.since = heard.to;
        }
        went
    }

    /// Whether it has opened after it was closed, and is closed again.
    pub(super) fn has_recovered(&self) -> bool {
        let opened = self.phases.windows(2).any(|it| it == [Phase::Closed, Phase::Open]);
        opened && self.now() == Some(Phase::Closed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(told: Told, from: u64, took: u64) -> Try {
        let from = Duration::from_millis(from);
        Try { told, from, to: from + Duration::from_millis(took) }
    }

    fn read(tries: &[Try]) -> Reading {
        let mut reading = Reading::default();
        for heard in tries {
            reading.hear(heard);
        }
        reading
    }

    use Phase::{Closed, HalfOpen, Open};
    use Told::{Busy, Later, Paid};

    #[test]
    fn refusals_that_take_their_time_come_through_a_closed_one() {
        let reading = read(&[heard(Paid, 0, 200), heard(Later, 300, 612), heard(Later, 310, 608)]);
        assert_eq!(reading.phases(), [Closed]);
        assert!(!reading.has_recovered());
    }

    #[test]
    fn a_refusal_at_once_is_an_open_one() {
        let reading = read(&[heard(Paid, 0, 200), heard(Later, 300, 612), heard(Later, 950, 3)]);
        assert_eq!(reading.phases(), [Closed, Open]);
        assert_eq!(read(&[heard(Later, 0, 3)]).phases(), [Open]);
    }

    #[test]
    fn a_try_that_was_on_its_way_when_it_opened_is_no_probe() {
        let on_their_way = [heard(Later, 500, 610), heard(Paid, 700, 590)];
        let reading =
            read(&[&[heard(Paid, 0, 200), heard(Later, 1_000, 3)][..], &on_their_way].concat());
        assert_eq!(reading.phases(), [Closed, Open]);
    }

    #[test]
    fn a_probe_decides_whether_it_closes() {
        let mut tries = vec![heard(Paid, 0, 200), heard(Later, 1_000, 3)];
        tries.push(heard(Later, 6_100, 611));
        let reading = read(&tries);
        assert_eq!(reading.phases(), [Closed, Open, HalfOpen, Open]);
        assert!(!reading.has_recovered());
        tries.extend([heard(Later, 6_800, 3), heard(Paid, 11_800, 230), heard(Paid, 12_100, 180)]);
        let reading = read(&tries);
        assert_eq!(reading.phases(), [Closed, Open, HalfOpen, Open, HalfOpen, Closed]);
        assert!(reading.has_recovered());
    }

    #[test]
    fn a_refusal_that_began_before_it_closed_does_not_open_it() {
        let tries = [heard(Paid, 0, 200), heard(Later, 1_000, 3), heard(Paid, 6_100, 200)];
        let late = heard(Later, 6_299, 4);
        assert_eq!(
            read(&[&tries[..], &[late]].concat()).phases(),
            [Closed, Open, HalfOpen, Closed]
        );
    }

    #[test]
    fn whoever_is_told_to_wait_a_moment_learns_nothing_of_it() {
        assert_eq!(read(&[heard(Busy, 0, 2)]).phases(), []);
        assert_eq!(read(&[heard(Paid, 0, 200), heard(Busy, 300, 2)]).phases(), [Closed]);
    }

    #[test]
    fn a_second_counts_what_people_are_told_and_how_fast() {
        let mut reading = read(&[heard(Paid, 0, 200)]);
        let tries = [
            heard(Paid, 1_000, 190),
            heard(Later, 1_000, 610),
            heard(Busy, 1_700, 2),
            heard(Later, 1_701, 3),
            heard(Later, 1_702, 4),
        ];
        let second = Second::of(&tries, &mut reading);
        let expected = Second {
            paid: 1,
            later: 3,
            busy: 1,
            paid_ms: Some(190),
            later_ms: Some(4),
            phases: vec![Closed, Open],
        };
        assert_eq!(second, expected);
        let nothing = Second::of(&[], &mut reading);
        assert_eq!((nothing.later_ms, nothing.phases), (None, vec![Open]));
    }
}
