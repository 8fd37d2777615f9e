use std::sync::{Arc, Mutex, Once};

use axum::body::Body;
use opentelemetry::{
    Value,
    trace::{SpanKind, Status as Outcome, TracerProvider},
};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    metrics::{
        PeriodicReader, SdkMeterProvider, Temporality,
        data::{AggregatedMetrics, MetricData, ResourceMetrics, ScopeMetrics},
        exporter::PushMetricExporter,
    },
    propagation::TraceContextPropagator,
    trace::{SdkTracerProvider, SpanData, SpanExporter},
};
use tracing::{Dispatch, Event, Level, Subscriber, subscriber::DefaultGuard};
use tracing_subscriber::{Layer, layer::Context, prelude::*};

use super::*;
use crate::server::sample::{GET, Stack, framed, which};

/// RPC, its method, its code, how many calls.
type Figure = (String, String, i64, u64);

static FIGURES: Mutex<Vec<Figure>> = Mutex::new(Vec::new());
static METERS: Mutex<Option<SdkMeterProvider>> = Mutex::new(None);
/// Interested in all there is, as long as the process lives. Without it, a callsite that is reached
/// first on one thread while another begins to listen may be taken for one that nobody wants.
static LISTENER: LazyLock<Dispatch> =
    LazyLock::new(|| Dispatch::new(tracing_subscriber::registry()));

/// Installs what is global once, before the first call of any test binds to it.
pub(in crate::server) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        LazyLock::force(&LISTENER);
        let reader = PeriodicReader::builder(Figures).with_interval(Duration::from_hours(1));
        let meters = SdkMeterProvider::builder().with_reader(reader.build()).build();
        global::set_meter_provider(meters.clone());
        global::set_text_map_propagator(TraceContextPropagator::new());
        *METERS.lock().unwrap() = Some(meters);
    });
}

#[derive(Debug)]
struct Figures;

impl PushMetricExporter for Figures {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let all = metrics.scope_metrics().flat_map(ScopeMetrics::metrics);
        let ours = all.filter(|metric| metric.name() == "rpc.server.duration");
        let points = ours.flat_map(|metric| match metric.data() {
            AggregatedMetrics::F64(MetricData::Histogram(histogram)) => {
                assert_eq!(metric.unit(), "ms");
                histogram
                    .data_points()
                    .map(|point| figure(point.attributes(), point.count()))
                    .collect()
            }
            _ => vec![],
        });
        *FIGURES.lock().unwrap() = points.collect();
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self) -> Temporality {
        Temporality::Cumulative
    }
}

fn figure<'a>(attributes: impl Iterator<Item = &'a KeyValue>, count: u64) -> Figure {
    let (mut service, mut method, mut code) = (String::new(), String::new(), -1);
    for KeyValue { key, value, .. } in attributes {
        match (key.as_str(), value) {
            ("rpc.service", value) => service = value.to_string(),
            ("rpc.method", value) => method = value.to_string(),
            ("rpc.grpc.status_code", Value::I64(value)) => code = *value,
            _ => {}
        }
    }
    (service, method, code, count)
}

fn calls(service: &str, method: &str, code: Code) -> u64 {
    METERS.lock().unwrap().as_ref().unwrap().force_flush().unwrap();
    let figures = FIGURES.lock().unwrap();
    let code = i64::from(i32::from(code));
    let found =
        figures.iter().find(|(s, m, c, _)| (s.as_str(), m.as_str(), *c) == (service, method, code));
    found.map_or(0, |(.., count)| *count)
}

/// Keeps the levels of what is logged.
struct Levels(Arc<Mutex<Vec<Level>>>);

impl<S: Subscriber> Layer<S> for Levels {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target().ends_with("server::trace") {
            self.0.lock().unwrap().push(*event.metadata().level());
        }
    }
}

#[derive(Debug)]
struct Spans(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for Spans {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap().extend(batch);
        Ok(())
    }
}

/// What the calls on this thread leave behind.
struct Seen {
    levels: Arc<Mutex<Vec<Level>>>,
    spans: Arc<Mutex<Vec<SpanData>>>,
    _guard: DefaultGuard,
}

impl Seen {
    fn from_now_on() -> Self {
        let (levels, spans) = (Arc::default(), Arc::default());
        let exporter = Spans(Arc::clone(&spans));
        let tracer =
            SdkTracerProvider::builder().with_simple_exporter(exporter).build().tracer("test");
        let subscriber = tracing_subscriber::registry()
            .with(tracing_opentelemetry::layer().with_tracer(tracer))
            .with(Levels(Arc::clone(&levels)));
        Self { levels, spans, _guard: subscriber.set_default() }
    }

    fn levels(&self) -> Vec<Level> {
        std::mem::take(&mut self.levels.lock().unwrap())
    }

    /// The one span of a call.
    fn span(&self) -> SpanData {
        let mut spans = std::mem::take(&mut *self.spans.lock().unwrap());
        spans.retain(|span| span.span_kind == SpanKind::Server);
        assert_eq!(spans.len(), 1, "{spans:?}");
        spans.remove(0)
    }
}

async fn call(stack: &Stack, path: &str, what: &str) {
    let request = stack.request(path, what).body(framed(&which())).unwrap();
    drop(stack.call(request).await);
}

#[tokio::test]
async fn calls_are_counted_by_method_and_code() {
    let stack = Stack::new().await;
    let count = || calls("jangteo.view.v1.MySalesService", "GetMySale", Code::NotFound);
    let before = count();
    call(&stack, GET, "miss").await;
    assert!(count() > before);
}

#[tokio::test]
async fn a_successful_call_is_counted_when_its_answer_has_been_read() {
    let stack = Stack::new().await;
    let request = stack.request(GET, "").body(framed(&which())).unwrap();
    let count = || calls("jangteo.view.v1.MySalesService", "GetMySale", Code::Ok);
    let before = count();
    let answer = stack.call(request).await;
    axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    assert!(count() > before);
}

#[tokio::test]
async fn methods_that_do_not_exist_are_counted_as_one() {
    let stack = Stack::new().await;
    let before = calls(UNKNOWN, UNKNOWN, Code::Unimplemented);
    call(&stack, "/made.up.Service/Method", "").await;
    assert!(calls(UNKNOWN, UNKNOWN, Code::Unimplemented) > before);
    let figures = FIGURES.lock().unwrap();
    assert!(!figures.iter().any(|(service, ..)| service.contains("made")), "{figures:?}");
}

#[tokio::test]
async fn what_a_caller_does_wrong_is_no_error_in_the_log() {
    let stack = Stack::new().await;
    let seen = Seen::from_now_on();
    call(&stack, GET, "miss").await;
    assert_eq!(seen.levels(), [Level::DEBUG]);
    call(&stack, GET, "fail").await;
    assert_eq!(seen.levels(), [Level::ERROR]);
}

#[tokio::test]
async fn a_call_joins_the_trace_of_its_caller() {
    let stack = Stack::new().await;
    let seen = Seen::from_now_on();
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let request = stack.request(GET, "miss").header("traceparent", parent);
    drop(stack.call(request.body(framed(&which())).unwrap()).await);
    let span = seen.span();
    assert_eq!(span.name, "jangteo.view.v1.MySalesService/GetMySale");
    assert_eq!(span.span_context.trace_id().to_string(), "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(span.parent_span_id.to_string(), "b7ad6b7169203331");
}

#[tokio::test]
async fn a_span_tells_how_its_call_ended() {
    let stack = Stack::new().await;
    let seen = Seen::from_now_on();
    for (what, code, outcome) in [("miss", 5, Outcome::Unset), ("fail", 13, Outcome::error(""))] {
        call(&stack, GET, what).await;
        let span = seen.span();
        let told = span.attributes.iter().find(|it| it.key.as_str() == "rpc.grpc.status_code");
        assert_eq!(told.map(|it| &it.value), Some(&Value::I64(code)), "{what}");
        assert_eq!(span.status, outcome, "{what}");
    }
}

#[tokio::test]
async fn a_caller_who_goes_away_has_cancelled() {
    let stack = Stack::new().await;
    let seen = Seen::from_now_on();
    let request = stack.request(GET, "").body(framed(&which())).unwrap();
    let answer = stack.call(request).await;
    assert!(seen.spans.lock().unwrap().is_empty(), "the answer has not been read yet");
    drop(answer.map(|_| Body::empty()));
    let told = seen.span();
    let code = told.attributes.iter().find(|it| it.key.as_str() == "rpc.grpc.status_code");
    assert_eq!(code.map(|it| &it.value), Some(&Value::I64(1)));
}
