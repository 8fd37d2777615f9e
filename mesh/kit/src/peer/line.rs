//! One method of one peer, and the breaker before it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    decide::{Breaker, End, Limits, Pass},
    telemetry,
};

const POISON: &str = "nothing panics while it holds this lock";

pub(super) struct Line {
    peer: String,
    path: String,
    /// Where the breaker's time begins.
    since: Instant,
    breaker: Mutex<Breaker>,
}

impl Line {
    pub(super) fn new(peer: &str, path: &str, limits: Limits) -> Self {
        let breaker = Breaker::new(limits);
        telemetry::breaker(peer, path, breaker.phase());
        let (peer, path) = (peer.to_owned(), path.to_owned());
        Self { peer, path, since: Instant::now(), breaker: Mutex::new(breaker) }
    }

    /// Lets a call through, unless the peer has failed too often.
    pub(super) fn admit(self: &Arc<Self>) -> Option<Permit> {
        let pass = self.turn(Breaker::admit)?;
        Some(Permit { line: Arc::clone(self), pass: Some(pass) })
    }

    /// Whether no call is let through now.
    pub(super) fn is_shut(&self) -> bool {
        self.breaker.lock().expect(POISON).is_shut(self.since.elapsed())
    }

    /// Changes are told in their order, so under the lock.
    fn turn<T>(&self, act: impl FnOnce(&mut Breaker, Duration) -> T) -> T {
        let mut breaker = self.breaker.lock().expect(POISON);
        let from = breaker.phase();
        let result = act(&mut breaker, self.since.elapsed());
        let to = breaker.phase();
        if from != to {
            let (peer, method) = (&self.peer, &self.path);
            let (from, to) = (from.name(), to.name());
            tracing::warn!(peer, method, from, to, "breaker changed");
            telemetry::breaker(peer, method, breaker.phase());
        }
        result
    }
}

/// A call that was let through. One that is dropped before its end was told says nothing.
pub(super) struct Permit {
    line: Arc<Line>,
    pass: Option<Pass>,
}

impl Permit {
    pub(super) fn end(mut self, end: End) {
        self.tell(end);
    }

    fn tell(&mut self, end: End) {
        if let Some(pass) = self.pass.take() {
            self.line.turn(|breaker, now| breaker.end(pass, end, now));
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.tell(End::Dropped);
    }
}

#[cfg(test)]
mod tests {
    use std::{fmt::Write, sync::LazyLock};

    use tracing::{Dispatch, Event, Level, Subscriber, field::Field};
    use tracing_subscriber::{Layer, layer::Context, prelude::*};

    use super::*;
    use crate::decide::Phase;

    const LIMITS: Limits =
        Limits { window: Duration::from_mins(1), calls: 1, open: Duration::ZERO };
    /// Interested in all there is, as long as the process lives: without it, a callsite that is
    /// reached first while nobody listens may be taken for one that nobody wants.
    static LISTENER: LazyLock<Dispatch> =
        LazyLock::new(|| Dispatch::new(tracing_subscriber::registry()));

    /// Keeps the fields of what this module logs.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<String>>>);

    impl<S: Subscriber> Layer<S> for Lines {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            if !event.metadata().target().ends_with("peer::line") {
                return;
            }
            assert_eq!(*event.metadata().level(), Level::WARN);
            let mut line = String::new();
            event.record(&mut |field: &Field, value: &dyn std::fmt::Debug| {
                write!(line, "{}={value:?} ", field.name()).unwrap();
            });
            self.0.lock().unwrap().push(line);
        }
    }

    #[test]
    fn each_change_is_one_line_and_a_figure() {
        LazyLock::force(&LISTENER);
        let lines = Lines::default();
        let _guard = tracing_subscriber::registry().with(lines.clone()).set_default();
        let line = Arc::new(Line::new("somewhere", "/a.B/C", LIMITS));
        assert_eq!(telemetry::breaker_of("somewhere", "/a.B/C"), Some(Phase::Closed));
        line.admit().unwrap().end(End::Failed);
        assert_eq!(telemetry::breaker_of("somewhere", "/a.B/C"), Some(Phase::Open));
        line.admit().unwrap().end(End::Served);
        assert_eq!(telemetry::breaker_of("somewhere", "/a.B/C"), Some(Phase::Closed));
        let told = lines.0.lock().unwrap();
        let changes = [("closed", "open"), ("open", "half_open"), ("half_open", "closed")];
        assert_eq!(told.len(), changes.len(), "{told:?}");
        for (line, (from, to)) in told.iter().zip(changes) {
            let fields = format!("peer=\"somewhere\" method=\"/a.B/C\" from={from:?} to={to:?}");
            assert!(line.contains(&fields), "{line}");
        }
    }

    #[test]
    fn a_call_that_is_dropped_frees_its_place() {
        let line = Arc::new(Line::new("elsewhere", "/a.B/C", LIMITS));
        line.admit().unwrap().end(End::Failed);
        let probe = line.admit();
        assert!(probe.is_some() && line.admit().is_none());
        drop(probe);
        assert!(line.admit().is_some());
    }
}
