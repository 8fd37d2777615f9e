//! How fast something goes, and whether it goes on like that.

use std::{env, fmt, time::Duration};

use hdrhistogram::Histogram;

/// How much longer 99 of 100 may take while something else is going on.
const SLOWER: u32 = 3;
/// What is kept of a time, in µs: nothing that is waited for takes longer.
const LONGEST: u64 = 600_000_000;

/// At full length nothing runs beside a test that judges times: they can be compared.
pub(crate) fn is_full() -> bool {
    env::var_os("JANGTEO_TEST_FULL").is_some()
}

/// How long each of many took.
#[derive(Clone, Debug)]
pub(crate) struct Pace(Histogram<u64>);

impl Pace {
    /// Of these.
    pub(crate) fn of(times: impl IntoIterator<Item = Duration>) -> Self {
        let mut all = Histogram::new_with_bounds(1, LONGEST, 3).expect("the bounds are in order");
        for time in times {
            all.saturating_record(time.as_micros().try_into().unwrap_or(LONGEST));
        }
        Self(all)
    }

    /// How many they are.
    pub(crate) fn many(&self) -> u64 {
        self.0.len()
    }

    /// The time in which 99 of 100 are done.
    pub(crate) fn p99(&self) -> Duration {
        Duration::from_micros(self.0.value_at_quantile(0.99))
    }
}

impl fmt::Display for Pace {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{:.1?} (of {})", self.p99(), self.many())
    }
}

/// Tells how long `what` took before and during something, and at full length refuses what became
/// too slow.
#[track_caller]
pub(crate) fn goes_on(what: &str, before: &Pace, during: &Pace) {
    println!("p99 of {what}: {before} before, {during} during");
    let limit = SLOWER * before.p99();
    assert!(!is_full() || during.p99() <= limit, "{what}: {before} before, {during} during");
}

#[test]
fn what_one_of_a_hundred_waits_for_is_told() {
    let times = (1..=200).map(Duration::from_millis);
    let pace = Pace::of(times);
    assert_eq!(pace.many(), 200);
    assert_eq!(pace.p99().as_millis(), 198);
}
