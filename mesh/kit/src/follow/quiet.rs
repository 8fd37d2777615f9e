//! Sources in which nothing has happened. What follows a source in one context asks once for all of it
//! whether anything has; at rest that is all that a compare does.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::time::Instant;
use tonic::Status;

/// What the sources have answered.
#[derive(Default)]
pub(super) struct Quiet(Mutex<HashMap<String, Arc<Source>>>);

/// The last answer of one source. Whoever asks holds the lock, so that the others hear it, too.
type Source = tokio::sync::Mutex<Option<Answer>>;

struct Answer {
    /// Since when nothing was to have happened, in ms since 1970.
    since: i64,
    heard: Instant,
    quiet: Result<bool, Status>,
}

impl Quiet {
    /// Whether nothing has happened in a source since a time, as it was known no longer than `fresh`
    /// ago. What happens later is seen by the next compare: nobody's position moves by this.
    pub(super) async fn since(
        &self,
        source: &str,
        since: i64,
        fresh: Duration,
        ask: impl AsyncFnOnce() -> Result<bool, Status>,
    ) -> Result<bool, Status> {
        let known = self.of(source);
        let mut known = known.lock().await;
        match &*known {
            Some(answer) if answer.holds_for(since, fresh) => answer.quiet.clone(),
            _ => {
                let quiet = ask().await;
                *known = Some(Answer { since, heard: Instant::now(), quiet: quiet.clone() });
                quiet
            }
        }
    }

    fn of(&self, source: &str) -> Arc<Source> {
        let mut all = self.0.lock().expect("nothing panics while it holds this lock");
        all.entry(source.to_owned()).or_default().clone()
    }
}

impl Answer {
    fn holds_for(&self, since: i64, fresh: Duration) -> bool {
        // That something has happened since an earlier time says nothing of a later one.
        let covers = match self.quiet {
            Ok(true) => self.since <= since,
            Ok(false) => self.since >= since,
            Err(_) => true,
        };
        covers && self.heard.elapsed() <= fresh
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    const FRESH: Duration = Duration::from_secs(2);

    /// Asks since a time; what a source answers, and whether it was asked.
    async fn ask(known: &Quiet, since: i64, answer: Result<bool, Status>) -> (Option<bool>, bool) {
        let asked = Cell::new(false);
        let source = async || {
            asked.set(true);
            answer
        };
        let heard = known.since("post", since, FRESH, source).await;
        (heard.ok(), asked.get())
    }

    #[tokio::test(start_paused = true)]
    async fn a_quiet_source_is_asked_once_for_all_who_have_come_as_far() {
        let known = Quiet::default();
        assert_eq!(ask(&known, 1_000, Ok(true)).await, (Some(true), true));
        assert_eq!(ask(&known, 1_000, Ok(false)).await, (Some(true), false));
        assert_eq!(ask(&known, 1_001, Ok(false)).await, (Some(true), false));
        // Before that time something may have happened.
        assert_eq!(ask(&known, 999, Ok(false)).await, (Some(false), true));
    }

    #[tokio::test(start_paused = true)]
    async fn that_something_has_happened_is_true_of_earlier_times_only() {
        let known = Quiet::default();
        assert_eq!(ask(&known, 1_000, Ok(false)).await, (Some(false), true));
        assert_eq!(ask(&known, 999, Ok(true)).await, (Some(false), false));
        assert_eq!(ask(&known, 1_001, Ok(true)).await, (Some(true), true));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_grows_old_and_sources_are_not_mixed_up() {
        let known = Quiet::default();
        ask(&known, 1_000, Ok(true)).await;
        let other = known.since("offer", 1_000, FRESH, async || Ok(false)).await;
        assert!(!other.unwrap());
        tokio::time::advance(FRESH + Duration::from_millis(1)).await;
        assert_eq!(ask(&known, 1_000, Ok(false)).await, (Some(false), true));
    }

    #[tokio::test(start_paused = true)]
    async fn a_source_that_is_away_is_not_waited_for_by_each() {
        let known = Quiet::default();
        let away = || Err(Status::unavailable("away"));
        assert_eq!(ask(&known, 1_000, away()).await, (None, true));
        assert_eq!(ask(&known, 1, Ok(true)).await, (None, false));
    }
}
