//! Who calls, and whether he may: what no contract opens is closed.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::header::AUTHORIZATION;
use jangteo::errors::Refusal;
use tonic::{Code, Status};

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
        Err(status) => refuse(status),
    }
}

fn caller(verifier: &Verifier, request: &Request) -> Result<Caller, Status> {
    let method = methods::of(path(request)).ok_or_else(unknown)?;
    let now = u64::try_from(clock::now_ms() / 1000).unwrap_or(0);
    let caller = verifier.identify(request.headers(), now)?;
    permit(&method.access, &caller)?;
    Ok(caller)
}

/// Says that an RPC is not served here.
pub(super) fn unknown() -> Status {
    let message = "there is no such method here: ask reflection what there is";
    Refusal::new(Code::Unimplemented, "METHOD_UNKNOWN", message).into()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::body::Body;
    use http::header::CONTENT_TYPE;
    use jangteo::view::v1::MySale;

    use super::*;
    use crate::{
        auth::dev,
        server::sample::{GET, Running, Stack, framed, refused, which},
    };

    fn bare(path: &str) -> http::request::Builder {
        Request::post(path).header(CONTENT_TYPE, "application/grpc")
    }

    fn body() -> Body {
        framed(&which())
    }

    #[tokio::test]
    async fn a_handler_learns_who_calls_and_never_sees_the_token() {
        let server = Running::start(Duration::ZERO).await;
        let answer = server.client().await.get_my_sale(server.ask(which(), "")).await.unwrap();
        let MySale { seller, goods, .. } = answer.into_inner();
        assert_eq!((seller.as_str(), goods.as_str()), ("user:kim", "false"));
    }

    #[tokio::test]
    async fn without_a_token_a_closed_door_stays_closed() {
        let stack = Stack::new().await;
        let told = stack.ends(bare(GET).body(body()).unwrap()).await;
        assert_eq!(told, refused(Code::Unauthenticated, "TOKEN_MISSING"));
        assert!(!stack.work.begun.is_cancelled());
    }

    #[tokio::test]
    async fn a_service_is_no_person() {
        let stack = Stack::new().await;
        let token = dev::sign_service(&stack.keys, "deal", Duration::from_mins(1)).unwrap();
        let request = bare(GET).header(AUTHORIZATION, format!("Bearer {token}"));
        let told = stack.ends(request.body(body()).unwrap()).await;
        assert_eq!(told, refused(Code::PermissionDenied, "USER_ONLY"));
    }

    #[tokio::test]
    async fn a_bad_token_is_refused_even_at_an_open_door() {
        let stack = Stack::new().await;
        let check = "/grpc.health.v1.Health/Check";
        let open = stack.call(bare(check).body(framed(&())).unwrap()).await;
        assert!(!open.headers().contains_key("grpc-status"), "{open:?}");
        let bad = bare(check).header(AUTHORIZATION, "Bearer a.b.c");
        let told = stack.ends(bad.body(framed(&())).unwrap()).await;
        assert_eq!(told, refused(Code::Unauthenticated, "TOKEN_INVALID"));
    }

    #[tokio::test]
    async fn what_no_contract_knows_is_closed() {
        let stack = Stack::new().await;
        for path in
            ["/", "/jangteo.view.v1.MySalesService/Steal", "/jangteo.view.v1.MySalesService"]
        {
            let told = stack.ends(stack.request(path, "").body(body()).unwrap()).await;
            assert_eq!(told, refused(Code::Unimplemented, "METHOD_UNKNOWN"), "{path}");
        }
    }

    #[tokio::test]
    async fn what_another_process_serves_is_not_here() {
        let stack = Stack::new().await;
        let path = "/jangteo.post.v1.PostService/CreatePost";
        let told = stack.ends(stack.request(path, "").body(body()).unwrap()).await;
        assert_eq!(told, refused(Code::Unimplemented, "METHOD_UNKNOWN"));
    }
}
