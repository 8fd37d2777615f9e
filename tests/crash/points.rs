//! The points, and what brings a process to each.

/// What is done to a process so that it passes a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Provocation {
    /// It is started, and written to before it is ready.
    Start,
    /// It is written to.
    Writes,
    /// Its read model is rebuilt.
    Rebuild,
    /// The rows that it projects into are gone, so their events can't be applied.
    NoRows,
    /// The table that it projects into is not to be had.
    NoTable,
    /// It is told to end.
    Terminate,
    /// It sleeps for days.
    Days,
}
use Provocation::{Days, NoRows, NoTable, Rebuild, Start, Terminate, Writes};

/// A point to die at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    /// Its name in the code.
    pub(super) name: &'static str,
    /// What leads there.
    pub(super) provocation: Provocation,
    /// Passes that a run is sure to come to; one of them is the last.
    pub(super) passes: u32,
}

const fn point(name: &'static str, provocation: Provocation, passes: u32) -> Point {
    Point { name, provocation, passes }
}

/// All of them.
pub(super) const POINTS: [Point; 29] = [
    point("P1", Writes, 24),
    point("P2", Writes, 24),
    point("P3", Writes, 24),
    point("P4", Writes, 24),
    point("P5", Writes, 24),
    point("P6", Writes, 10),
    point("P7", Writes, 10),
    point("P8", Writes, 10),
    point("P9", Writes, 10),
    point("P10", Writes, 10),
    point("C1", Writes, 8),
    point("C2", Writes, 8),
    point("C3", Writes, 8),
    point("C4", Writes, 8),
    point("C5", Writes, 8),
    point("C6", Writes, 8),
    point("C7", NoRows, 2),
    point("C8", NoTable, 3),
    point("S1", Writes, 16),
    point("S2", Writes, 16),
    point("S3", Writes, 16),
    point("S4", Writes, 16),
    point("S5", Writes, 8),
    point("S6", Days, 4),
    point("V1", Rebuild, 1),
    point("V2", Rebuild, 1),
    point("V3", Rebuild, 1),
    point("D1", Start, 4),
    point("D2", Terminate, 4),
];

#[test]
fn the_points_that_processes_die_at_are_those_of_the_code() {
    let here = POINTS.map(|point| point.name);
    let there: Vec<_> = jangteo_kit::failpoint::POINTS.iter().map(|(name, _)| *name).collect();
    assert_eq!(here.as_slice(), there);
}
