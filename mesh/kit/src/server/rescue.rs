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
    if let Err(error) = explained(status.code(), status.message()).add_header(headers) {
        tracing::error!(%error, "an error could not be explained");
    }
}

/// The libraries tell these apart by their messages alone.
fn explained(code: Code, message: &str) -> Status {
    let has = |words: &str| message.contains(words);
    let refusal = match code {
        Code::OutOfRange if has("message length too large") => {
            let said = format!("{message}: send less, or ask for less");
            Refusal::new(Code::ResourceExhausted, "MESSAGE_TOO_LARGE", said)
        }
        Code::Unimplemented if has("compressed") => {
            Refusal::new(code, "COMPRESSION_UNSUPPORTED", message)
        }
        Code::Unimplemented => return access::unknown(),
        Code::Internal if has("Missing request message") => {
            Refusal::new(Code::InvalidArgument, "MESSAGE_MISSING", "the request has no message")
        }
        Code::Internal if has("protocol error") || has("Unexpected EOF") => {
            Refusal::new(Code::InvalidArgument, "MESSAGE_MALFORMED", message)
        }
        _ => Refusal::new(code, reason(code), message),
    };
    refusal.into()
}

/// A code's own name, where nothing better is known.
pub fn reason(code: Code) -> &'static str {
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::body::Body;
    use jangteo::view::v1::{GetMySaleRequest, WatchMySalesRequest};

    use super::*;
    use crate::server::sample::{GET, Running, Stack, framed, refused, told, which};

    /// What generated servers take unless they are told otherwise, in bytes.
    const MAX_MESSAGE: usize = 4 * 1024 * 1024;

    #[tokio::test]
    async fn a_message_may_be_too_large() {
        let stack = Stack::new().await;
        let large = GetMySaleRequest { post_id: "x".repeat(MAX_MESSAGE) };
        let told = stack.ends(stack.request(GET, "").body(framed(&large)).unwrap()).await;
        assert_eq!(told, refused(Code::ResourceExhausted, "MESSAGE_TOO_LARGE"));
    }

    #[tokio::test]
    async fn a_message_may_be_compressed_in_a_way_that_is_not_known() {
        let stack = Stack::new().await;
        let request = stack.request(GET, "").header("grpc-encoding", "br");
        let response = stack.call(request.body(framed(&which())).unwrap()).await;
        let status = Status::from_header_map(response.headers()).unwrap();
        assert_eq!(told(&status), refused(Code::Unimplemented, "COMPRESSION_UNSUPPORTED"));
        assert!(response.headers().contains_key("grpc-accept-encoding"), "{response:?}");
    }

    #[tokio::test]
    async fn a_request_may_be_no_message() {
        let stack = Stack::new().await;
        let cut_short = vec![0, 0, 0, 0, 9, 1];
        let unknown_flag = vec![7, 0, 0, 0, 0];
        let flagged = vec![1, 0, 0, 0, 0];
        for (bytes, reason) in [
            (vec![], "MESSAGE_MISSING"),
            (cut_short, "MESSAGE_MALFORMED"),
            (unknown_flag, "MESSAGE_MALFORMED"),
            (flagged, "MESSAGE_MALFORMED"),
        ] {
            let told = stack.ends(stack.request(GET, "").body(Body::from(bytes)).unwrap()).await;
            assert_eq!(told, refused(Code::InvalidArgument, reason));
        }
    }

    #[tokio::test]
    async fn an_error_without_a_reason_gets_one() {
        let stack = Stack::new().await;
        for (what, code, reason) in
            [("fail", Code::Internal, "INTERNAL"), ("miss", Code::NotFound, "NOT_FOUND")]
        {
            let told = stack.ends(stack.request(GET, what).body(framed(&which())).unwrap()).await;
            assert_eq!(told, refused(code, reason));
        }
    }

    #[tokio::test]
    async fn an_error_at_the_end_of_a_stream_gets_one_too() {
        let server = Running::start(Duration::ZERO).await;
        let request = server.ask(WatchMySalesRequest::default(), "fail");
        let mut sales = server.client().await.watch_my_sales(request).await.unwrap().into_inner();
        assert!(sales.message().await.unwrap().is_some());
        let status = sales.message().await.unwrap_err();
        assert_eq!(told(&status), refused(Code::Internal, "INTERNAL"));
    }

    #[tokio::test]
    async fn an_error_with_a_reason_keeps_it() {
        let stack = Stack::new().await;
        let invalid = GetMySaleRequest { post_id: "no uuid".to_owned() };
        let told = stack.ends(stack.request(GET, "").body(framed(&invalid)).unwrap()).await;
        assert_eq!(told, refused(Code::InvalidArgument, "FIELD_INVALID"));
    }
}
