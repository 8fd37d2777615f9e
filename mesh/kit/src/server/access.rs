//! Who calls, and whether he may: what no contract opens is closed.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::header::AUTHORIZATION;
use jangteo::errors::Refusal;
use tonic::Code;

use super::{methods, path, refuse};
use crate::{
    auth::{Caller, Verifier, permit},
    clock,
};

/// Puts the [`Caller`] into the extensions of a request that he may make.
pub(super) async fn admit(
    State(verifier): State<Arc<Verifier>>,
    mut request: Request,
    next: Next,
) -> Response {
    match caller(&verifier, &request) {
        Ok(caller) => {
            // It has served: what is not there can't be logged or passed on.
            request.headers_mut().remove(AUTHORIZATION);
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(refusal) => refuse(refusal),
    }
}

fn caller(verifier: &Verifier, request: &Request) -> Result<Caller, Refusal> {
    let method = methods::of(path(request)).ok_or_else(unknown)?;
    let now = u64::try_from(clock::now_ms() / 1000).unwrap_or(0);
    let caller = verifier.identify(request.headers(), now)?;
    permit(&method.access, &caller)?;
    Ok(caller)
}

/// Says that an RPC is not served here.
pub(super) fn unknown() -> Refusal {
    let message = "there is no such method here: ask reflection what there is";
    Refusal::new(Code::Unimplemented, "METHOD_UNKNOWN", message)
}
