//! Crash proof: the real binary dies at each named point under load, starts again, and what it
//! then has is judged by the checker: nothing lost, nothing doubled, nothing out of step.
//!
//! `make test` goes through every point on SQLite and through a quarter of them on PostgreSQL and
//! MariaDB, a quarter that the commit chooses; `JANGTEO_TEST_FULL=1` through all on all, as often
//! as `JANGTEO_CRASH_REPEATS` says, else ten times. `JANGTEO_CRASH_POINT` names one point to look
//! at, and `JANGTEO_CRASH_SEED` repeats the choices of another run.

mod case;
mod controls;
mod cooking;
pub(crate) mod dice;
mod evidence;
mod insist;
mod load;
mod matrix;
mod ordering;
mod plan;
mod points;
mod rental;
mod report;
mod rows;
mod world;

use futures::StreamExt as _;
use tokio::time::Instant;

/// Cases that run at the same time: each is three processes that mostly wait for their disk.
const AT_ONCE: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn wherever_a_process_dies_nothing_is_lost_and_nothing_is_doubled() {
    let plan = plan::Plan::of_this_run();
    let rows: Vec<report::Row> = futures::stream::iter(plan.cases)
        .map(|case| async move {
            let begun = Instant::now();
            let outcome = case::run(&case).await;
            report::Row::of(&case, outcome, begun.elapsed())
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    report::print(plan.seed, &rows);
    let bad: Vec<_> = rows.iter().filter(|row| !row.clean).map(report::Row::brief).collect();
    assert!(bad.is_empty(), "{} of {} crashes:\n{}", bad.len(), rows.len(), bad.join("\n"));
}
