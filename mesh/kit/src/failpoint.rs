//! Named points between two durable steps, where a debug build can be told to die.
//!
//! `JANGTEO_FAILPOINT=P3` ends the process at P3 as a crash would, with 137 and the point's name
//! on stderr; `P3:5` at the fifth pass. A release build has none of it.

/// Every point, by the names of the crash matrix: P publishing, C consuming, S sagas, V rebuilding, D deploying.
pub const POINTS: &[(&str, &str)] = &[
    ("P1", "before BEGIN"),
    ("P2", "after the aggregate was written"),
    ("P3", "after the journal was written, before COMMIT"),
    ("P4", "after COMMIT, before the reply"),
    ("P5", "after COMMIT, before the relay is woken"),
    ("P6", "lease held, rows read, none published"),
    ("P7", "published, before any ack"),
    ("P8", "after the acks, before they are marked"),
    ("P9", "rows marked, before the mark commits"),
    ("P10", "some of a window acked"),
    ("C1", "fetched, before the transaction"),
    ("C2", "gates locked, nothing applied"),
    ("C3", "applied, before COMMIT"),
    ("C4", "after COMMIT, before the ack"),
    ("C5", "after the ack"),
    ("C6", "some of a batch acked"),
    ("C7", "an event is parked, before COMMIT"),
    ("C8", "while a message is handed back"),
    ("S1", "a state waits, before its question is asked"),
    ("S2", "asked, before the answer"),
    ("S3", "answered, before the answer is stored"),
    ("S4", "answer stored, before anybody is told"),
    ("S5", "before an undo is asked"),
    ("S6", "a timer has fired, before COMMIT"),
    ("V1", "in the middle of a rebuild"),
    ("V2", "switching generations, before COMMIT"),
    ("V3", "after the switch"),
    ("D1", "in the middle of a migration"),
    ("D2", "draining"),
];

/// Dies here when told so.
#[cfg(debug_assertions)]
pub fn at(point: &str) {
    use std::{
        io::Write as _,
        sync::atomic::{AtomicU32, Ordering},
    };
    static PASSES: AtomicU32 = AtomicU32::new(0);
    debug_assert!(POINTS.iter().any(|(name, _)| *name == point), "unknown failpoint {point}");
    if let Some((name, pass)) = told()
        && name == point
        && PASSES.fetch_add(1, Ordering::SeqCst) + 1 == *pass
    {
        // In one piece: logs are written to the same place. Whoever reads it finds out if it is not there.
        let line = format!("failpoint {point}\n");
        drop(std::io::stderr().write_all(line.as_bytes()));
        // No destructor runs and nothing is flushed: what SIGKILL leaves behind.
        std::process::exit(137);
    }
}

/// Whether this is the point to die at, so that what it speaks of can be made sure of before.
#[cfg(debug_assertions)]
pub fn armed(point: &str) -> bool {
    told().is_some_and(|(name, _)| name == point)
}

/// The point to die at, and at which pass.
#[cfg(debug_assertions)]
fn told() -> Option<&'static (String, u32)> {
    static TOLD: std::sync::LazyLock<Option<(String, u32)>> = std::sync::LazyLock::new(|| {
        let told = std::env::var("JANGTEO_FAILPOINT").ok()?;
        let (name, pass) = told.split_once(':').unwrap_or((&told, "1"));
        Some((name.to_owned(), pass.parse().expect("JANGTEO_FAILPOINT is NAME or NAME:PASS")))
    });
    TOLD.as_ref()
}

/// A release build has no failpoints.
#[cfg(not(debug_assertions))]
#[inline]
pub fn at(_point: &str) {}

/// A release build has no failpoints.
#[cfg(not(debug_assertions))]
#[inline]
pub fn armed(_point: &str) -> bool {
    false
}
