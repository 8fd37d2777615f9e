//! gRPC as it came: routed by the name of its service, metadata, deadline and streams untouched.

use http::{
    Request, Response,
    header::{CONTENT_LENGTH, HOST},
};
use jangteo::errors::Refusal;
use tonic::{Code, Status, body::Body};
use tower::ServiceExt as _;

use crate::{Gateway, upstream};

/// Passes a call on to the context that answers it.
pub(crate) async fn pass(gateway: &Gateway, mut request: Request<Body>) -> Response<Body> {
    let Some(rpc) = gateway.contracts.rpc(request.uri().path()) else {
        return unknown().into_http();
    };
    // Of the connection, not of the call.
    request.headers_mut().remove(HOST);
    request.headers_mut().remove(CONTENT_LENGTH);
    let channel = gateway.upstreams.of(&rpc.context);
    match channel.oneshot(request).await {
        Ok(response) => response,
        Err(error) => upstream::failed(&error).into_http(),
    }
}

fn unknown() -> Status {
    let message = "there is no such method here: ask reflection what there is";
    Refusal::new(Code::Unimplemented, "METHOD_UNKNOWN", message).into()
}
