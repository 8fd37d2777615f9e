//! When to stop asking a peer that fails, and when to ask it again.
//!
//! Closed → open when enough calls were made lately and half of them failed; open → half-open after
//! a while; half-open lets one call through, and closes or opens again with it.

use std::{collections::VecDeque, time::Duration};

/// What opens a breaker, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long a call counts, in whole seconds.
    pub window: Duration,
    /// Fewer calls than this say nothing.
    pub calls: u32,
    /// How long nobody asks.
    pub open: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { window: Duration::from_secs(10), calls: 20, open: Duration::from_secs(5) }
    }
}

/// What a breaker does with calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It lets all of them through.
    Closed,
    /// It lets none through.
    Open,
    /// It lets one through at a time.
    HalfOpen,
}

impl Phase {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Closed, Self::Open, Self::HalfOpen];

    /// Its name in logs and figures.
    pub fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

/// How a call that was let through ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The peer said something, be it no.
    Served,
    /// The peer, or the way to it, failed.
    Failed,
    /// Nobody waited for it any more, or it was never sent: it says nothing.
    Dropped,
}

/// Lets one call through. It ends with [`Breaker::end`].
#[derive(Debug)]
#[must_use]
pub struct Pass(u64);

/// A breaker of one kind of calls. Times are since any one moment.
#[derive(Clone, Debug)]
pub struct Breaker {
    limits: Limits,
    state: State,
    /// Grows with each change: calls that were let through before it say nothing any more.
    epoch: u64,
}

#[derive(Clone, Debug)]
enum State {
    Closed(Window),
    Open { until: Duration },
    HalfOpen { probing: bool },
}

impl Breaker {
    /// A closed one.
    pub fn new(limits: Limits) -> Self {
        Self { limits, state: State::Closed(Window::default()), epoch: 0 }
    }

    /// What it does with calls.
    pub fn phase(&self) -> Phase {
        match self.state {
            State::Closed(_) => Phase::Closed,
            State::Open { .. } => Phase::Open,
            State::HalfOpen { .. } => Phase::HalfOpen,
        }
    }

    /// Whether it would let no call through.
    pub fn is_shut(&self, now: Duration) -> bool {
        match self.state {
            State::Closed(_) => false,
            State::Open { until } => now < until,
            State::HalfOpen { probing } => probing,
        }
    }

    /// Lets a call through, or not.
    pub fn admit(&mut self, now: Duration) -> Option<Pass> {
        if matches!(self.state, State::Open { until } if now >= until) {
            self.enter(State::HalfOpen { probing: false });
        }
        let through = match &mut self.state {
            State::Closed(_) => true,
            State::HalfOpen { probing } => !std::mem::replace(probing, true),
            State::Open { .. } => false,
        };
        through.then_some(Pass(self.epoch))
    }

    /// A call that was let through has ended.
    #[expect(clippy::needless_pass_by_value, reason = "a pass is good for one end")]
    pub fn end(&mut self, pass: Pass, end: End, now: Duration) {
        let Pass(epoch) = pass;
        if epoch != self.epoch {
            return;
        }
        match (&mut self.state, end) {
            (State::Closed(calls), End::Served) => calls.count(false, now, self.limits),
            (State::Closed(calls), End::Failed) => {
                calls.count(true, now, self.limits);
                if calls.tell_of_trouble(self.limits) {
                    self.open(now);
                }
            }
            (State::HalfOpen { .. }, End::Served) => self.enter(State::Closed(Window::default())),
            (State::HalfOpen { .. }, End::Failed) => self.open(now),
            (State::HalfOpen { probing }, End::Dropped) => *probing = false,
            (State::Closed(_), End::Dropped) | (State::Open { .. }, _) => {}
        }
    }

    fn open(&mut self, now: Duration) {
        self.enter(State::Open { until: now + self.limits.open });
    }

    fn enter(&mut self, state: State) {
        self.state = state;
        self.epoch += 1;
    }
}

/// The calls of the last seconds.
#[derive(Clone, Debug, Default)]
struct Window(VecDeque<Second>);

#[derive(Clone, Debug)]
struct Second {
    at: u64,
    calls: u32,
    failed: u32,
}

impl Window {
    fn count(&mut self, failed: bool, now: Duration, limits: Limits) {
        let at = now.as_secs();
        self.0.retain(|second| second.at + limits.window.as_secs() > at);
        if self.0.back().is_none_or(|last| last.at < at) {
            self.0.push_back(Second { at, calls: 0, failed: 0 });
        }
        if let Some(last) = self.0.back_mut() {
            last.calls += 1;
            last.failed += u32::from(failed);
        }
    }

    fn tell_of_trouble(&self, limits: Limits) -> bool {
        let calls: u32 = self.0.iter().map(|second| second.calls).sum();
        let failed: u32 = self.0.iter().map(|second| second.failed).sum();
        calls >= limits.calls && failed * 2 >= calls
    }
}

#[cfg(test)]
#[path = "breaker_tests.rs"]
mod tests;
