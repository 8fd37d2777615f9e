//! When a question is asked, asked again, or given up.

use std::time::Duration;

use super::{Heard, Unanswered, backoff};

/// How far the asking of a question is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asking {
    /// How often it was asked; counted before each time.
    pub attempts: u32,
    /// When it is given up, in ms since 1970; none if it is asked until it is answered.
    pub deadline: Option<i64>,
    /// When whoever sweeps has to look at it, in ms since 1970.
    pub wake: i64,
}

/// What is to be done about a question whose time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is asked, now that this is written.
    Ask(Asking),
    /// It is given up: the state is told that nobody answered.
    GiveUp,
    /// Its time has not come.
    Wait,
}

/// How much longer than a question may take whoever asked it is left alone with it.
const GRACE: i64 = 500;

/// A question that a state has just begun to wait for. `until` is how long the whole chain may take;
/// `asked_now`: whoever writes this asks it at once, else whoever sweeps does.
pub fn begun(
    kind: Unanswered,
    limit: Duration,
    until: Option<i64>,
    at: i64,
    asked_now: bool,
) -> Asking {
    let end = at.saturating_add(millis(limit));
    let deadline = (kind == Unanswered::Undo).then(|| until.map_or(end, |until| end.min(until)));
    let wake = if asked_now { deadline.unwrap_or(end + GRACE) } else { at };
    Asking { attempts: asked_now.into(), deadline, wake }
}

/// What is to be done at `at` about a question that waits. One that may be undone is asked once.
pub fn turn(kind: Unanswered, asking: Asking, limit: Duration, at: i64) -> Turn {
    let ask =
        |wake| Turn::Ask(Asking { attempts: asking.attempts.saturating_add(1), wake, ..asking });
    match (kind, asking.deadline) {
        _ if asking.wake > at => Turn::Wait,
        (Unanswered::Undo, Some(deadline)) if asking.attempts == 0 && deadline > at => {
            ask(deadline)
        }
        (Unanswered::Undo, _) => Turn::GiveUp,
        (Unanswered::Finish, _) => ask(at.saturating_add(millis(limit)) + GRACE),
    }
}

/// What the state is told of an answer; nothing: the question is asked again later.
///
/// That it was not sent counts only while it was never asked before and not given up; `sure`: whoever
/// says so is the one who wrote the state that waits.
pub fn told<M>(
    kind: Unanswered,
    asking: Asking,
    answer: Heard<M>,
    sure: bool,
    at: i64,
) -> Option<Heard<M>> {
    let only =
        sure && asking.attempts == 1 && asking.deadline.is_some_and(|deadline| at < deadline);
    match (kind, answer) {
        (_, answer @ (Heard::Yes(_) | Heard::No(_))) => Some(answer),
        (Unanswered::Finish, _) => None,
        (Unanswered::Undo, Heard::NotSent) if only => Some(Heard::NotSent),
        (Unanswered::Undo, _) => Some(Heard::Nothing),
    }
}

/// When a question that was not answered is asked again.
pub fn again(asking: Asking, most: Duration, chance: f64, at: i64) -> i64 {
    at.saturating_add(millis(backoff(asking.attempts, most, chance)))
}

/// How long is left for a question, of which it may take `limit`.
pub fn left(asking: Asking, limit: Duration, at: i64) -> Duration {
    let left = asking.deadline.map_or(i64::MAX, |deadline| deadline.saturating_sub(at));
    limit.min(Duration::from_millis(u64::try_from(left).unwrap_or(0)))
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(2);

    #[test]
    fn a_question_that_may_be_undone_is_asked_once_and_given_up_at_its_deadline() {
        let asking = begun(Unanswered::Undo, LIMIT, None, 1000, true);
        assert_eq!(asking, Asking { attempts: 1, deadline: Some(3000), wake: 3000 });
        assert_eq!(turn(Unanswered::Undo, asking, LIMIT, 2999), Turn::Wait);
        assert_eq!(turn(Unanswered::Undo, asking, LIMIT, 3000), Turn::GiveUp);
    }

    #[test]
    fn whoever_sweeps_asks_what_nobody_has_asked() {
        let asking = begun(Unanswered::Undo, LIMIT, None, 1000, false);
        let asked = Asking { attempts: 1, deadline: Some(3000), wake: 3000 };
        assert_eq!(turn(Unanswered::Undo, asking, LIMIT, 1000), Turn::Ask(asked));
        assert_eq!(turn(Unanswered::Undo, asking, LIMIT, 3000), Turn::GiveUp);
    }

    #[test]
    fn the_chain_ends_when_the_caller_stops_waiting() {
        assert_eq!(begun(Unanswered::Undo, LIMIT, Some(1500), 1000, true).deadline, Some(1500));
        assert_eq!(begun(Unanswered::Undo, LIMIT, Some(9000), 1000, true).deadline, Some(3000));
    }

    #[test]
    fn what_finishes_is_asked_until_it_is_answered() {
        let mut asking = begun(Unanswered::Finish, LIMIT, Some(1500), 1000, true);
        assert_eq!(asking.deadline, None);
        for attempts in 2..10 {
            let Turn::Ask(next) = turn(Unanswered::Finish, asking, LIMIT, asking.wake) else {
                panic!("{asking:?} is not asked");
            };
            assert_eq!(next.attempts, attempts);
            assert!(next.wake > asking.wake + 2000, "whoever asked is left alone for its time");
            assert_eq!(told(Unanswered::Finish, next, Heard::<()>::Nothing, true, 0), None);
            asking = next;
        }
        assert_eq!(
            told(Unanswered::Finish, asking, Heard::Yes(()), false, 0),
            Some(Heard::Yes(()))
        );
    }

    #[test]
    fn not_sent_counts_only_from_the_one_who_surely_knows() {
        let asking = begun(Unanswered::Undo, LIMIT, None, 1000, true);
        let heard =
            |asking, sure, at| told(Unanswered::Undo, asking, Heard::<()>::NotSent, sure, at);
        assert_eq!(heard(asking, true, 1100), Some(Heard::NotSent));
        assert_eq!(heard(asking, false, 1100), Some(Heard::Nothing));
        assert_eq!(heard(asking, true, 3000), Some(Heard::Nothing));
        assert_eq!(heard(Asking { attempts: 2, ..asking }, true, 1100), Some(Heard::Nothing));
    }

    #[test]
    fn an_error_is_no_answer_and_ends_the_waiting_of_what_may_be_undone() {
        let asking = begun(Unanswered::Undo, LIMIT, None, 1000, true);
        let heard = told(Unanswered::Undo, asking, Heard::<()>::Nothing, true, 1100);
        assert_eq!(heard, Some(Heard::Nothing));
    }
}
