//! A span and a figure for every call.

use std::{borrow::Cow, sync::LazyLock, time::Duration};

use axum::{extract::Request, middleware::Next, response::Response};
use opentelemetry::{KeyValue, global, metrics::Histogram};
use tokio::time::Instant;
use tonic::Code;
use tracing::{Instrument, Span, field::Empty};

use super::{
    end::{at_end, code},
    methods, path,
};
use crate::telemetry;

/// Stands for the names of RPCs that do not exist: anybody can make up more of them.
const UNKNOWN: &str = "unknown";
const HEALTH: &str = "grpc.health.v1.Health";

/// The names of a service and of a method of it.
type Rpc = (Cow<'static, str>, Cow<'static, str>);

/// Follows a call from its arrival to its end.
pub(super) async fn follow(request: Request, next: Next) -> Response {
    Call::of(known(path(&request)), None, &request).follow(request, next).await
}

/// The same for a call that is passed on. Its figures say by whom, for where it is answered it is
/// counted again. `rpc` is what it calls, if this binary need not know it.
pub async fn follow_through(
    by: &'static str,
    rpc: Option<(String, String)>,
    request: Request,
    next: Next,
) -> Response {
    let rpc = rpc.map(|(service, method)| (service.into(), method.into()));
    let rpc = rpc.unwrap_or_else(|| known(path(&request)));
    Call::of(rpc, Some(by), &request).follow(request, next).await
}

fn known(path: &str) -> Rpc {
    let known = methods::of(path).map(|it| (it.service.as_str(), it.name.as_str()));
    let (service, method) = known.unwrap_or((UNKNOWN, UNKNOWN));
    (service.into(), method.into())
}

struct Call {
    rpc: Rpc,
    by: Option<&'static str>,
    span: Span,
    start: Instant,
}

impl Call {
    fn of(rpc: Rpc, by: Option<&'static str>, request: &Request) -> Self {
        let (service, method) = &rpc;
        // Whoever asks for health asks for ever: that would be most of all traces.
        let span = if service == HEALTH { Span::none() } else { span(service, method) };
        telemetry::join_caller(&span, request.headers());
        Self { rpc, by, span, start: Instant::now() }
    }

    async fn follow(self, request: Request, next: Next) -> Response {
        let response = next.run(request).instrument(self.span.clone()).await;
        at_end(response, move |end| self.end(code(end.as_deref())))
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

    fn attributes(&self, code: Code) -> Vec<KeyValue> {
        let (service, method) = &self.rpc;
        let attributes = [
            KeyValue::new("rpc.system", "grpc"),
            KeyValue::new("rpc.service", service.clone()),
            KeyValue::new("rpc.method", method.clone()),
            KeyValue::new("rpc.grpc.status_code", i64::from(i32::from(code))),
        ];
        let by = self.by.map(|by| KeyValue::new("jangteo.context", by));
        attributes.into_iter().chain(by).collect()
    }
}

fn span(service: &str, method: &str) -> Span {
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

#[cfg(test)]
#[path = "trace_tests.rs"]
pub(super) mod tests;
