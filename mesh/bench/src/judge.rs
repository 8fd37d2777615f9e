//! What the numbers mean: which rounds count, what their middle is, whether it is enough.

use std::fmt::{self, Display};

use serde::Serialize;

/// Fewer rounds than this prove nothing.
pub(crate) const ROUNDS: usize = 5;
/// How much the machine's own speed may change during a round that counts.
const DRIFT: f64 = 0.20;

/// What a value has to be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Target {
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
}

impl Target {
    fn reached(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
        }
    }
}

impl Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(least) => write!(out, "≥ {least}"),
            Self::AtMost(most) => write!(out, "≤ {most}"),
        }
    }
}

/// What is said of a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// It is what it has to be.
    Reached,
    /// It is not.
    Missed,
    /// Nothing is asked of it yet.
    Untargeted,
    /// A build for finding mistakes, which says nothing about speed.
    DebugBuild,
    /// Too few rounds, or too few during which the machine was steady.
    TooFewRounds,
}

impl Display for Verdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(match self {
            Self::Reached => "reached",
            Self::Missed => "MISSED",
            Self::Untargeted => "",
            Self::DebugBuild => "not judged: debug build",
            Self::TooFewRounds => "not judged: too few steady rounds",
        })
    }
}

/// Judges the middle of a measure's values over the rounds that count.
pub(crate) fn verdict(target: Option<Target>, values: &[f64], release: bool) -> Verdict {
    let Some(target) = target else { return Verdict::Untargeted };
    if !release {
        return Verdict::DebugBuild;
    }
    match Spread::of(values) {
        Some(spread) if values.len() >= ROUNDS => {
            if target.reached(spread.median) {
                Verdict::Reached
            } else {
                Verdict::Missed
            }
        }
        _ => Verdict::TooFewRounds,
    }
}

/// Whether the machine was the same before and after: what one probe took beside the other.
pub(crate) fn steady(before: f64, after: f64) -> bool {
    (after / before - 1.0).abs() <= DRIFT
}

/// The middle of some values, and how far they go.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Spread {
    /// Half of the values are above, half below.
    pub(crate) median: f64,
    /// The least.
    pub(crate) min: f64,
    /// The most.
    pub(crate) max: f64,
}

impl Spread {
    /// Of these values; nothing where there are none.
    pub(crate) fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let (low, high) = (sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
        Some(Self { median: f64::midpoint(low, high), min, max })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: Option<Target> = Some(Target::AtLeast(0.5));

    #[test]
    fn the_median_is_the_middle_of_odd_and_even_counts() {
        let spread = Spread::of(&[3.0, 1.0, 10.0]).unwrap();
        assert_eq!(spread, Spread { median: 3.0, min: 1.0, max: 10.0 });
        assert!((Spread::of(&[4.0, 1.0, 2.0, 3.0]).unwrap().median - 2.5).abs() < 1e-9);
        assert_eq!(Spread::of(&[]), None);
    }

    #[test]
    fn a_round_counts_while_the_probe_moves_by_a_fifth_at_most() {
        for (before, after, counts) in [
            (100.0, 100.0, true),
            (100.0, 119.0, true),
            (100.0, 81.0, true),
            (100.0, 121.0, false),
            (100.0, 79.0, false),
        ] {
            assert_eq!(steady(before, after), counts, "{before} {after}");
        }
    }

    #[test]
    fn the_median_is_judged_not_the_best_round() {
        assert_eq!(verdict(HALF, &[0.5, 0.6, 0.4, 0.5, 0.9], true), Verdict::Reached);
        assert_eq!(verdict(HALF, &[0.4, 0.4, 0.4, 0.9, 0.9], true), Verdict::Missed);
        let most = Some(Target::AtMost(50.0));
        assert_eq!(verdict(most, &[50.0; 5], true), Verdict::Reached);
        assert_eq!(verdict(most, &[51.0; 5], true), Verdict::Missed);
    }

    #[test]
    fn nothing_is_judged_without_a_target_a_release_build_and_enough_rounds() {
        assert_eq!(verdict(None, &[1.0; 5], true), Verdict::Untargeted);
        assert_eq!(verdict(HALF, &[0.1; 5], false), Verdict::DebugBuild);
        assert_eq!(verdict(HALF, &[0.1; 4], true), Verdict::TooFewRounds);
        assert_eq!(verdict(HALF, &[], true), Verdict::TooFewRounds);
    }
}
