//! No error leaves without a reason: those that the library makes get theirs here.

use axum::{extract::Request, middleware::Next, response::Response};
use http::HeaderMap;
use jangteo::errors::Refusal;
use tonic::{Code, Status};

use super::{access, end::at_end};

/// Adds `ErrorInfo` to an error without details.
pub(super) async fn explain(request: Request, next: Next) -> Response {
    at_end(next.run(request).await, |end| {
        if let Some(headers) = end.filter(|headers| is_bare(headers)) {
            complete(headers);
        }
    })
}

/// Whether the status in these headers is an error that does not say why.
fn is_bare(headers: &HeaderMap) -> bool {
    let failed = headers.get(Status::GRPC_STATUS).is_some_and(|status| status != "0");
    failed && !headers.contains_key(Status::GRPC_STATUS_DETAILS)
}

fn complete(headers: &mut HeaderMap) {
    let Some(status) = Status::from_header_map(headers) else { return };
    let explained = Status::from(refusal(status.code(), status.message()));
    if let Err(error) = explained.add_header(headers) {
        tracing::error!(%error, "an error could not be explained");
    }
}

/// The libraries tell these apart by their messages alone.
fn refusal(code: Code, message: &str) -> Refusal {
    let has = |words: &str| message.contains(words);
    match code {
        Code::OutOfRange if has("message length too large") => {
            let said = format!("{message}: send less, or ask for less");
            Refusal::new(Code::ResourceExhausted, "MESSAGE_TOO_LARGE", said)
        }
        Code::Unimplemented if has("compressed") => {
            Refusal::new(code, "COMPRESSION_UNSUPPORTED", message)
        }
        Code::Unimplemented => access::unknown(),
        Code::Internal if has("Missing request message") => {
            Refusal::new(Code::InvalidArgument, "MESSAGE_MISSING", "the request has no message")
        }
        Code::Internal if has("protocol error") || has("Unexpected EOF") => {
            Refusal::new(Code::InvalidArgument, "MESSAGE_MALFORMED", message)
        }
        _ => Refusal::new(code, reason(code), message),
    }
}

/// A code's own name, where nothing better is known.
fn reason(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
