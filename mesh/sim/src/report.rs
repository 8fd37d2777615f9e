//! What people read of it.

use std::time::Duration;

use jangteo_sim::{Broken, Figures, Outcome, Plan, Plant, Ran};

/// What happened in all worlds together.
pub(crate) fn figures(ran: &Ran, took: Duration) {
    let Figures { events, calls, questions, duplicates, troubles, .. } = &ran.figures;
    let a_second = f64::from(u32::try_from(ran.worlds).unwrap_or(u32::MAX)) / took.as_secs_f64();
    println!("{} worlds in {:.1} s: {a_second:.0} a second", ran.worlds, took.as_secs_f64());
    println!("{calls} calls of people, {questions} questions between contexts, {events} events");
    println!("{duplicates} messages that came again");
    let troubles: Vec<_> = troubles.iter().map(|(one, many)| format!("{one:?} {many}")).collect();
    println!("troubles: {}", troubles.join(", "));
}

/// What was told to which states.
pub(crate) fn coverage(figures: &Figures) {
    println!("\n{:<14} {:<16} {:<18} {:<16} times", "kind", "state", "command", "then");
    for (arrow, times) in &figures.arrows {
        let state =
            |state: &Option<String>, none: &str| state.clone().unwrap_or_else(|| none.to_owned());
        let (before, after) = (state(&arrow.before, "-"), state(&arrow.after, "refused"));
        println!("{:<14} {before:<16} {:<18} {after:<16} {times}", arrow.kind, arrow.command);
    }
}

/// A world is over: what was broken in it is told at once, and how far it is now and then.
pub(crate) fn world(seed: u64, found: &[Broken]) {
    broken(seed, found);
    if seed % 10_000 == 9_999 {
        eprintln!("up to seed {seed}");
    }
}

/// What was broken in one world.
fn broken(seed: u64, broken: &[Broken]) {
    for Broken { invariant, what } in broken {
        println!("seed {seed}: {invariant}: {what}");
    }
}

/// What happened in one world.
pub(crate) fn history(plan: &Plan, outcome: &Outcome) {
    println!("\nreplay '{plan}':\n");
    for line in &outcome.history {
        println!("{line}");
    }
    println!();
    broken(plan.seed, &outcome.broken);
}

/// How a bug was found, or not.
pub(crate) fn control(bug: Plant, ran: &Ran) {
    let found = ran.broken.first().and_then(|(seed, broken)| Some((seed, broken.first()?)));
    match found {
        Some((seed, Broken { invariant, .. })) => {
            println!(
                "{:<20} found after {:>4} worlds (seed {seed}): {invariant}",
                format!("{bug:?}"),
                ran.worlds
            );
        }
        None => println!("{:<20} NOT FOUND in {} worlds", format!("{bug:?}"), ran.worlds),
    }
}
