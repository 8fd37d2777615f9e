//! What goes wrong with a call because an operator wants it to.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use jangteo::errors::Refusal;
use tonic::{Code, Status};

use super::{methods, path, refuse};
use crate::{
    clock,
    decide::Fate,
    fault::{Board, Switch},
    status::failed,
    store::Failure,
};

/// When whoever was refused may ask again.
const RETRY: Duration = Duration::from_secs(1);

/// Lets a call be late, hang or fail, as its context is told to.
pub(super) async fn misbehave(
    State(board): State<Arc<Board>>,
    request: Request,
    next: Next,
) -> Response {
    let method = methods::of(path(&request));
    let Some(switch) = method.and_then(|method| board.of_service(&method.service)) else {
        return next.run(request).await;
    };
    match struck(switch).await {
        Some(status) => refuse(status),
        None => next.run(request).await,
    }
}

/// Waits as long as the switches say; the error that they say, if any.
async fn struck(switch: &Switch) -> Option<Status> {
    switch.pause().await;
    let chance = clock::chance();
    loop {
        match switch.now().fate(chance) {
            Fate::Passes => return None,
            Fate::Fails => return Some(injected()),
            Fate::Hangs => {
                if !switch.is_answering().await {
                    return Some(failed(Failure::Stopping));
                }
                // It is judged again: by now it may be meant to fail.
            }
        }
    }
}

fn injected() -> Status {
    let said = "an operator lets this context fail: nothing was done, try again soon";
    Refusal::new(Code::Unavailable, "FAULT_INJECTED", said).retry_after(RETRY).into()
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;
    use tonic_types::StatusExt;

    use super::*;
    use crate::{
        config::Limits,
        decide::Switches,
        server::sample::{GET, Stack, framed, refused, soon, which},
    };

    async fn stack(switches: Switches) -> Stack {
        let stack = Stack::with(Limits::USUAL).await;
        stack.misbehaves(switches).await;
        stack
    }

    fn call(stack: &Stack) -> http::request::Builder {
        stack.request(GET, "")
    }

    async fn is_answered(stack: &Stack) {
        let answer = stack.call(call(stack).body(framed(&which())).unwrap()).await;
        assert!(!answer.headers().contains_key("grpc-status"), "{answer:?}");
    }

    #[tokio::test]
    async fn a_call_is_late() {
        let latency = Duration::from_millis(200);
        let stack = stack(Switches { latency, ..Switches::default() }).await;
        let since = Instant::now();
        is_answered(&stack).await;
        assert!(since.elapsed() >= latency, "it took {:?}", since.elapsed());
    }

    #[tokio::test]
    async fn a_call_fails_before_its_handler_hears_of_it() {
        let stack = stack(Switches { error_percent: 100, ..Switches::default() }).await;
        let answer = stack.call(stack.request(GET, "hang").body(framed(&which())).unwrap()).await;
        let status = Status::from_header_map(answer.headers()).unwrap();
        assert_eq!(status.code(), Code::Unavailable);
        assert_eq!(jangteo::errors::reason(&status).as_deref(), Some("FAULT_INJECTED"));
        assert_eq!(status.get_details_retry_info().unwrap().retry_delay, Some(RETRY));
        assert!(!stack.work.begun.is_cancelled());
        stack.misbehaves(Switches::default()).await;
        is_answered(&stack).await;
    }

    #[tokio::test]
    async fn a_call_hangs_until_its_deadline() {
        let stack = stack(Switches { hang: true, ..Switches::default() }).await;
        let late = call(&stack).header("grpc-timeout", "50m").body(framed(&which())).unwrap();
        let told = stack.ends(late).await;
        assert_eq!(told, refused(Code::DeadlineExceeded, "DEADLINE_EXCEEDED"));
    }

    #[tokio::test]
    async fn a_call_that_hangs_is_answered_once_it_is_cleared() {
        let stack = stack(Switches { hang: true, ..Switches::default() }).await;
        let clear = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            stack.misbehaves(Switches::default()).await;
        };
        soon(async {
            tokio::join!(is_answered(&stack), clear);
        })
        .await;
    }

    #[tokio::test]
    async fn a_call_that_hangs_is_told_that_the_process_goes_away() {
        let stack = stack(Switches { hang: true, ..Switches::default() }).await;
        stack.leaving.cancel();
        let told = stack.ends(call(&stack).body(framed(&which())).unwrap()).await;
        assert_eq!(told, refused(Code::Unavailable, "STOPPING"));
    }

    #[tokio::test]
    async fn health_is_told_of_a_context_that_hangs() {
        let stack = stack(Switches { hang: true, ..Switches::default() }).await;
        let check = stack.request("/grpc.health.v1.Health/Check", "").body(framed(&())).unwrap();
        assert!(!stack.call(check).await.headers().contains_key("grpc-status"));
    }
}
