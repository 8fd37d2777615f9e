//! Lets worlds run: one, or many at a time.

use std::{
    ops::Range,
    sync::{
        Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
};

use crate::{Figures, Plan, world::World};

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which one.
    pub invariant: &'static str,
    /// How.
    pub what: String,
}

/// What became of a world.
#[derive(Debug)]
pub struct Outcome {
    /// The promises that were broken in it.
    pub broken: Vec<Broken>,
    /// What happened in it, in numbers.
    pub figures: Figures,
    /// What happened in it, if that was to be told.
    pub history: Vec<String>,
}

/// Lets a world run from its plan to its end.
pub fn run(plan: &Plan, told: bool) -> Outcome {
    let mut world = World::new(plan.clone(), told);
    world.run();
    let broken = world.broken.drain(..);
    let broken = broken.map(|one| Broken { invariant: one.invariant, what: one.what }).collect();
    let figures = std::mem::take(&mut world.figures);
    Outcome { broken, figures, history: world.history() }
}

/// What became of many worlds.
#[derive(Debug, Default)]
pub struct Ran {
    /// How many there were.
    pub worlds: u64,
    /// What happened in them, in numbers.
    pub figures: Figures,
    /// What was broken, by the seeds of the worlds, the lowest first.
    pub broken: Vec<(u64, Vec<Broken>)>,
}

/// Lets the worlds of these seeds run, on all cores, otherwise after one plan; no more are begun once so
/// many have broken a promise. What was broken in a world, if anything, `hears` who listens once it is over.
pub fn many(
    seeds: Range<u64>,
    like: &Plan,
    enough: usize,
    hears: impl Fn(u64, &[Broken]) + Sync,
) -> Ran {
    let (next, found) = (AtomicU64::new(seeds.start), AtomicUsize::new(0));
    let all = Mutex::new(Ran::default());
    let work = || {
        let mut own = Ran::default();
        while found.load(Ordering::Relaxed) < enough {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                break;
            }
            let databases = like.databases.as_ref().map(|folder| folder.join(seed.to_string()));
            let outcome = run(&Plan { seed, databases, ..like.clone() }, false);
            hears(seed, &outcome.broken);
            own.worlds += 1;
            own.figures.add(&outcome.figures);
            if !outcome.broken.is_empty() {
                found.fetch_add(1, Ordering::Relaxed);
                own.broken.push((seed, outcome.broken));
            }
        }
        all.lock().expect("nobody panics while he adds").add(own);
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(work);
        }
    });
    all.into_inner().expect("nobody panics while he adds")
}

impl Ran {
    fn add(&mut self, other: Self) {
        self.worlds += other.worlds;
        self.figures.add(&other.figures);
        self.broken.extend(other.broken);
        self.broken.sort_by_key(|(seed, _)| *seed);
    }
}
