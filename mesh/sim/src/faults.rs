//! What goes wrong in a world, and how often.

use rand::{Rng as _, rngs::StdRng};
use serde::{Deserialize, Serialize};

/// A kind of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Trouble {
    /// A version can't apply an event, until it is replaced by another one.
    Outdated,
    /// A process dies and comes back: between any two steps.
    Death,
    /// Whoever was taken for dead goes on with what he was about to do.
    Frozen,
    /// A message comes late: later than its followers.
    Late,
    /// A message comes twice.
    Twice,
    /// A message never comes; its journal has it.
    Lost,
    /// A stream is gone, with all that was on its way.
    Wiped,
    /// The broker takes an event and its acknowledgement gets lost, or it takes none.
    Broker,
    /// A question or its answer takes longer than anybody waits.
    Slow,
    /// A question or its answer gets lost.
    Silent,
    /// A question comes twice.
    Echo,
    /// A peer can't be reached at all, and is not asked for a while.
    Away,
    /// The provider has no money to take.
    Declined,
    /// A clock jumps, forward or back.
    Jump,
    /// Callers repeat their requests, at once or later.
    Repeat,
    /// Callers hang up.
    HangUp,
    /// What a consumer knows of others is as old as a backup.
    Restored,
    /// Minutes or days pass.
    Leap,
    /// A read model is filled anew.
    Rebuilt,
    /// A context has two replicas on the same rows, and no lease keeps them apart.
    Replicated,
    /// A database is as old as a backup since which it has told others something.
    Forgotten,
}

impl Trouble {
    /// All of them.
    pub const ALL: [Self; 21] = [
        Self::Outdated,
        Self::Death,
        Self::Frozen,
        Self::Late,
        Self::Twice,
        Self::Lost,
        Self::Wiped,
        Self::Broker,
        Self::Slow,
        Self::Silent,
        Self::Echo,
        Self::Away,
        Self::Declined,
        Self::Jump,
        Self::Repeat,
        Self::HangUp,
        Self::Restored,
        Self::Leap,
        Self::Rebuilt,
        Self::Replicated,
        Self::Forgotten,
    ];

    /// In how many worlds it is at home. What is restored and had told others has forgotten what people
    /// rely on: nobody can judge any more whether it is right.
    fn here(self) -> f64 {
        if self == Self::Forgotten { 0.05 } else { 0.6 }
    }

    /// How often it strikes where it is at home, and it may: once in so many chances.
    fn seldom(self) -> f64 {
        match self {
            Self::Rebuilt | Self::Forgotten => 0.003,
            Self::Wiped | Self::Restored | Self::Away | Self::Declined => 0.01,
            Self::Death | Self::Jump | Self::Leap | Self::Outdated => 0.02,
            Self::Lost | Self::Silent | Self::HangUp | Self::Slow => 0.08,
            Self::Broker | Self::Echo | Self::Repeat => 0.12,
            Self::Twice | Self::Late | Self::Frozen | Self::Replicated => 0.3,
        }
    }
}

/// How often each trouble strikes in one world.
#[derive(Clone, Debug)]
pub(crate) struct Faults {
    rates: Vec<(Trouble, f64)>,
    chance: StdRng,
    calm: bool,
}

impl Faults {
    /// Most worlds have some of all troubles, each with a weight of its own; `but` are left out.
    pub(crate) fn new(mut chance: StdRng, but: &[Trouble]) -> Self {
        let mut rates = vec![];
        for trouble in Trouble::ALL {
            let (here, weight) =
                (chance.random_bool(trouble.here()), chance.random_range(0.2..2.0));
            if here && !but.contains(&trouble) {
                rates.push((trouble, f64::min(trouble.seldom() * weight, 0.9)));
            }
        }
        Self { rates, chance, calm: false }
    }

    /// From now on nothing goes wrong any more.
    pub(crate) fn calm(&mut self) {
        self.calm = true;
    }

    /// Whether nothing goes wrong any more.
    pub(crate) fn is_calm(&self) -> bool {
        self.calm
    }

    /// Whether it strikes now.
    pub(crate) fn strikes(&mut self, trouble: Trouble) -> bool {
        let rate = self.rates.iter().find(|(one, _)| *one == trouble);
        let rate = rate.filter(|_| !self.calm).map_or(0.0, |(_, rate)| *rate);
        self.chance.random_bool(rate)
    }

    /// A number of ms in this range.
    pub(crate) fn ms(&mut self, range: std::ops::RangeInclusive<i64>) -> i64 {
        self.chance.random_range(range)
    }

    /// One of so many.
    pub(crate) fn one_of(&mut self, many: usize) -> usize {
        self.chance.random_range(0..many.max(1))
    }
}
