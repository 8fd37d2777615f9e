//! What came of the crashes, as a table.

use std::{io::Write as _, time::Duration};

use anyhow::Result;

use super::{case::Outcome, plan::Case};

/// Lines that tell what is wrong with one crash.
const BRIEF: usize = 6;

/// One crash and what came of it.
pub(super) struct Row {
    point: String,
    database: String,
    acknowledged: usize,
    events: usize,
    took: Duration,
    verdict: String,
    pub(super) clean: bool,
}

impl Row {
    pub(super) fn of(case: &Case, outcome: Result<Outcome>, took: Duration) -> Self {
        let (acknowledged, events, verdict) = match outcome {
            Ok(outcome) => (outcome.acknowledged, outcome.events, found(&outcome)),
            Err(error) => (0, 0, Some(format!("{error:#}"))),
        };
        Self {
            point: case.failpoint(),
            database: format!("{:?}", case.database),
            acknowledged,
            events,
            took,
            clean: verdict.is_none(),
            verdict: verdict.unwrap_or_else(|| "clean".into()),
        }
    }

    /// Without what processes had to say.
    pub(super) fn brief(&self) -> String {
        self.line().lines().take(BRIEF).collect::<Vec<_>>().join("\n")
    }

    fn line(&self) -> String {
        let Self { point, database, acknowledged, events, took, verdict, .. } = self;
        let took = took.as_secs_f64();
        format!("{point:<8}{database:<10}{acknowledged:>13}{events:>8}{took:>9.1}  {verdict}")
    }
}

fn found(outcome: &Outcome) -> Option<String> {
    let findings: Vec<_> = outcome.findings.iter().map(ToString::to_string).collect();
    (!findings.is_empty()).then(|| findings.join("\n  "))
}

/// Prints it past the test harness, which would swallow it.
pub(super) fn print(seed: u64, rows: &[Row]) {
    let clean = rows.iter().filter(|row| row.clean).count();
    let head = format!(
        "crashes, seed {seed}\n{:<8}{:<10}{:>13}{:>8}{:>9}  verdict",
        "point", "database", "acknowledged", "events", "seconds"
    );
    let foot = format!("{clean} of {} crashes left everything in step\n", rows.len());
    let lines: Vec<_> =
        std::iter::once(head).chain(rows.iter().map(Row::line)).chain([foot]).collect();
    std::io::stderr().write_all(lines.join("\n").as_bytes()).expect("stderr is open");
}
