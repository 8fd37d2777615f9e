//! How the payment provider behaves in the course of it.

use jangteo::provider::v1::Sandbox;

/// It takes 100 to 200 ms for a payment: longer than a refusal at once.
const WELL: Sandbox = Sandbox {
    latency_ms: 100,
    jitter_ms: 100,
    decline_from_krw: 0,
    outage: false,
    lose_answers: false,
};
/// It takes longer than a payment may (610 ms).
const SLOW: Sandbox = Sandbox { latency_ms: 700, jitter_ms: 0, ..WELL };

/// How the provider is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weather {
    /// As usual.
    Usual,
    /// Too slow for every payment.
    Slow,
    /// Well again.
    Well,
}

impl Weather {
    /// In this second, from 0, of so many: too slow after the first one, well again for the last third.
    pub(super) fn at(second: u64, of: u64) -> Self {
        match second {
            0 => Self::Usual,
            second if second * 3 < of * 2 => Self::Slow,
            _ => Self::Well,
        }
    }

    /// How the sandbox behaves then.
    pub(super) fn sandbox(self) -> Sandbox {
        match self {
            Self::Usual | Self::Well => WELL,
            Self::Slow => SLOW,
        }
    }

    /// In a word.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Usual => "usual",
            Self::Slow => "slow",
            Self::Well => "well",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_gets_slow_after_a_second_and_well_for_the_last_third() {
        let course: Vec<_> = (0..12).map(|second| Weather::at(second, 12).name()).collect();
        assert_eq!(course, [&["usual"][..], &["slow"; 7], &["well"; 4]].concat());
        assert_eq!(Weather::at(19, 30), Weather::Slow);
        assert_eq!(Weather::at(20, 30), Weather::Well);
        assert_eq!(Weather::at(44, 30), Weather::Well, "as long as it takes");
    }
}
