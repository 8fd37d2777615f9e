//! Which points are crashed on which database, and at which pass.

use std::env;

use super::{
    dice::{self, Dice},
    points::{POINTS, Point},
};
use crate::{mesh::Database, pace::is_full};

/// One crash.
#[derive(Clone, Copy, Debug)]
pub(super) struct Case {
    pub(super) point: Point,
    pub(super) database: Database,
    /// The pass of the point at which the process dies.
    pub(super) pass: u32,
    /// What decides all that is left to chance.
    pub(super) seed: u64,
}

/// The crashes of one run.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) seed: u64,
    pub(super) cases: Vec<Case>,
}

/// What a run is to go through.
#[derive(Clone, Copy, Debug)]
enum Extent {
    /// Everything on SQLite, a quarter on the others.
    Slice,
    /// Everything everywhere, this often.
    Full(u64),
}

impl Plan {
    pub(super) fn of_this_run() -> Self {
        let extent = if is_full() { Extent::Full(repeats()) } else { Extent::Slice };
        let only = env::var("JANGTEO_CRASH_POINT").ok();
        let given = env::var("JANGTEO_CRASH_SEED").ok();
        let seed =
            given.map_or_else(dice::commit, |seed| seed.parse().expect("a seed is a number"));
        let mut plan = Self::new(extent, seed);
        plan.cases.retain(|case| only.as_ref().is_none_or(|only| case.point.name == *only));
        plan
    }

    fn new(extent: Extent, seed: u64) -> Self {
        let repeats = match extent {
            Extent::Slice => 1,
            Extent::Full(repeats) => repeats,
        };
        let mut dice = Dice::new(seed);
        let mut cases = vec![];
        for _ in 0..repeats {
            for (position, point) in (0..).zip(POINTS) {
                for (offset, database) in (0..).zip(Database::ALL) {
                    let case = Case::new(point, database, &mut dice);
                    if database == Database::Sqlite
                        || matches!(extent, Extent::Full(_))
                        || (position + 2 * offset + seed).is_multiple_of(4)
                    {
                        cases.push(case);
                    }
                }
            }
        }
        Self { seed, cases }
    }
}

impl Case {
    fn new(point: Point, database: Database, dice: &mut Dice) -> Self {
        let pass = 1 + dice.below(point.passes);
        Self { point, database, pass, seed: dice.next() }
    }

    /// What the process is told.
    pub(super) fn failpoint(&self) -> String {
        format!("{}:{}", self.point.name, self.pass)
    }
}

fn repeats() -> u64 {
    let repeats = env::var("JANGTEO_CRASH_REPEATS").ok();
    repeats.map_or(10, |repeats| repeats.parse().expect("JANGTEO_CRASH_REPEATS is a number"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn chosen(database: Database, seed: u64) -> BTreeSet<&'static str> {
        let cases = Plan::new(Extent::Slice, seed).cases;
        let here = cases.iter().filter(|case| case.database == database);
        here.map(|case| case.point.name).collect()
    }

    #[test]
    fn every_point_has_its_turn_on_every_database() {
        assert_eq!(chosen(Database::Sqlite, 7).len(), POINTS.len());
        for database in [Database::Postgres, Database::MariaDb] {
            let turns: Vec<_> = (0..4).map(|seed| chosen(database, seed)).collect();
            assert_eq!(turns.iter().map(BTreeSet::len).sum::<usize>(), POINTS.len());
            assert_eq!(turns.into_iter().flatten().collect::<BTreeSet<_>>().len(), POINTS.len());
        }
    }

    #[test]
    fn the_full_tier_crashes_every_point_everywhere_as_often_as_asked() {
        assert_eq!(Plan::new(Extent::Full(10), 0).cases.len(), POINTS.len() * 3 * 10);
    }

    #[test]
    fn a_seed_repeats_its_choices() {
        let passes = |seed| {
            let cases = Plan::new(Extent::Full(2), seed).cases;
            cases.iter().map(|case| (case.pass, case.seed)).collect::<Vec<_>>()
        };
        assert_eq!(passes(3), passes(3));
        assert_ne!(passes(3), passes(4));
    }
}
