//! gRPC as it came: routed by the name of its service, metadata, deadline and streams untouched.

use std::time::Duration;

use axum::{body::Body, extract::Request, response::Response};
use http::header::{CONTENT_LENGTH, HOST};
use http_body::Body as _;
use jangteo::errors::Refusal;
use jangteo_kit::server::{DEFAULT_DEADLINE, at_end, code};
use tokio::time::timeout;
use tonic::{Code, Status};
use tower::ServiceExt as _;

use crate::{Gateway, farewell, trace::Asked, upstream::Seat};

/// A context keeps its own deadlines; who does not even begin to answer by then is gone.
pub(crate) const PATIENCE: Duration = DEFAULT_DEADLINE.saturating_add(Duration::from_secs(5));

/// Passes a call on to the context that answers it.
pub(crate) async fn pass(gateway: &Gateway, mut request: Request) -> Response {
    let Some(rpc) = gateway.contracts.rpc(request.uri().path()) else {
        return unknown().into_http();
    };
    // Of the connection, not of the call.
    request.headers_mut().remove(HOST);
    request.headers_mut().remove(CONTENT_LENGTH);
    let upstream = gateway.upstreams.of(&rpc.context);
    let leaving = rpc.method.is_server_streaming().then(|| gateway.leaving.clone());
    let seat = match upstream.seat() {
        Ok(seat) => seat,
        Err(status) => return status.into_http(),
    };
    let (uri, headers) = (request.uri().clone(), request.headers_mut());
    let mut asked = Asked::new(uri.path(), headers);
    let call = seat.way.clone().oneshot(request.map(unmeasured));
    let status = match timeout(PATIENCE, call).await {
        Ok(Ok(response)) => {
            let response = response.map(|body| match leaving {
                Some(leaving) => farewell::until(leaving, Body::new(body)),
                None => Body::new(body),
            });
            return until_its_end(response, asked, seat);
        }
        Ok(Err(error)) => upstream.failed(&*error),
        Err(_) => late().into(),
    };
    asked.end(status.code());
    status.into_http()
}

/// A body whose length is not told: what gRPC-Web has told is that of its text, not of what it says.
fn unmeasured(body: Body) -> tonic::body::Body {
    if body.size_hint().exact().is_none() {
        return tonic::body::Body::new(body);
    }
    tonic::body::Body::new(Body::from_stream(body.into_data_stream()))
}

/// Keeps the call's place until its answer has ended.
fn until_its_end(response: Response, mut asked: Asked, seat: Seat) -> Response {
    at_end(response, move |end| {
        asked.end(code(end.as_deref()));
        drop(seat);
    })
}

fn unknown() -> Status {
    let message = "there is no such method here: ask reflection what there is";
    Refusal::new(Code::Unimplemented, "METHOD_UNKNOWN", message).into()
}

/// Whoever has waited as long as anybody may is told.
pub(crate) fn late() -> Refusal {
    let said = format!(
        "no answer within {PATIENCE:?}: it may still happen, repeat it with the same request_id"
    );
    Refusal::new(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", said)
}
