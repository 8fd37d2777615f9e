//! How long a caller waits.

use std::time::Duration;

use axum::{extract::Request, middleware::Next, response::Response};
use jangteo::errors::Refusal;
use tokio::time::{Instant, timeout_at};
use tonic::{Code, Status};

use super::{methods, path, refuse};
use crate::{clock, timeout};

/// How long a caller waits who does not say, and the longest that anybody does.
pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(30);

/// When the caller of a request stops waiting; in the extensions of every request that has one
/// reply. Streams have none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline {
    /// As whoever waits here measures it.
    pub instant: Instant,
    /// The same in ms since 1970, as rows keep it.
    pub time: i64,
}

impl Deadline {
    /// So much later than now.
    pub fn within(most: Duration) -> Self {
        let ms = i64::try_from(most.as_millis()).unwrap_or(i64::MAX);
        Self { instant: Instant::now() + most, time: clock::now_ms().saturating_add(ms) }
    }
}

/// Stops waiting at the deadline. Only the waiting ends: what was begun for the caller in tasks of
/// its own goes on.
pub(super) async fn keep(mut request: Request, next: Next) -> Response {
    let Ok(asked) = timeout::asked(request.headers()) else { return refuse(malformed()) };
    if methods::of(path(&request)).is_some_and(|method| method.streaming) {
        return next.run(request).await;
    }
    let most = asked.map_or(DEFAULT_DEADLINE, |asked| asked.min(DEFAULT_DEADLINE));
    let deadline = Deadline::within(most);
    request.extensions_mut().insert(deadline);
    match timeout_at(deadline.instant, next.run(request)).await {
        Ok(response) => response,
        Err(_) => refuse(passed(most)),
    }
}

fn passed(most: Duration) -> Refusal {
    let message = format!(
        "no answer within {most:?}: it may still happen, repeat it with the same request_id"
    );
    Refusal::new(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", message)
}

fn malformed() -> Status {
    let message = "`grpc-timeout` is 1 to 8 digits and one of the units H, M, S, m, u, n";
    Refusal::new(Code::InvalidArgument, "TIMEOUT_MALFORMED", message).into()
}

#[cfg(test)]
mod tests {
    use jangteo::view::v1::WatchMySalesRequest;

    use super::*;
    use crate::server::sample::{GET, Running, Stack, WATCH, framed, refused, soon, which};

    #[tokio::test]
    async fn a_caller_who_has_waited_long_enough_is_told() {
        let stack = Stack::new().await;
        let request = stack.request(GET, "hang").header(timeout::HEADER, "50m");
        let told = stack.ends(request.body(framed(&which())).unwrap()).await;
        assert_eq!(told, refused(Code::DeadlineExceeded, "DEADLINE_EXCEEDED"));
        assert!(stack.work.begun.is_cancelled());
        soon(stack.work.gone.cancelled()).await;
    }

    #[tokio::test]
    async fn the_handler_knows_how_long_the_caller_waits() {
        let server = Running::start(Duration::ZERO).await;
        let mut client = server.client().await;
        for (asked, most) in [(None, 30_000), (Some(5), 5_000), (Some(60), 30_000)] {
            let mut request = server.ask(which(), "");
            if let Some(asked) = asked {
                request.set_timeout(Duration::from_secs(asked));
            }
            let left = client.get_my_sale(request).await.unwrap().into_inner().price_krw;
            assert!(left <= most && left > most - 4_000, "{asked:?}: {left}");
        }
    }

    #[tokio::test]
    async fn a_stream_has_no_deadline() {
        let server = Running::start(Duration::ZERO).await;
        let mut request = server.ask(WatchMySalesRequest::default(), "");
        request.set_timeout(Duration::from_secs(20));
        let mut sales = server.client().await.watch_my_sales(request).await.unwrap().into_inner();
        let first = sales.message().await.unwrap().unwrap();
        assert_eq!(first.resume_token, "-1", "none was put into its extensions");
    }

    #[tokio::test]
    async fn a_malformed_timeout_is_told_as_such() {
        let stack = Stack::new().await;
        for path in [GET, WATCH] {
            let request = stack.request(path, "").header(timeout::HEADER, "soon");
            let told = stack.ends(request.body(framed(&which())).unwrap()).await;
            assert_eq!(told, refused(Code::InvalidArgument, "TIMEOUT_MALFORMED"), "{path}");
        }
    }
}
