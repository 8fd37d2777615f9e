//! How long to wait before the next try.

use std::time::Duration;

/// The first pause; it doubles with each further try.
const FIRST: Duration = Duration::from_millis(50);

/// The pause after `tries` failed ones, up to `most`; `chance` in 0..=1 spreads it over its upper half.
pub fn backoff(tries: u32, most: Duration, chance: f64) -> Duration {
    let full = FIRST.saturating_mul(1 << tries.min(16)).min(most);
    full.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_most_and_no_further() {
        let most = Duration::from_secs(10);
        assert_eq!(backoff(0, most, 1.0), FIRST);
        assert_eq!(backoff(3, most, 1.0), FIRST * 8);
        assert_eq!(backoff(60, most, 1.0), most);
        assert_eq!(backoff(60, most, 0.0), most / 2);
    }
}
