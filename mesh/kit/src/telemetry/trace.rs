//! Spans by the semantic conventions of OpenTelemetry, and their context on its way out and in.
//!
//! They carry ids, names and counts, nothing that a person wrote.

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::{
    Context, global,
    propagation::{Extractor, Injector, TextMapPropagator},
    trace::{SpanContext, TraceContextExt, TraceFlags, TraceState},
};
use opentelemetry_sdk::{
    propagation::TraceContextPropagator,
    trace::{IdGenerator, RandomIdGenerator},
};
use sea_orm::DbBackend;
use tonic::Code;
use tracing::{Span, field::Empty, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::event::Event;

const HEADER: &str = "traceparent";

/// The trace and span that the current task works for; not valid where there is none.
pub(super) fn current() -> SpanContext {
    Context::map_current(|context| context.span().span_context().clone())
}

/// The W3C trace context of the current span; empty without one.
pub fn traceparent() -> String {
    Context::map_current(written)
}

/// The W3C trace context that `span` gives to what follows from it; for a span that is not
/// recorded, that of the event itself.
pub(crate) fn traceparent_of(span: &Span, event: &Event) -> String {
    let own = written(&span.context());
    if own.is_empty() { event.traceparent.clone() } else { own }
}

/// Sends the context of `span` along with a call.
pub fn inject(span: &Span, headers: &mut HeaderMap) {
    if let Ok(value) = HeaderValue::try_from(written(&span.context()))
        && !value.is_empty()
    {
        headers.insert(HEADER, value);
    }
}

/// Goes on in `span` with the trace of whoever sent these headers.
pub fn join_caller(span: &Span, headers: &HeaderMap) {
    join(span, &global::get_text_map_propagator(|it| it.extract(&Headers(headers))));
}

/// Gives `span` a name that was not known when it began.
pub fn rename(span: &Span, name: String) {
    span.context().span().update_name(name);
}

/// The service and the method that the path of an RPC names.
pub fn rpc(path: &str) -> (&str, &str) {
    path.trim_start_matches('/').split_once('/').unwrap_or_default()
}

/// A call to another context. It goes on with the trace of the current task; what nobody asked for
/// is not sampled, so that a mesh at rest has nothing to tell.
pub fn call(service: &str, method: &str) -> Span {
    let housekeeping = !current().is_valid();
    let span = info_span!(
        "call",
        otel.name = format!("{service}/{method}"),
        otel.kind = "client",
        otel.status_code = Empty,
        rpc.system = "grpc",
        rpc.service = service,
        rpc.method = method,
        rpc.grpc.status_code = Empty,
    );
    if housekeeping {
        join(&span, &unsampled());
    }
    span
}

/// What became of a call to another context.
pub fn answered(span: &Span, code: Code) {
    span.record("rpc.grpc.status_code", i32::from(code));
    if code != Code::Ok {
        span.record("otel.status_code", "ERROR");
    }
}

/// An event on its way to the broker, as part of the trace that wrote it.
pub(crate) fn publish(event: &Event) -> Span {
    let parent = read(&event.traceparent);
    if !parent.span().span_context().is_sampled() {
        return Span::none();
    }
    let span = info_span!(
        parent: None,
        "publish",
        otel.name = format!("publish jangteo.{}", event.context),
        otel.kind = "producer",
        otel.status_code = Empty,
        error.type = Empty,
        messaging.system = "nats",
        messaging.operation.name = "publish",
        messaging.operation.type = "send",
        messaging.destination.name = event.subject(),
        messaging.message.id = %event.id(),
        messaging.message.conversation_id = %event.correlation_id,
        messaging.message.body.size = event.payload.len(),
    );
    join(&span, &parent);
    span
}

/// An event that a consumer applies, as part of the trace that it comes from.
pub(crate) fn process(consumer: &str, event: &Event) -> Span {
    let parent = read(&event.traceparent);
    if !parent.has_active_span() {
        return Span::none();
    }
    let span = info_span!(
        parent: None,
        "process",
        otel.name = format!("process jangteo.{}", event.context),
        otel.kind = "consumer",
        otel.status_code = Empty,
        messaging.system = "nats",
        messaging.operation.name = "process",
        messaging.operation.type = "process",
        messaging.destination.name = event.subject(),
        messaging.consumer.group.name = consumer,
        messaging.message.id = %event.id(),
        messaging.message.conversation_id = %event.correlation_id,
        messaging.message.body.size = event.payload.len(),
    );
    join(&span, &parent);
    span
}

/// What is taken up again for an aggregate of this kind, as part of the trace that it began in.
pub(crate) fn resume(kind: &str, traceparent: &str) -> Span {
    let parent = read(traceparent);
    if !parent.has_active_span() {
        return Span::none();
    }
    let span = info_span!(
        parent: None,
        "resume",
        otel.name = format!("resume {kind}"),
        otel.kind = "internal",
        otel.status_code = Empty,
    );
    join(&span, &parent);
    span
}

/// A transaction of the current trace, from its place in the queue to its commit. Statements have no
/// spans of their own: one transaction may have thousands.
pub(crate) fn transaction(backend: DbBackend, context: &'static str) -> Span {
    if !current().is_sampled() {
        return Span::none();
    }
    info_span!(
        "transaction",
        otel.name = format!("transaction {context}"),
        otel.kind = "client",
        db.system.name = system(backend),
        db.namespace = context,
        db.operation.name = "transaction",
    )
}

fn system(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "postgresql",
        DbBackend::MySql => "mysql",
        _ => "sqlite",
    }
}

/// A new trace that nobody records, unless a sampler of one's own wants everything.
fn unsampled() -> Context {
    let ids = RandomIdGenerator::default();
    Context::new().with_remote_span_context(SpanContext::new(
        ids.new_trace_id(),
        ids.new_span_id(),
        TraceFlags::NOT_SAMPLED,
        true,
        TraceState::NONE,
    ))
}

fn join(span: &Span, parent: &Context) {
    // A span that is filtered out has no place in any trace, and nothing is lost.
    drop(span.set_parent(parent.clone()));
}

fn read(traceparent: &str) -> Context {
    TraceContextPropagator::new().extract_with_context(&Context::new(), &Carrier(traceparent))
}

fn written(context: &Context) -> String {
    let mut writer = Writer::default();
    TraceContextPropagator::new().inject_context(context, &mut writer);
    writer.0
}

/// A trace context among other headers.
struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

/// A trace context where nothing else is.
struct Carrier<'a>(&'a str);

impl Extractor for Carrier<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == HEADER && !self.0.is_empty()).then_some(self.0)
    }

    fn keys(&self) -> Vec<&str> {
        vec![HEADER]
    }
}

#[derive(Default)]
struct Writer(String);

impl Injector for Writer {
    fn set(&mut self, key: &str, value: String) {
        if key == HEADER {
            self.0 = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_trace_context_comes_out_as_it_went_in() {
        assert_eq!(written(&read(PARENT)), PARENT);
    }

    #[test]
    fn what_is_no_trace_context_is_none() {
        for text in ["", "none", "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01"] {
            assert!(!read(text).has_active_span(), "{text}");
            assert_eq!(written(&read(text)), "", "{text}");
        }
    }

    #[test]
    fn a_new_trace_that_nobody_asked_for_is_not_sampled() {
        let context = written(&unsampled());
        assert!(context.ends_with("-00"), "{context}");
        assert_ne!(context, written(&unsampled()));
    }
}
