//! gRPC and nothing else is spoken here.

use axum::{extract::Request, middleware::Next, response::Response};
use http::{Method, StatusCode, header::CONTENT_TYPE};
use jangteo::errors::Refusal;
use tonic::Code;

use super::refuse;

const GRPC: &str = "application/grpc";

/// Refuses what is not gRPC, as its specification says: with an HTTP error, so that no other client
/// takes the answer for a success.
pub(super) async fn speak(request: Request, next: Next) -> Response {
    if request.method() == Method::POST && is_grpc(&request) {
        return next.run(request).await;
    }
    let message = "this door speaks gRPC over HTTP/2: POST with content-type application/grpc";
    let mut response = refuse(Refusal::new(Code::Unimplemented, "NOT_GRPC", message));
    *response.status_mut() = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    response
}

/// `application/grpc`, or that with an encoding of messages (`+proto`) or parameters (`;…`). gRPC-Web
/// is another protocol.
fn is_grpc(request: &Request) -> bool {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.and_then(|kind| kind.strip_prefix(GRPC))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['+', ';']))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;
    use crate::server::sample::{GET, Stack, refused};

    fn of(method: Method, kind: Option<&str>) -> Request {
        let mut request = Request::builder().method(method).uri(GET);
        if let Some(kind) = kind {
            request = request.header(CONTENT_TYPE, kind);
        }
        request.body(Body::empty()).unwrap()
    }

    #[test]
    fn grpc_is_known_by_its_content_type() {
        for (kind, good) in [
            ("application/grpc", true),
            ("application/grpc+proto", true),
            ("application/grpc;charset=utf-8", true),
            ("application/grpc-web", false),
            ("application/json", false),
            ("", false),
        ] {
            assert_eq!(is_grpc(&of(Method::POST, Some(kind))), good, "{kind}");
        }
    }

    #[tokio::test]
    async fn nothing_else_is_answered() {
        let stack = Stack::new().await;
        for request in [
            of(Method::GET, Some("application/grpc")),
            of(Method::POST, Some("text/plain")),
            of(Method::POST, None),
        ] {
            let response = stack.call(request).await;
            assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
            let told = tonic::Status::from_header_map(response.headers()).unwrap();
            let told = crate::server::sample::told(&told);
            assert_eq!(told, refused(Code::Unimplemented, "NOT_GRPC"));
        }
    }
}
