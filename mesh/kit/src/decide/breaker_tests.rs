use proptest::prelude::*;

use super::*;

const LIMITS: Limits =
    Limits { window: Duration::from_secs(10), calls: 20, open: Duration::from_secs(5) };

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Lets `calls` through and ends them all.
fn calls(breaker: &mut Breaker, calls: u32, end: End, now: Duration) {
    for _ in 0..calls {
        let pass = breaker.admit(now).expect("it should be closed");
        breaker.end(pass, end, now);
    }
}

/// One that opened at 0.
fn open() -> Breaker {
    let mut breaker = Breaker::new(LIMITS);
    calls(&mut breaker, 20, End::Failed, seconds(0));
    assert_eq!(breaker.phase(), Phase::Open);
    breaker
}

/// One that is half-open, and its probe.
fn half_open() -> (Breaker, Pass) {
    let mut breaker = open();
    let probe = breaker.admit(seconds(5)).unwrap();
    assert_eq!(breaker.phase(), Phase::HalfOpen);
    (breaker, probe)
}

#[test]
fn it_opens_when_half_of_enough_calls_failed() {
    let mut breaker = Breaker::new(LIMITS);
    calls(&mut breaker, 10, End::Served, seconds(0));
    calls(&mut breaker, 9, End::Failed, seconds(9));
    assert_eq!(breaker.phase(), Phase::Closed, "19 calls say nothing");
    calls(&mut breaker, 1, End::Failed, seconds(9));
    assert_eq!(breaker.phase(), Phase::Open);
    assert!(breaker.admit(seconds(9)).is_none());
}

#[test]
fn it_stays_closed_while_most_calls_are_served() {
    let mut breaker = Breaker::new(LIMITS);
    calls(&mut breaker, 101, End::Served, seconds(0));
    calls(&mut breaker, 100, End::Failed, seconds(0));
    assert_eq!(breaker.phase(), Phase::Closed);
}

#[test]
fn what_is_long_ago_does_not_count() {
    let mut breaker = Breaker::new(LIMITS);
    calls(&mut breaker, 19, End::Failed, seconds(0));
    calls(&mut breaker, 1, End::Failed, seconds(10));
    assert_eq!(breaker.phase(), Phase::Closed);
    calls(&mut breaker, 18, End::Failed, seconds(10));
    assert_eq!(breaker.phase(), Phase::Closed);
    calls(&mut breaker, 1, End::Failed, seconds(19));
    assert_eq!(breaker.phase(), Phase::Open);
}

#[test]
fn dropped_calls_say_nothing() {
    let mut breaker = Breaker::new(LIMITS);
    calls(&mut breaker, 100, End::Dropped, seconds(0));
    calls(&mut breaker, 19, End::Failed, seconds(0));
    assert_eq!(breaker.phase(), Phase::Closed);
}

#[test]
fn it_is_open_for_its_time() {
    let mut breaker = open();
    assert!(breaker.admit(Duration::from_millis(4_999)).is_none());
    assert_eq!(breaker.phase(), Phase::Open);
    assert!(breaker.admit(seconds(5)).is_some());
    assert_eq!(breaker.phase(), Phase::HalfOpen);
}

#[test]
fn a_half_open_one_lets_one_call_through_at_a_time() {
    let (mut breaker, probe) = half_open();
    assert!(breaker.admit(seconds(100)).is_none());
    breaker.end(probe, End::Dropped, seconds(100));
    assert_eq!(breaker.phase(), Phase::HalfOpen);
    let probe = breaker.admit(seconds(100));
    assert!(probe.is_some() && breaker.admit(seconds(100)).is_none());
}

#[test]
fn a_served_probe_closes_it_and_nothing_is_held_against_the_peer() {
    let (mut breaker, probe) = half_open();
    breaker.end(probe, End::Served, seconds(6));
    assert_eq!(breaker.phase(), Phase::Closed);
    calls(&mut breaker, 19, End::Failed, seconds(6));
    assert_eq!(breaker.phase(), Phase::Closed);
}

#[test]
fn a_failed_probe_opens_it_for_its_whole_time_again() {
    let (mut breaker, probe) = half_open();
    breaker.end(probe, End::Failed, seconds(8));
    assert_eq!(breaker.phase(), Phase::Open);
    assert!(breaker.admit(seconds(12)).is_none());
    assert!(breaker.admit(seconds(13)).is_some());
}

#[test]
fn calls_from_before_a_change_say_nothing_after_it() {
    let mut breaker = Breaker::new(LIMITS);
    let old: Vec<_> = (0..3).map(|_| breaker.admit(seconds(0)).unwrap()).collect();
    calls(&mut breaker, 20, End::Failed, seconds(0));
    let mut old = old.into_iter();
    breaker.end(old.next().unwrap(), End::Served, seconds(1));
    assert_eq!(breaker.phase(), Phase::Open);
    let probe = breaker.admit(seconds(5)).unwrap();
    breaker.end(old.next().unwrap(), End::Served, seconds(5));
    assert_eq!(breaker.phase(), Phase::HalfOpen);
    breaker.end(old.next().unwrap(), End::Failed, seconds(5));
    assert_eq!(breaker.phase(), Phase::HalfOpen);
    breaker.end(probe, End::Served, seconds(5));
    assert_eq!(breaker.phase(), Phase::Closed);
}

/// A step of the property.
#[derive(Clone, Debug)]
enum Step {
    Wait(u64),
    Admit,
    /// Ends one of the calls that are out.
    End(prop::sample::Index, End),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let end = prop_oneof![2 => Just(End::Served), 4 => Just(End::Failed), 1 => Just(End::Dropped)];
    let step = prop_oneof![
        2 => (0..1_500_u64).prop_map(Step::Wait),
        4 => Just(Step::Admit),
        4 => (any::<prop::sample::Index>(), end).prop_map(|(which, end)| Step::End(which, end)),
    ];
    prop::collection::vec(step, 1..200)
}

/// The same in other words: all calls are remembered for ever, each with the period it began in.
struct Model {
    period: u32,
    phase: Phase,
    opened: Duration,
    /// When each counted call of this period ended, and whether it failed.
    ended: Vec<(Duration, bool)>,
    /// The periods of the calls that are out.
    out: Vec<u32>,
}

impl Model {
    const LIMITS: Limits =
        Limits { window: Duration::from_secs(2), calls: 4, open: Duration::from_secs(1) };

    fn turn(&mut self, phase: Phase, now: Duration) {
        self.period += 1;
        self.phase = phase;
        self.opened = now;
        self.ended.clear();
    }

    fn admit(&mut self, now: Duration) -> bool {
        if self.phase == Phase::Open && now >= self.opened + Self::LIMITS.open {
            self.turn(Phase::HalfOpen, now);
        }
        let probes = self.out.iter().filter(|&&period| period == self.period).count();
        let through = self.phase == Phase::Closed || self.phase == Phase::HalfOpen && probes == 0;
        if through {
            self.out.push(self.period);
        }
        through
    }

    fn end(&mut self, which: usize, end: End, now: Duration) {
        if self.out.swap_remove(which) != self.period || end == End::Dropped {
            return;
        }
        let failed = end == End::Failed;
        match self.phase {
            Phase::HalfOpen if failed => self.turn(Phase::Open, now),
            Phase::HalfOpen => self.turn(Phase::Closed, now),
            _ => self.ended.push((now, failed)),
        }
        let lately = |at: Duration| now.as_secs() - at.as_secs() < Self::LIMITS.window.as_secs();
        let recent: Vec<bool> =
            self.ended.iter().filter(|(at, _)| lately(*at)).map(|(_, failed)| *failed).collect();
        let bad = recent.iter().filter(|failed| **failed).count();
        if failed && recent.len() >= Self::LIMITS.calls as usize && bad * 2 >= recent.len() {
            self.turn(Phase::Open, now);
        }
    }
}

proptest! {
    #[test]
    fn it_does_what_its_model_does(steps in steps()) {
        let mut breaker = Breaker::new(Model::LIMITS);
        let mut model = Model {
            period: 0,
            phase: Phase::Closed,
            opened: Duration::ZERO,
            ended: Vec::new(),
            out: Vec::new(),
        };
        let (mut now, mut out) = (Duration::ZERO, Vec::new());
        for step in steps {
            match step {
                Step::Wait(ms) => now += Duration::from_millis(ms),
                Step::Admit => {
                    let shut = breaker.is_shut(now);
                    let pass = breaker.admit(now);
                    prop_assert_eq!(shut, pass.is_none());
                    prop_assert_eq!(pass.is_some(), model.admit(now));
                    out.extend(pass);
                }
                Step::End(which, end) if !out.is_empty() => {
                    let which = which.index(out.len());
                    breaker.end(out.swap_remove(which), end, now);
                    model.end(which, end, now);
                }
                Step::End(..) => {}
            }
            prop_assert_eq!(breaker.phase(), model.phase);
        }
    }
}
