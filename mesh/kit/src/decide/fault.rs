//! What becomes of a call to a context that an operator lets misbehave.

use std::time::Duration;

/// How a context misbehaves towards whoever calls it; by default not at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Switches {
    /// How much longer every call takes.
    pub latency: Duration,
    /// Of a hundred calls so many are refused.
    pub error_percent: u32,
    /// No call is answered.
    pub hang: bool,
    /// The process says that it is neither alive nor ready.
    pub unhealthy: bool,
}

/// What becomes of a call that has waited out its latency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is answered as if nothing were wrong.
    Passes,
    /// It waits until calls are answered again.
    Hangs,
    /// It is refused, and does nothing.
    Fails,
}

impl Switches {
    /// What becomes of a call; `chance` is in 0..1. One that hangs is judged again afterwards.
    pub fn fate(&self, chance: f64) -> Fate {
        if self.hang {
            Fate::Hangs
        } else if chance * 100.0 < f64::from(self.error_percent) {
            Fate::Fails
        } else {
            Fate::Passes
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANCES: [f64; 5] = [0.0, 0.29, 0.3, 0.5, 0.999];

    fn fates(switches: Switches) -> [Fate; 5] {
        CHANCES.map(|chance| switches.fate(chance))
    }

    #[test]
    fn nothing_happens_to_a_call_while_all_switches_are_off() {
        assert_eq!(fates(Switches::default()), [Fate::Passes; 5]);
    }

    #[test]
    fn so_many_of_a_hundred_fail() {
        use Fate::{Fails, Passes};
        let some = Switches { error_percent: 30, ..Switches::default() };
        assert_eq!(fates(some), [Fails, Fails, Passes, Passes, Passes]);
        let all = Switches { error_percent: 100, ..Switches::default() };
        assert_eq!(fates(all), [Fails; 5]);
    }

    #[test]
    fn whoever_hangs_is_not_even_refused() {
        let both = Switches { hang: true, error_percent: 100, ..Switches::default() };
        assert_eq!(fates(both), [Fate::Hangs; 5]);
    }

    #[test]
    fn a_slow_or_unhealthy_context_answers_in_the_end() {
        let slow = Switches { latency: Duration::from_mins(1), ..Switches::default() };
        assert_eq!(fates(slow), [Fate::Passes; 5]);
        let unhealthy = Switches { unhealthy: true, ..Switches::default() };
        assert_eq!(fates(unhealthy), [Fate::Passes; 5]);
    }
}
