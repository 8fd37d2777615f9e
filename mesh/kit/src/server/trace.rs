//! A span and a figure for every call.

use std::{sync::LazyLock, time::Duration};

use axum::{extract::Request, middleware::Next, response::Response};
use http::HeaderMap;
use opentelemetry::{KeyValue, global, metrics::Histogram, propagation::Extractor};
use tokio::time::Instant;
use tonic::Code;
use tracing::{Instrument, Span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::{
    end::{at_end, code},
    methods, path,
};

/// Stands for the names of RPCs that do not exist: anybody can make up more of them.
const UNKNOWN: &str = "unknown";
const HEALTH: &str = "grpc.health.v1.Health";

/// Follows a call from its arrival to its end.
pub(super) async fn follow(request: Request, next: Next) -> Response {
    let call = Call::of(&request);
    let span = call.span.clone();
    let response = next.run(request).instrument(span).await;
    at_end(response, move |end| call.end(code(end.as_deref())))
}

struct Call {
    service: &'static str,
    method: &'static str,
    span: Span,
    start: Instant,
}

impl Call {
    fn of(request: &Request) -> Self {
        let (service, method) = match methods::of(path(request)) {
            Some(method) => (method.service.as_str(), method.name.as_str()),
            None => (UNKNOWN, UNKNOWN),
        };
        // Whoever asks for health asks for ever: that would be most of all traces.
        let span = if service == HEALTH { Span::none() } else { span(service, method) };
        let parent = global::get_text_map_propagator(|it| it.extract(&Headers(request.headers())));
        // Without an exporter there is no trace to join, and nothing is lost.
        drop(span.set_parent(parent));
        Self { service, method, span, start: Instant::now() }
    }

    fn end(self, code: Code) {
        let took = self.start.elapsed();
        self.span.record("rpc.grpc.status_code", i32::from(code));
        if is_ours(code) {
            self.span.record("otel.status_code", "ERROR");
        }
        self.span.in_scope(|| log(code, took));
        DURATION.record(took.as_secs_f64() * 1e3, &self.attributes(code));
    }

    fn attributes(&self, code: Code) -> [KeyValue; 4] {
        [
            KeyValue::new("rpc.system", "grpc"),
            KeyValue::new("rpc.service", self.service),
            KeyValue::new("rpc.method", self.method),
            KeyValue::new("rpc.grpc.status_code", i64::from(i32::from(code))),
        ]
    }
}

fn span(service: &'static str, method: &'static str) -> Span {
    tracing::info_span!(
        "rpc",
        otel.name = format!("{service}/{method}"),
        otel.kind = "server",
        otel.status_code = Empty,
        rpc.system = "grpc",
        rpc.service = service,
        rpc.method = method,
        rpc.grpc.status_code = Empty,
    )
}

/// Bound to the meter provider on the first call: it must be installed before the process serves.
static DURATION: LazyLock<Histogram<f64>> = LazyLock::new(|| {
    global::meter("jangteo")
        .f64_histogram("rpc.server.duration")
        .with_unit("ms")
        .with_description("How long calls took, from their arrival to the end of the answer")
        .build()
});

/// What a caller does wrong is his business; what we do wrong is an error.
fn log(code: Code, took: Duration) {
    if is_ours(code) {
        tracing::error!(?code, ?took, "call failed");
    } else {
        tracing::debug!(?code, ?took, "call ended");
    }
}

fn is_ours(code: Code) -> bool {
    matches!(code, Code::Unknown | Code::Internal | Code::DataLoss)
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(http::HeaderName::as_str).collect()
    }
}

#[cfg(test)]
#[path = "trace_tests.rs"]
pub(super) mod tests;
