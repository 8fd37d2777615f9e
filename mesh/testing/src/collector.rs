//! A collector: takes what a process exports by OTLP over gRPC, and keeps it to be looked at.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::Result;
use futures::{StreamExt as _, stream};
pub use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::{
    collector::{
        metrics::v1::{
            ExportMetricsServiceRequest, ExportMetricsServiceResponse,
            metrics_service_server::{MetricsService, MetricsServiceServer},
        },
        trace::v1::{
            ExportTraceServiceRequest, ExportTraceServiceResponse,
            trace_service_server::{TraceService, TraceServiceServer},
        },
    },
    common::v1::{AnyValue, KeyValue, any_value},
    metrics::v1::{Metric, metric::Data, number_data_point},
    resource::v1::Resource,
};
use prost::Message as _;
use tokio::{net::TcpListener, task::JoinSet};
use tonic::{Request, Response, Status, transport::Server};

/// The attributes of a span, a point or a process, all as text.
pub type Attributes = BTreeMap<String, String>;

/// A span as it was exported.
#[derive(Clone, Debug)]
pub struct Span {
    /// The process that exported it.
    pub process: Attributes,
    /// The trace, in hexadecimal digits.
    pub trace: String,
    /// The span, in hexadecimal digits.
    pub id: String,
    /// The span that it is part of; empty for the first of a trace.
    pub parent: String,
    /// Its name.
    pub name: String,
    /// What it is to its parent.
    pub kind: SpanKind,
    /// What else it tells.
    pub attributes: Attributes,
}

/// A figure as it was last exported: the value of a gauge or a sum, the count of a histogram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The unit of its metric.
    pub unit: String,
    /// Which of the metric's figures it is.
    pub attributes: Attributes,
    /// The figure, whole.
    pub value: i64,
}

#[derive(Debug, Default)]
struct Received {
    spans: Vec<Span>,
    /// What each process exported last.
    metrics: BTreeMap<String, Vec<Metric>>,
    bytes: Vec<u8>,
}

/// A running collector; it ends when dropped.
#[derive(Debug)]
pub struct Collector {
    address: SocketAddr,
    received: Arc<Mutex<Received>>,
    _server: JoinSet<()>,
}

impl Collector {
    /// Starts one.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let received = Arc::<Mutex<Received>>::default();
        let keeper = Keeper(Arc::clone(&received));
        let router = Server::builder()
            .add_service(TraceServiceServer::new(keeper.clone()))
            .add_service(MetricsServiceServer::new(keeper));
        let incoming = stream::unfold(listener, async |listener| {
            Some((listener.accept().await.map(|(socket, _)| socket), listener))
        });
        let mut server = JoinSet::new();
        server.spawn(async move {
            // It ends with the runtime of its test; whatever is lost then is not looked at.
            drop(router.serve_with_incoming(incoming.boxed()).await);
        });
        Ok(Self { address, received, _server: server })
    }

    /// The endpoint that processes export to.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All spans so far, in the order in which they came.
    pub fn spans(&self) -> Vec<Span> {
        self.lock().spans.clone()
    }

    /// The figures of a metric, as each process exported them last.
    pub fn points(&self, metric: &str) -> Vec<Point> {
        let received = self.lock();
        let named = received.metrics.values().flatten().filter(|it| it.name == metric);
        named.flat_map(points).collect()
    }

    /// Whether this text is anywhere in what was exported.
    pub fn contains(&self, text: &str) -> bool {
        self.lock().bytes.windows(text.len()).any(|window| window == text.as_bytes())
    }

    fn lock(&self) -> MutexGuard<'_, Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Clone, Debug)]
struct Keeper(Arc<Mutex<Received>>);

impl Keeper {
    fn lock(&self) -> MutexGuard<'_, Received> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[tonic::async_trait]
impl TraceService for Keeper {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let request = request.into_inner();
        let mut received = self.lock();
        received.bytes.extend(request.encode_to_vec());
        for process in request.resource_spans {
            let attributes = resource(process.resource);
            let spans = process.scope_spans.into_iter().flat_map(|scope| scope.spans);
            received.spans.extend(spans.map(|one| span(&attributes, one)));
        }
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

#[tonic::async_trait]
impl MetricsService for Keeper {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        let request = request.into_inner();
        let mut received = self.lock();
        received.bytes.extend(request.encode_to_vec());
        for process in request.resource_metrics {
            let instance = resource(process.resource).remove("service.instance.id");
            let metrics = process.scope_metrics.into_iter().flat_map(|scope| scope.metrics);
            received.metrics.insert(instance.unwrap_or_default(), metrics.collect());
        }
        Ok(Response::new(ExportMetricsServiceResponse::default()))
    }
}

fn span(process: &Attributes, span: opentelemetry_proto::tonic::trace::v1::Span) -> Span {
    Span {
        process: process.clone(),
        trace: hex(&span.trace_id),
        id: hex(&span.span_id),
        parent: hex(&span.parent_span_id),
        kind: span.kind(),
        attributes: attributes(span.attributes),
        name: span.name,
    }
}

fn points(metric: &Metric) -> Vec<Point> {
    let point = |of: &[KeyValue], value: i64| Point {
        unit: metric.unit.clone(),
        attributes: attributes(of.to_vec()),
        value,
    };
    match &metric.data {
        Some(Data::Gauge(gauge)) => {
            gauge.data_points.iter().map(|it| point(&it.attributes, number(it.value))).collect()
        }
        Some(Data::Sum(sum)) => {
            sum.data_points.iter().map(|it| point(&it.attributes, number(it.value))).collect()
        }
        Some(Data::Histogram(histogram)) => {
            histogram.data_points.iter().map(|it| point(&it.attributes, count(it.count))).collect()
        }
        _ => vec![],
    }
}

/// Panics where the figure is not whole: jangteo has none of these.
fn number(value: Option<number_data_point::Value>) -> i64 {
    match value {
        Some(number_data_point::Value::AsInt(value)) => value,
        other => panic!("not a whole figure: {other:?}"),
    }
}

fn count(calls: u64) -> i64 {
    i64::try_from(calls).expect("fewer calls than that")
}

fn resource(resource: Option<Resource>) -> Attributes {
    attributes(resource.unwrap_or_default().attributes)
}

fn attributes(all: Vec<KeyValue>) -> Attributes {
    all.into_iter().map(|it| (it.key, it.value.map(text).unwrap_or_default())).collect()
}

fn text(value: AnyValue) -> String {
    match value.value {
        Some(any_value::Value::StringValue(text)) => text,
        Some(any_value::Value::IntValue(number)) => number.to_string(),
        Some(any_value::Value::DoubleValue(number)) => number.to_string(),
        Some(any_value::Value::BoolValue(truth)) => truth.to_string(),
        other => format!("{other:?}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
    use opentelemetry_proto::tonic::trace::v1 as otlp;

    use super::*;

    #[tokio::test]
    async fn what_is_exported_can_be_looked_at() {
        let collector = Collector::start().await.unwrap();
        let span =
            otlp::Span { name: "의자".into(), trace_id: vec![0xa0; 16], ..Default::default() };
        let scope = otlp::ScopeSpans { spans: vec![span], ..Default::default() };
        let process = otlp::ResourceSpans { scope_spans: vec![scope], ..Default::default() };
        let request = ExportTraceServiceRequest { resource_spans: vec![process] };
        let mut client = TraceServiceClient::connect(collector.url()).await.unwrap();
        client.export(request).await.unwrap();
        let [span] = <[Span; 1]>::try_from(collector.spans()).unwrap();
        assert_eq!((span.name.as_str(), span.trace.as_str()), ("의자", &*"a0".repeat(16)));
        assert!(collector.contains("의자") && !collector.contains("탁자"));
    }
}
