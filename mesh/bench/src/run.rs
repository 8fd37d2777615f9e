//! Measures a figure round by round, and says which rounds count.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde::Serialize;

use crate::{
    figure::{About, Figure, Outcome, Reading, Rounds},
    judge::steady,
    load::Load,
    probe::{Probe, load_average},
    world::World,
};

/// How much is measured.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Plan {
    /// Rounds that are to count.
    pub(crate) rounds: usize,
    /// How long each load of a round goes on, in seconds.
    pub(crate) seconds: f64,
}

impl Plan {
    /// A round that does not count is repeated, but not for ever.
    fn goes_on(self, rounds: &[Round]) -> bool {
        let steady = rounds.iter().filter(|round| round.steady).count();
        steady < self.rounds && rounds.len() < 2 * self.rounds
    }
}

/// One round of a figure.
#[derive(Debug, Serialize)]
pub(crate) struct Round {
    /// Whether it counts: the machine's own speed was the same before and after.
    pub(crate) steady: bool,
    /// What a sync of the disk took before and after, in µs.
    pub(crate) sync_us: [f64; 2],
    /// How busy the machine was.
    pub(crate) load_average: f64,
    /// What was found of each measure.
    pub(crate) readings: Vec<Reading>,
    /// The loads that led to it.
    pub(crate) loads: Vec<Load>,
}

/// Measures a figure; tells stderr how it goes.
pub(crate) async fn measure(
    figure: &dyn Figure,
    world: &World,
    plan: Plan,
    probe: &mut Probe,
) -> Result<Vec<Round>> {
    let about = figure.about();
    let mut prepared = figure.prepare(world).await?;
    let mut rounds = vec![];
    while plan.goes_on(&rounds) {
        let round = one(prepared.as_mut(), plan, probe).await?;
        ensure!(round.readings.len() == about.measures.len(), "{} misses a measure", about.id);
        tell(&about, rounds.len() + 1, &round);
        rounds.push(round);
    }
    Ok(rounds)
}

async fn one(prepared: &mut dyn Rounds, plan: Plan, probe: &mut Probe) -> Result<Round> {
    let before = probe.sync_us()?;
    let Outcome { readings, loads } = prepared.round(Duration::from_secs_f64(plan.seconds)).await?;
    let (load_average, after) = (load_average()?, probe.sync_us()?);
    let steady = steady(before, after);
    Ok(Round { steady, sync_us: [before, after], load_average, readings, loads })
}

fn tell(about: &About, number: usize, round: &Round) {
    let values: Vec<_> =
        round.readings.iter().map(|reading| format!("{:.2}", reading.value())).collect();
    let [before, after] = round.sync_us;
    let counts = if round.steady { "" } else { ", does not count: the disk changed" };
    eprintln!(
        "{} round {number}: {} (sync {before:.0} → {after:.0} µs, load {:.1}{counts})",
        about.id,
        values.join(", "),
        round.load_average,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounds(steady: &[bool]) -> Vec<Round> {
        let round = |steady: &bool| Round {
            steady: *steady,
            sync_us: [100.0; 2],
            load_average: 1.0,
            readings: vec![],
            loads: vec![],
        };
        steady.iter().map(round).collect()
    }

    #[test]
    fn rounds_that_do_not_count_are_repeated_for_a_while() {
        let plan = Plan { rounds: 2, seconds: 1.0 };
        for (steady, goes_on) in [
            (&[][..], true),
            (&[true], true),
            (&[true, true], false),
            (&[true, false], true),
            (&[true, false, true], false),
            (&[false; 4], false),
        ] {
            assert_eq!(plan.goes_on(&rounds(steady)), goes_on, "{steady:?}");
        }
    }
}
