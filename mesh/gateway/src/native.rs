//! gRPC as it came: routed by the name of its service, metadata, deadline and streams untouched.

use std::time::Duration;

use http::{
    Request, Response,
    header::{CONTENT_LENGTH, HOST},
};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use jangteo::errors::Refusal;
use jangteo_kit::server::DEFAULT_DEADLINE;
use tokio::time::timeout;
use tonic::{Code, Status, body::Body};
use tower::ServiceExt as _;

use crate::{Gateway, upstream::Seat};

/// A context keeps its own deadlines; who does not even begin to answer by then is gone.
pub(crate) const PATIENCE: Duration = DEFAULT_DEADLINE.saturating_add(Duration::from_secs(5));

/// Passes a call on to the context that answers it.
pub(crate) async fn pass(gateway: &Gateway, mut request: Request<Body>) -> Response<Body> {
    let Some(rpc) = gateway.contracts.rpc(request.uri().path()) else {
        return unknown().into_http();
    };
    // Of the connection, not of the call.
    request.headers_mut().remove(HOST);
    request.headers_mut().remove(CONTENT_LENGTH);
    let upstream = gateway.upstreams.of(&rpc.context);
    let seat = match upstream.seat() {
        Ok(seat) => seat,
        Err(status) => return status.into_http(),
    };
    let call = seat.channel.clone().oneshot(request.map(unmeasured));
    match timeout(PATIENCE, call).await {
        Ok(Ok(response)) => response.map(|body| seated(body, seat)),
        Ok(Err(error)) => upstream.failed(&error).into_http(),
        Err(_) => Status::from(late()).into_http(),
    }
}

/// A body whose length is not told: what gRPC-Web has told is that of its text, not of what it says.
fn unmeasured(body: Body) -> Body {
    if body.size_hint().exact().is_none() {
        return body;
    }
    Body::new(axum::body::Body::from_stream(body.into_data_stream()))
}

/// Keeps the call's place until its last byte.
fn seated(body: Body, seat: Seat) -> Body {
    Body::new(body.map_frame(move |frame| {
        let _taken = &seat;
        frame
    }))
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
