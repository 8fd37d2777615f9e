//! `jangteo-sim`: runs worlds, and says what was broken in them.

mod report;

use std::{ops::Range, path::PathBuf, process::ExitCode, time::Instant};

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use jangteo_sim::{Plan, Plant, many, run, shrunk};

/// All contexts of jangteo in hostile worlds.
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs worlds; shows in short how a promise was broken, if one was.
    Run {
        /// How many worlds.
        #[arg(long, default_value_t = 2000)]
        seeds: u64,
        /// The seed of the first.
        #[arg(long, default_value_t = 0)]
        from: u64,
        /// Show what was told to which states.
        #[arg(long)]
        coverage: bool,
        /// Keep the rows in SQLite's databases, in this folder.
        #[arg(long)]
        databases: Option<PathBuf>,
    },
    /// Tells what happens in one world.
    Replay {
        /// The world, as `run` names it: `{"seed": 7}`.
        plan: String,
    },
    /// Plants each known bug; shows how many worlds it takes to find it.
    Controls {
        /// In how many worlds it may hide.
        #[arg(long, default_value_t = 2000)]
        most: u64,
    },
}

fn main() -> anyhow::Result<ExitCode> {
    let sound = match Args::parse().command {
        Command::Run { seeds, from, coverage, databases } => {
            worlds(from..from + seeds, coverage, databases)
        }
        Command::Replay { plan } => {
            told(&serde_json::from_str(&plan).context("it names no world")?)
        }
        Command::Controls { most } => controls(most),
    };
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whoever has found so many has enough to do.
const ENOUGH: usize = 20;

/// Runs worlds on all cores; tells whether every promise was kept.
fn worlds(seeds: Range<u64>, coverage: bool, databases: Option<PathBuf>) -> bool {
    let begun = Instant::now();
    let ran = many(seeds, &Plan { databases, ..Plan::default() }, ENOUGH, report::world);
    report::figures(&ran, begun.elapsed());
    if coverage {
        report::coverage(&ran.figures);
    }
    if let Some((seed, _)) = ran.broken.first() {
        told(&shrunk(Plan { seed: *seed, ..Plan::default() }));
    }
    ran.broken.is_empty()
}

/// Tells what happens in a world, and whether every promise was kept.
fn told(plan: &Plan) -> bool {
    let outcome = run(plan, true);
    report::history(plan, &outcome);
    outcome.broken.is_empty()
}

/// Tells whether each bug that is planted is found.
fn controls(most: u64) -> bool {
    let mut all = true;
    for bug in Plant::ALL {
        let ran = many(0..most, &Plan { plant: Some(bug), ..Plan::default() }, 1, |_, _| ());
        report::control(bug, &ran);
        all &= !ran.broken.is_empty();
    }
    all
}
