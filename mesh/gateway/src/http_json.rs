//! HTTP with JSON: any RPC that its contract binds, without a line of code for it.

use std::sync::Arc;

use axum::{
    extract::Request,
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, StatusCode, Version,
    header::{CONNECTION, IF_MATCH},
    request::Parts,
    uri::PathAndQuery,
};
use jangteo::errors;
use jangteo_kit::peer::{Raw, Way};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status, client::Grpc};

use crate::{
    Gateway,
    binding::Binding,
    native::{PATIENCE, late},
    refusal::Refused,
    reply, request,
    stream::{self, Told},
    trace::{Asked, Route},
    upstream::{self, Seat, Upstream},
};

/// The largest message that is taken from a context.
const LARGEST: usize = 16 << 20;

/// Answers a request, whatever it is.
pub(crate) async fn call(gateway: &Gateway, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut route = None;
    let answer = async {
        // First: what is left unread would be in the way of the connection's next request.
        let body = request::read(body).await?;
        let found = gateway.table.find(&parts.method, parts.uri.path())?;
        route = Some(Route(found.binding.template.text().to_owned()));
        let message = request::message(&found, &parts, &body)?;
        Call::new(gateway, found.binding)?.answer(&parts, message).await
    };
    let answer: Result<_, Refused> = answer.await;
    let mut answer = answer.unwrap_or_else(|refused| told(refused, &parts));
    if let Some(route) = route {
        answer.extensions_mut().insert(route);
    }
    answer
}

/// Refuses a request that is none of these, once all of it is read.
pub(crate) async fn refuse(refused: Refused, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    told(request::read(body).await.err().unwrap_or(refused), &parts)
}

fn told(refused: Refused, parts: &Parts) -> Response {
    let unread = refused.leaves_body_unread() && parts.version <= Version::HTTP_11;
    let mut answer = precise(refused, &parts.headers).into_response();
    if unread {
        answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    answer
}

/// A condition of the client's that does not hold has a code of its own.
fn precise(refused: Refused, asked: &HeaderMap) -> Refused {
    let stale = errors::reason(refused.status()).is_some_and(|reason| reason == "ETAG_MISMATCH");
    if stale && asked.contains_key(IF_MATCH) {
        return refused.with_http(StatusCode::PRECONDITION_FAILED);
    }
    refused
}

/// One call of a context.
struct Call<'a> {
    binding: &'a Binding,
    path: PathAndQuery,
    upstream: &'a Arc<Upstream>,
    leaving: &'a CancellationToken,
    seat: Seat,
}

impl<'a> Call<'a> {
    fn new(gateway: &'a Gateway, binding: &'a Binding) -> Result<Self, Refused> {
        let method = &binding.rpc.method;
        let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
        let path = path.parse().map_err(|_| Status::internal("an RPC's name makes no path"))?;
        let upstream = gateway.upstreams.of(&binding.rpc.context);
        Ok(Self { binding, path, upstream, leaving: &gateway.leaving, seat: upstream.seat()? })
    }

    async fn answer(self, parts: &Parts, message: Bytes) -> Result<Response, Refused> {
        let mut asked = tonic::Request::new(message);
        *asked.metadata_mut() = request::metadata(&parts.headers);
        let call = async {
            if self.binding.rpc.method.is_server_streaming() {
                return self.many(parts, asked).await;
            }
            let reply = if self.binding.method == Method::GET {
                self.read(asked).await?
            } else {
                self.once(asked).await.map_err(|status| self.upstream.explained(status))?
            };
            let (metadata, message, _) = reply.into_parts();
            reply::one(self.binding, &parts.headers, &metadata, message)
        };
        timeout(PATIENCE, call).await.unwrap_or_else(|_| Err(late().into()))
    }

    fn grpc(&self) -> Grpc<Way> {
        Grpc::new(self.seat.way.clone()).max_decoding_message_size(LARGEST)
    }

    async fn once(
        &self,
        mut asked: tonic::Request<Bytes>,
    ) -> Result<tonic::Response<Bytes>, Status> {
        let mut call = Asked::new(self.path.as_str(), asked.metadata_mut().as_mut());
        let mut grpc = self.grpc();
        let answer = match grpc.ready().await {
            Ok(()) => grpc.unary(asked, self.path.clone(), Raw).await,
            Err(error) => Err(Status::from_error(error)),
        };
        call.end(answer.as_ref().err().map_or(Code::Ok, Status::code));
        answer
    }

    /// What changes nothing is asked again, once, where the connection was gone.
    async fn read(&self, asked: tonic::Request<Bytes>) -> Result<tonic::Response<Bytes>, Status> {
        let (metadata, message) = (asked.metadata().clone(), asked.get_ref().clone());
        let again = tonic::Request::from_parts(metadata, tonic::Extensions::new(), message);
        let reply = match self.once(asked).await {
            Err(status) if upstream::broke(&status) => self.once(again).await,
            reply => reply,
        };
        reply.map_err(|status| {
            let broke = upstream::broke(&status);
            let told = self.upstream.explained(status);
            if broke { upstream::away().into() } else { told }
        })
    }

    async fn many(
        self,
        parts: &Parts,
        mut asked: tonic::Request<Bytes>,
    ) -> Result<Response, Refused> {
        let mut call = Asked::new(self.path.as_str(), asked.metadata_mut().as_mut());
        let mut grpc = self.grpc();
        let reply = match grpc.ready().await {
            Ok(()) => grpc.server_streaming(asked, self.path.clone(), Raw).await,
            Err(error) => Err(Status::from_error(error)),
        };
        let reply = reply.map_err(|status| {
            call.end(status.code());
            self.upstream.explained(status)
        })?;
        let (metadata, messages, _) = reply.into_parts();
        let headers = reply::passed(&metadata);
        let upstream = Arc::clone(self.upstream);
        let (binding, leaving) = (self.binding.clone(), self.leaving.clone());
        let told = Told { binding, upstream, call, leaving, _seat: self.seat };
        Ok(stream::many(told, &parts.headers, headers, messages))
    }
}
