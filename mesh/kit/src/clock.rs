//! The one place where time and chance come from outside. What decides gets both as values.
#![expect(clippy::disallowed_methods, reason = "everything else takes its time and ids from here")]

use std::time::SystemTime;

use uuid::Uuid;

/// The current time in ms since 1970, UTC.
pub fn now_ms() -> i64 {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// A new UUIDv7: later ones sort after earlier ones.
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// A number in 0..1, for jitter.
pub fn chance() -> f64 {
    rand::random()
}
