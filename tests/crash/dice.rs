//! Chance that a seed repeats.

use std::process::Command;

use uuid::{Builder, Uuid};

/// A sequence of numbers that its seed decides (`SplitMix64`).
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, but not, `end`.
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        let roll = self.next() % u64::from(end);
        u32::try_from(roll).expect("it is less than a u32")
    }

    /// Whether this is the one of so many.
    pub(crate) fn once_in(&mut self, many: u32) -> bool {
        self.below(many) == 0
    }

    /// One of these.
    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let many = u32::try_from(of.len()).expect("they are few");
        &of[self.below(many) as usize]
    }

    pub(crate) fn id(&mut self) -> Uuid {
        let [high, low] = [self.next(), self.next()].map(u128::from);
        Builder::from_random_bytes((high << 64 | low).to_be_bytes()).into_uuid()
    }
}

/// A seed made of text: FNV-1a.
fn seed(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// A seed with which each commit makes other choices; outside of a repository they are always the same.
pub(crate) fn commit() -> u64 {
    let git = Command::new("git")
        .args(["-C", env!("CARGO_MANIFEST_DIR"), "rev-parse", "HEAD"])
        .output()
        .ok()
        .filter(|output| output.status.success());
    // Short enough to be typed again.
    git.map_or(0, |output| seed(&String::from_utf8_lossy(&output.stdout)) % 1_000_000)
}
