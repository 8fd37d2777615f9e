//! The one place where time and chance come from outside. What decides gets both as values.
#![expect(clippy::disallowed_methods, reason = "everything else takes its time and ids from here")]

use std::{cell::RefCell, rc::Rc, time::SystemTime};

use uuid::Uuid;

/// Where time and chance come from in a simulated world.
pub trait World {
    /// The current time in ms since 1970, as the process that runs now has it.
    fn now_ms(&self) -> i64;

    /// A number in 0..1.
    fn chance(&self) -> f64;

    /// 16 bytes.
    fn bytes(&self) -> [u8; 16];
}

thread_local! {
    static WORLD: RefCell<Option<Rc<dyn World>>> = const { RefCell::new(None) };
}

/// Whatever runs in this thread from now on runs in this world; none: in the real one.
pub fn enter(world: Option<Rc<dyn World>>) {
    WORLD.with_borrow_mut(|current| *current = world);
}

fn simulated<T>(ask: impl FnOnce(&(dyn World + 'static)) -> T) -> Option<T> {
    WORLD.with_borrow(|world| world.as_deref().map(ask))
}

/// The current time in ms since 1970, UTC.
pub fn now_ms() -> i64 {
    if let Some(now) = simulated(World::now_ms) {
        return now;
    }
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
    let made = simulated(|world| (world.now_ms(), world.bytes()));
    made.map_or_else(Uuid::now_v7, |(now, bytes)| {
        let random = bytes[..10].try_into().expect("10 of 16");
        uuid::Builder::from_unix_timestamp_millis(now.unsigned_abs(), &random).into_uuid()
    })
}

/// 32 bytes that nobody can guess, but in a simulated world.
pub fn secret() -> [u8; 32] {
    let made = simulated(|world| [world.bytes(), world.bytes()].concat());
    made.map_or_else(rand::random, |bytes| bytes.try_into().expect("twice 16"))
}

/// A number in 0..1, for jitter.
pub fn chance() -> f64 {
    simulated(World::chance).unwrap_or_else(rand::random)
}
