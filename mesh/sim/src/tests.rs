//! Worlds in numbers, as every change has to stand them.

use std::{collections::BTreeMap, fmt::Write as _, fs};

use jangteo_kit::store::Arrow;

use super::*;

/// How many worlds a change has to stand.
fn worlds() -> u64 {
    if full() { 20_000 } else { 2_000 }
}

fn full() -> bool {
    std::env::var_os("JANGTEO_TEST_FULL").is_some()
}

fn said(broken: &[(u64, Vec<Broken>)]) -> String {
    broken.iter().fold(String::new(), |mut said, (seed, broken)| {
        for Broken { invariant, what } in broken {
            writeln!(said, "seed {seed}: {invariant}: {what}").expect("a text takes it");
        }
        said
    })
}

#[test]
fn a_plan_is_the_same_world_every_time() {
    for seed in 0..10 {
        let plan = Plan { seed, ..Plan::default() };
        let (first, second) = (run(&plan, true), run(&plan, true));
        assert!(first.history.len() > 40, "{first:?}");
        assert_eq!(first.history, second.history);
    }
}

#[test]
fn a_plan_is_read_as_it_is_shown() {
    let plan = Plan {
        seed: 7,
        plant: Some(Plant::NoGate),
        without: vec![Trouble::Late],
        skipped: [3, 4].into(),
        ..Plan::default()
    };
    let shown = plan.to_string();
    assert_eq!(serde_json::from_str::<Plan>(&shown).unwrap(), plan, "{shown}");
}

/// What once broke a promise does not do so any more.
#[test]
fn what_was_found_stays_mended() {
    for line in include_str!("../regressions.jsonl").lines() {
        let plan: Plan = serde_json::from_str(line).unwrap();
        let outcome = run(&plan, false);
        assert!(outcome.broken.is_empty(), "{plan}: {:?}", outcome.broken);
    }
}

/// What is simulated of a database is what one does: on SQLite the same promises are kept.
#[test]
fn every_promise_is_kept_on_sqlite() {
    let folder = jangteo_testing::scratch::directory("worlds").unwrap();
    let seeds = if full() { 0..300 } else { 0..12 };
    let like = Plan { databases: Some(folder.path().to_owned()), ..Plan::default() };
    let ran = many(seeds, &like, usize::MAX, |_, _| ());
    assert!(ran.broken.is_empty(), "{}", said(&ran.broken));
    assert!(ran.figures.events > 1_000, "{:?}", ran.figures);
}

/// S.3.1 to S.3.10, I1 to I14: and no arrow gets lost that was once taken.
#[test]
fn every_promise_is_kept_in_every_world() {
    let ran = many(0..worlds(), &Plan::default(), usize::MAX, |_, _| ());
    assert!(ran.broken.is_empty(), "{}", said(&ran.broken));
    if std::env::var_os("JANGTEO_TEST_REWRITE").is_some() {
        fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/arrows.txt"), common(&ran.figures))
            .unwrap();
        return;
    }
    let taken: Vec<String> = ran.figures.arrows.keys().map(shown).collect();
    let lost: Vec<&str> = include_str!("../arrows.txt")
        .lines()
        .filter(|arrow| !taken.iter().any(|one| one == arrow))
        .collect();
    assert!(lost.is_empty(), "nobody takes these any more: {lost:#?}");
}

/// Those that are taken often enough to be taken whatever else changes.
fn common(figures: &Figures) -> String {
    let often = figures.arrows.iter().filter(|(_, times)| **times >= 20);
    often.map(|(arrow, _)| shown(arrow) + "\n").collect()
}

fn shown(arrow: &Arrow) -> String {
    let name =
        |state: &Option<String>, none: &str| state.clone().unwrap_or_else(|| none.to_owned());
    let (before, after) = (name(&arrow.before, "-"), name(&arrow.after, "refused"));
    format!("{} {before} {} {after}", arrow.kind, arrow.command)
}

#[test]
fn every_bug_that_is_planted_is_found() {
    let mut hidden = BTreeMap::new();
    for bug in Plant::ALL {
        let ran = many(0..2_000, &Plan { plant: Some(bug), ..Plan::default() }, 1, |_, _| ());
        if ran.broken.is_empty() {
            hidden.insert(bug, ran.worlds);
        }
    }
    assert!(hidden.is_empty(), "nobody finds these: {hidden:?}");
}

#[test]
fn a_world_that_breaks_a_promise_is_made_small() {
    let seed = (0..2_000).find(|seed| {
        let plan = Plan { seed: *seed, plant: Some(Plant::RefundForgotten), ..Plan::default() };
        !run(&plan, false).broken.is_empty()
    });
    let plan = Plan { seed: seed.unwrap(), plant: Some(Plant::RefundForgotten), ..Plan::default() };
    let (long, short) = (run(&plan, true), run(&shrunk(plan), true));
    assert!(!short.broken.is_empty());
    assert!(short.history.len() < long.history.len() / 2, "{:#?}", short.history);
}
