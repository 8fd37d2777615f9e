//! A bug in a handler is one failed call, not a broken connection.

use std::{any::Any, panic::AssertUnwindSafe};

use axum::{extract::Request, middleware::Next, response::Response};
use futures::FutureExt;

use crate::status;

/// Answers for a handler that panics.
pub(super) async fn catch(request: Request, next: Next) -> Response {
    // The handler is gone after a panic; what it shares with others is guarded there.
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => status::bug(said(panic.as_ref())).into_http(),
    }
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let literal = panic.downcast_ref::<&str>().copied();
    literal.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("panic")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tonic::Code;
    use tonic_types::StatusExt;

    use crate::server::sample::{Running, refused, told, which};

    #[tokio::test]
    async fn a_panic_is_one_failed_call() {
        let server = Running::start(Duration::ZERO).await;
        let mut client = server.client().await;
        let status = client.get_my_sale(server.ask(which(), "panic")).await.unwrap_err();
        assert_eq!(told(&status), refused(Code::Internal, "BUG"));
        assert!(!status.message().contains("a bug"), "what went wrong inside stays inside");
        let id = status.get_details_error_info().unwrap().metadata["error_id"].clone();
        assert!(status.message().contains(&id), "{status:?}");
        client.get_my_sale(server.ask(which(), "")).await.expect("the connection is still good");
    }
}
