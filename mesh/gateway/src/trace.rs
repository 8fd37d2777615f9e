//! What becomes of a request: a span and figures where it comes in, and a span for each call that it
//! leads to, by the semantic conventions of OpenTelemetry. One trace goes through.
//!
//! What people search for and write is in none of them.

use std::{
    sync::{Arc, LazyLock},
    time::Instant,
};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, Method, StatusCode};
use jangteo_kit::{server, telemetry};
use opentelemetry::{KeyValue, global, metrics::Histogram};
use tonic::Code;
use tracing::{Instrument as _, Span, field::Empty};

use crate::{Gateway, speaks_grpc};

/// Who counts calls that are counted again where they are answered.
const BY: &str = "gateway";
/// Bounds of the histogram in seconds, as the conventions want them.
const BOUNDS: [f64; 14] =
    [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// The template that a request fits; in the extensions of its answer.
#[derive(Clone, Debug)]
pub(crate) struct Route(pub(crate) String);

/// Follows a gRPC call, native or from a browser.
pub(crate) async fn follow_grpc(
    State(gateway): State<Arc<Gateway>>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    // What is not there may have any name.
    let rpc = gateway.contracts.rpc(path).map(|_| telemetry::rpc(path));
    let rpc = rpc.map(|(service, method)| (service.to_owned(), method.to_owned()));
    server::follow_through(BY, rpc, request, next).await
}

/// Follows whatever else comes over HTTP.
pub(crate) async fn follow_http(request: Request, next: Next) -> Response {
    if speaks_grpc(&request) {
        return next.run(request).await;
    }
    let (exchange, route) = (Exchange::of(&request), request.extensions().get::<MatchedPath>());
    let route = route.map(|it| Route(it.as_str().to_owned()));
    let response = next.run(request).instrument(exchange.span.clone()).await;
    let route = response.extensions().get().cloned().or(route);
    let status = response.status();
    server::at_end(response, move |_| exchange.end(status, route))
}

/// A request and its answer.
struct Exchange {
    method: &'static str,
    path: String,
    span: Span,
    start: Instant,
}

impl Exchange {
    fn of(request: &Request) -> Self {
        let method = known(request.method());
        let span = tracing::info_span!(
            "http",
            otel.name = method,
            otel.kind = "server",
            otel.status_code = Empty,
            error.type = Empty,
            http.request.method = method,
            http.response.status_code = Empty,
            http.route = Empty,
            url.path = Empty,
            url.scheme = "http",
        );
        telemetry::join_caller(&span, request.headers());
        Self { method, path: request.uri().path().to_owned(), span, start: Instant::now() }
    }

    fn end(self, status: StatusCode, route: Option<Route>) {
        let took = self.start.elapsed();
        let span = &self.span;
        span.record("http.response.status_code", status.as_u16());
        // A path that leads nowhere may say anything.
        if let Some(Route(route)) = &route {
            telemetry::rename(span, format!("{} {route}", self.method));
            span.record("http.route", route);
            span.record("url.path", &self.path);
        }
        if status.is_server_error() {
            span.record("error.type", status.as_str());
            span.record("otel.status_code", "ERROR");
        }
        span.in_scope(|| tracing::debug!(status = status.as_u16(), ?took, "request ended"));
        DURATION.record(took.as_secs_f64(), &self.attributes(status, route));
    }

    fn attributes(&self, status: StatusCode, route: Option<Route>) -> Vec<KeyValue> {
        let attributes = [
            KeyValue::new("http.request.method", self.method),
            KeyValue::new("http.response.status_code", i64::from(status.as_u16())),
            KeyValue::new("url.scheme", "http"),
        ];
        let route = route.map(|Route(route)| KeyValue::new("http.route", route));
        attributes.into_iter().chain(route).collect()
    }
}

/// Bound to the meter provider on the first request: it must be installed before the process serves.
static DURATION: LazyLock<Histogram<f64>> = LazyLock::new(|| {
    global::meter("jangteo")
        .f64_histogram("http.server.request.duration")
        .with_unit("s")
        .with_boundaries(BOUNDS.to_vec())
        .with_description("How long requests took, from their arrival to the end of the answer")
        .build()
});

/// Anybody can make up more methods.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "_OTHER",
    }
}

/// A call of a context, until all of its answer is there or nobody waits for it any more.
#[derive(Debug)]
pub(crate) struct Asked {
    span: Span,
    code: Code,
}

impl Asked {
    /// The call of an RPC by its path, which goes on with the trace of the request that it is for.
    pub(crate) fn new(path: &str, headers: &mut HeaderMap) -> Self {
        let (service, method) = telemetry::rpc(path);
        let span = telemetry::call(service, method);
        telemetry::inject(&span, headers);
        Self { span, code: Code::Cancelled }
    }

    /// Says how it ended.
    pub(crate) fn end(&mut self, code: Code) {
        self.code = code;
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        telemetry::answered(&self.span, self.code);
    }
}
