//! The one place where time and chance come from outside. What decides gets both as values.
#![expect(clippy::disallowed_methods, reason = "everything else takes its time and ids from here")]

use std::time::SystemTime;

use uuid::Uuid;

/// The current time in ms since 1970, UTC.
pub fn now_ms() -> i64 {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX).saturating_add(ahead())
}

/// How far ahead of its time a debug build is told to be: `JANGTEO_CLOCK_AHEAD_MS`. What is due in
/// days is due at once then. A release build has none of it.
#[cfg(debug_assertions)]
fn ahead() -> i64 {
    static AHEAD: std::sync::LazyLock<i64> = std::sync::LazyLock::new(|| {
        let told = std::env::var("JANGTEO_CLOCK_AHEAD_MS").ok();
        told.map_or(0, |told| told.parse().expect("JANGTEO_CLOCK_AHEAD_MS is a number"))
    });
    *AHEAD
}

/// A release build is never ahead of its time.
#[cfg(not(debug_assertions))]
#[inline]
fn ahead() -> i64 {
    0
}

/// A new UUIDv7: later ones sort after earlier ones.
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// 32 bytes that nobody can guess.
pub fn secret() -> [u8; 32] {
    rand::random()
}

/// A number in 0..1, for jitter.
pub fn chance() -> f64 {
    rand::random()
}
