//! What was measured, for programs as JSON and for people as a table.

use std::{fmt::Write as _, fs, path::Path};

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::{
    figure::{About, Measure, Reading},
    judge::{Spread, Verdict, verdict},
    run::{Plan, Round},
};

/// Everything.
#[derive(Serialize)]
pub(crate) struct Report {
    /// The version of jangteo and of this program, which are one.
    pub(crate) version: &'static str,
    /// Whether this is a build that is judged.
    pub(crate) release: bool,
    /// Cores that everything shares: servers, brokers, databases and their clients.
    pub(crate) cores: usize,
    /// How much was measured.
    pub(crate) plan: Plan,
    /// Figure by figure.
    pub(crate) figures: Vec<Measured>,
}

/// A figure and what was found.
#[derive(Serialize)]
pub(crate) struct Measured {
    /// What it is about.
    pub(crate) about: About,
    /// Why it could not be measured.
    pub(crate) failure: Option<String>,
    /// What its rounds come to.
    pub(crate) sums: Vec<Sum>,
    /// The rounds.
    pub(crate) rounds: Vec<Round>,
}

/// A measure over all rounds that count; where none does, over all.
#[derive(Serialize)]
pub(crate) struct Sum {
    /// Ours, in its unit.
    ours: Option<Spread>,
    /// The baseline, in the same.
    baseline: Option<Spread>,
    /// What is judged: the ratios of each round, or ours where nothing is compared.
    value: Option<Spread>,
    /// Whether it is enough.
    pub(crate) verdict: Verdict,
}

impl Measured {
    /// What the rounds of a figure come to.
    pub(crate) fn new(about: About, rounds: Result<Vec<Round>>, release: bool) -> Self {
        let (rounds, failure) = match rounds {
            Ok(rounds) => (rounds, None),
            Err(error) => (vec![], Some(format!("{error:#}"))),
        };
        let sum = |(position, measure)| Sum::of(measure, position, &rounds, release);
        let sums = about.measures.iter().enumerate().map(sum).collect();
        Self { about, failure, sums, rounds }
    }

    /// Whether it could be measured and misses nothing that is asked of it.
    pub(crate) fn fine(&self) -> bool {
        self.failure.is_none() && self.sums.iter().all(|sum| sum.verdict != Verdict::Missed)
    }

    fn steady(&self) -> usize {
        self.rounds.iter().filter(|round| round.steady).count()
    }
}

impl Sum {
    fn of(measure: &Measure, position: usize, rounds: &[Round], release: bool) -> Self {
        let read = |round: &Round| round.readings[position];
        let steady: Vec<_> = rounds.iter().filter(|round| round.steady).map(read).collect();
        let values: Vec<_> = steady.iter().map(|reading| reading.value()).collect();
        let told = if steady.is_empty() { rounds.iter().map(read).collect() } else { steady };
        let spread = |of: fn(&Reading) -> Option<f64>| {
            Spread::of(&told.iter().filter_map(of).collect::<Vec<_>>())
        };
        Self {
            ours: spread(|reading| Some(reading.ours)),
            baseline: spread(|reading| reading.baseline),
            value: spread(|reading| Some(reading.value())),
            verdict: verdict(measure.target, &values, release),
        }
    }
}

impl Report {
    /// Prints the table, and writes the JSON where it is wanted.
    pub(crate) fn tell(&self, json: Option<&Path>) -> Result<()> {
        match json {
            Some(file) if file == Path::new("-") => {
                eprintln!("{}", self.table());
                println!("{}", serde_json::to_string_pretty(self)?);
            }
            Some(file) => {
                println!("{}", self.table());
                let json = serde_json::to_vec_pretty(self)?;
                fs::write(file, json).with_context(|| format!("write {}", file.display()))?;
            }
            None => println!("{}", self.table()),
        }
        Ok(())
    }

    /// The table.
    fn table(&self) -> String {
        let Self { version, release, cores, plan, .. } = self;
        let build = if *release { "release" } else { "debug" };
        let mut out = format!(
            "jangteo {version}, {build} build; {cores} cores shared by servers and clients; \
             {} rounds of {} s for each load\n",
            plan.rounds, plan.seconds
        );
        for measured in &self.figures {
            measured.lines(&mut out).expect("memory takes all that is written");
        }
        out
    }
}

impl Measured {
    fn lines(&self, out: &mut String) -> std::fmt::Result {
        let About { id, title, durability, measures } = self.about;
        writeln!(out, "\n{id}  {title}\n    durability: {durability}")?;
        if let Some(failure) = &self.failure {
            return writeln!(out, "    could not be measured: {failure}");
        }
        for (measure, sum) in measures.iter().zip(&self.sums) {
            writeln!(out, "    {}", line(measure, sum))?;
        }
        writeln!(out, "    {} of {} rounds steady", self.steady(), self.rounds.len())?;
        for load in self.rounds.last().iter().flat_map(|round| &round.loads) {
            let wait = load.latency_ms;
            writeln!(
                out,
                "      last round, {}: {:.0}/s, p50 {:.2} p90 {:.2} p99 {:.2} p99.9 {:.2} max {:.2} ms",
                load.what, load.rate, wait.p50, wait.p90, wait.p99, wait.p999, wait.max
            )?;
        }
        Ok(())
    }
}

/// Ours, the baseline, their ratio as median (min–max), and what is asked of it.
fn line(measure: &Measure, sum: &Sum) -> String {
    let Measure { name, unit, baseline, target } = measure;
    let amount = |spread: Option<Spread>| spread.map_or_else(String::new, |it| number(it.median));
    let beside = match (baseline, sum.value) {
        (Some(baseline), Some(Spread { median, min, max })) => {
            let theirs = amount(sum.baseline);
            format!(", {baseline} {theirs} {unit}: ratio {median:.2} ({min:.2}–{max:.2})")
        }
        (None, Some(Spread { min, max, .. })) => format!(" ({}–{})", number(min), number(max)),
        (_, None) => String::new(),
    };
    let asked =
        target.map_or_else(String::new, |target| format!("; target {target}: {}", sum.verdict));
    format!("{name}: {} {unit}{beside}{asked}", amount(sum.ours))
}

/// With as many digits as say something.
fn number(value: f64) -> String {
    match value {
        ..10.0 => format!("{value:.2}"),
        10.0..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::Target;

    const ABOUT: About = About {
        id: "P0",
        title: "nothing",
        durability: "none",
        measures: &[Measure {
            name: "work",
            unit: "/s",
            baseline: Some("rest"),
            target: Some(Target::AtLeast(0.5)),
        }],
    };

    fn round(ours: f64, steady: bool) -> Round {
        let readings = vec![Reading::beside(ours, 100.0)];
        Round { steady, sync_us: [1.0; 2], load_average: 0.0, readings, loads: vec![] }
    }

    fn measured(rounds: Vec<Round>) -> Measured {
        Measured::new(ABOUT, Ok(rounds), true)
    }

    #[test]
    fn only_steady_rounds_are_judged_and_told() {
        let mut rounds: Vec<_> = [60.0, 50.0, 70.0, 61.0, 59.0].map(|it| round(it, true)).into();
        rounds.push(round(1.0, false));
        let measured = measured(rounds);
        assert!(measured.fine());
        let mut out = String::new();
        measured.lines(&mut out).unwrap();
        let told = "work: 60.0 /s, rest 100 /s: ratio 0.60 (0.50–0.70); target ≥ 0.5: reached";
        assert!(out.contains(told), "{out}");
        assert!(out.contains("5 of 6 rounds steady"), "{out}");
    }

    #[test]
    fn what_is_missed_is_not_fine_and_neither_is_what_failed() {
        assert!(!measured((0..5).map(|_| round(40.0, true)).collect()).fine());
        let failed = Measured::new(ABOUT, Err(anyhow::anyhow!("no disk")), true);
        assert!(!failed.fine());
        let mut out = String::new();
        failed.lines(&mut out).unwrap();
        assert!(out.contains("could not be measured: no disk"), "{out}");
    }

    #[test]
    fn restless_rounds_are_told_but_prove_nothing() {
        let measured = measured((0..5).map(|_| round(40.0, false)).collect());
        assert!(measured.fine());
        assert_eq!(measured.sums[0].verdict, Verdict::TooFewRounds);
        assert!((measured.sums[0].value.unwrap().median - 0.4).abs() < 1e-9);
    }
}
