//! The time and the chance of a world.

use std::cell::{Cell, RefCell};

use jangteo_kit::clock::World;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};

/// When every world begins: 2026-01-01, in ms since 1970.
pub(crate) const BEGIN: i64 = 1_767_225_600_000;

/// One clock that is right, and what the process that runs now has instead.
pub(crate) struct Clock {
    now: Cell<i64>,
    skew: Cell<i64>,
    chance: RefCell<StdRng>,
}

impl Clock {
    pub(crate) fn new(seed: u64) -> Self {
        let chance = RefCell::new(StdRng::seed_from_u64(seed));
        Self { now: Cell::new(BEGIN), skew: Cell::new(0), chance }
    }

    /// The right time.
    pub(crate) fn time(&self) -> i64 {
        self.now.get()
    }

    /// Time goes on.
    pub(crate) fn set(&self, now: i64) {
        self.now.set(now);
    }

    /// The process that runs now has another time.
    pub(crate) fn skew(&self, ms: i64) {
        self.skew.set(ms);
    }
}

impl World for Clock {
    fn now_ms(&self) -> i64 {
        self.now.get() + self.skew.get()
    }

    fn chance(&self) -> f64 {
        self.chance.borrow_mut().random()
    }

    fn bytes(&self) -> [u8; 16] {
        self.chance.borrow_mut().random()
    }
}
