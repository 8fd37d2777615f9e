//! Waiting for a condition.

use std::{panic::Location, time::Duration};

use tokio::time::{Instant, sleep};

/// How long to wait between two looks.
const POLL: Duration = Duration::from_millis(20);

/// Asks again and again until there is an answer.
///
/// Panics when `deadline` has passed without one, naming the caller's line.
#[track_caller]
pub fn until<T, F>(deadline: Duration, mut ask: impl FnMut() -> F) -> impl Future<Output = T>
where
    F: Future<Output = Option<T>>,
{
    let place = Location::caller();
    async move {
        match within(deadline, &mut ask).await {
            Some(answer) => answer,
            None => panic!("{place}: nothing came true within {deadline:?}"),
        }
    }
}

/// Like [`until`], for those who can say more about what they waited for.
pub async fn within<T, F>(deadline: Duration, mut ask: impl FnMut() -> F) -> Option<T>
where
    F: Future<Output = Option<T>>,
{
    let end = Instant::now() + deadline;
    loop {
        let answer = tokio::time::timeout_at(end, ask()).await.ok()?;
        if answer.is_some() || Instant::now() >= end {
            return answer;
        }
        sleep(POLL).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_asks_until_there_is_an_answer() {
        let mut asked = 0;
        let answer = until(Duration::from_secs(5), || {
            asked += 1;
            std::future::ready((asked == 3).then_some("there"))
        });
        assert_eq!(answer.await, "there");
    }

    #[tokio::test]
    #[should_panic(expected = "until.rs")]
    async fn it_names_its_caller_when_the_deadline_passes() {
        until(Duration::from_millis(30), || std::future::ready(None::<()>)).await;
    }

    #[tokio::test]
    async fn a_question_that_hangs_does_not_outlast_the_deadline() {
        let answer = within(Duration::from_millis(30), std::future::pending::<Option<()>>).await;
        assert!(answer.is_none());
    }
}
