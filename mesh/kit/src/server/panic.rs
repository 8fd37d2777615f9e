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
