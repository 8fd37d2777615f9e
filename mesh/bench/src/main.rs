//! The `jangteo-bench` binary: how fast jangteo is, beside what this machine can do at best.
//!
//! It drives the real `jangteo` with a real broker and real databases, each a process of its own,
//! and measures a baseline in the same round: what is told is the ratio, not the speed of a machine.

mod caller;
mod customer;
mod echo;
mod figure;
mod figures;
mod journal;
mod judge;
mod load;
mod pgbench;
mod probe;
mod raw;
mod report;
mod run;
mod seller;
mod world;

use std::{path::PathBuf, process::ExitCode, thread::available_parallelism};

use anyhow::{Result, bail, ensure};
use clap::{Parser, Subcommand};
use mimalloc::MiMalloc;

use crate::{
    figure::Figure,
    judge::ROUNDS,
    probe::Probe,
    report::{Measured, Report},
    run::{Plan, measure},
    world::World,
};

// The echo is to differ from jangteo in what it does, not in how it gets its memory.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Measures jangteo beside its baselines; fails where a figure misses its target.
#[derive(Parser)]
#[command(name = "jangteo-bench", version, args_conflicts_with_subcommands = true)]
struct Cli {
    /// The figures to measure, such as P1 and P4; none named: all of them.
    figures: Vec<String>,
    /// Rounds that are to count for each figure; one during which the disk changed its speed does not.
    #[arg(long, default_value_t = ROUNDS)]
    rounds: usize,
    /// How long each load of a round goes on, in seconds.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Events in the backlog that the relay drains.
    #[arg(long, default_value_t = 20_000)]
    backlog: u64,
    /// Where everything that was measured is written as JSON; `-` is standard output in place of the table.
    #[arg(long)]
    json: Option<PathBuf>,
    /// The program to measure [default: the jangteo beside this program].
    #[arg(long)]
    jangteo: Option<PathBuf>,
    #[command(subcommand)]
    own: Option<Own>,
}

/// What this program is when it is its own child.
#[derive(Subcommand)]
enum Own {
    /// The bare echo that jangteo is compared with.
    #[command(hide = true)]
    Serve,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything could be measured, and misses nothing that is asked of it.
async fn run(cli: Cli) -> Result<bool> {
    if let Some(Own::Serve) = cli.own {
        return echo::serve().await.map(|()| true);
    }
    let chosen = chosen(&cli.figures)?;
    let plan = Plan { rounds: cli.rounds, seconds: cli.seconds };
    let world =
        World { jangteo: cli.jangteo.map_or_else(World::beside, Ok)?, backlog: cli.backlog };
    ensure!(world.jangteo.is_file(), "no {}: build the workspace", world.jangteo.display());
    let release = cfg!(not(debug_assertions));
    let (mut probe, mut figures) = (Probe::new()?, vec![]);
    for figure in chosen {
        let rounds = measure(figure.as_ref(), &world, plan, &mut probe).await;
        figures.push(Measured::new(figure.about(), rounds, release));
    }
    let cores = available_parallelism()?.get();
    let version = env!("CARGO_PKG_VERSION");
    let report = Report { version, release, cores, plan, figures };
    report.tell(cli.json.as_deref())?;
    Ok(report.figures.iter().all(Measured::fine))
}

/// The figures of these names, all where there are none.
fn chosen(names: &[String]) -> Result<Vec<Box<dyn Figure>>> {
    let all = figures::all();
    let is = |figure: &dyn Figure, name: &str| figure.about().id.eq_ignore_ascii_case(name);
    let known = |name: &&String| all.iter().any(|figure| is(figure.as_ref(), name));
    if let Some(unknown) = names.iter().find(|name| !known(name)) {
        let known: Vec<_> = all.iter().map(|figure| figure.about().id).collect();
        bail!("there is no figure {unknown}: there are {}", known.join(", "));
    }
    let wanted =
        |figure: &dyn Figure| names.is_empty() || names.iter().any(|name| is(figure, name));
    Ok(all.into_iter().filter(|figure| wanted(figure.as_ref())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_chosen_by_their_ids() {
        let chosen = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
            super::chosen(&names).map(|all| all.iter().map(|it| it.about().id).collect::<Vec<_>>())
        };
        assert_eq!(chosen(&["p4", "P1"]).unwrap(), ["P1", "P4"]);
        assert_eq!(chosen(&[]).unwrap().len(), figures::all().len());
        assert!(chosen(&["P0"]).unwrap_err().to_string().contains("P1"));
    }
}
