//! What a running process tells about itself: logs to stdout; traces and metrics by OTLP, if the
//! environment names a collector; metrics to whoever comes for them, if it says so.
//!
//! One trace goes with a request wherever its effects go: over gRPC as metadata, into the journal
//! as a column, over the broker as a header, always in W3C form. Nothing here waits for a collector,
//! and nothing that a person wrote is told to one.

mod export;
mod figures;
mod logs;
mod scrape;
mod trace;

use std::time::Duration;

use opentelemetry::{global, trace::TracerProvider};
use opentelemetry_sdk::{
    metrics::SdkMeterProvider, propagation::TraceContextPropagator, trace::SdkTracerProvider,
};
use tokio::sync::oneshot;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{Layer, filter::Targets, prelude::*};

use crate::config::LogFormat;

#[cfg(test)]
pub(crate) use self::figures::breaker_of;
pub use self::trace::{answered, call, inject, join_caller, rename, rpc, traceparent};
pub(crate) use self::{
    figures::{breaker, consumer_lag, dead_letters, journal_lag, sagas, unreadable},
    trace::{process, publish, resume, traceparent_of, transaction},
};

/// How long a collector may take for what is left at the end.
const LAST: Duration = Duration::from_millis(1500);

/// Keeps telemetry going until it is stopped.
pub struct Telemetry {
    traces: SdkTracerProvider,
    metrics: Option<SdkMeterProvider>,
}

/// Starts writing logs, and exporting if there is a collector. Needs a runtime around it.
///
/// # Errors
/// A variable is malformed, or telemetry was started before.
pub fn start(format: LogFormat) -> anyhow::Result<Telemetry> {
    let environment = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let traces = export::traces(environment)?;
    let metrics = export::metrics(environment)?;
    let logs = logs::layer(format, environment("RUST_LOG").as_deref())?;
    tracing_subscriber::registry().with(spans(&traces)).with(logs).try_init()?;
    global::set_text_map_propagator(TraceContextPropagator::new());
    if let Some(metrics) = &metrics {
        global::set_meter_provider(metrics.clone());
        figures::observe(&global::meter("jangteo"));
    }
    Ok(Telemetry { traces, metrics })
}

/// Makes traces of our own spans, and of no library's: an exporter's would be exported in turn.
fn spans<S>(traces: &SdkTracerProvider) -> impl Layer<S> + use<S>
where
    S: tracing::Subscriber + for<'span> tracing_subscriber::registry::LookupSpan<'span>,
{
    tracing_opentelemetry::layer()
        .with_tracer(traces.tracer("jangteo"))
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        .with_filter(Targets::new().with_target("jangteo", LevelFilter::INFO))
}

impl Telemetry {
    /// Exports what is left, if the collector takes it soon.
    pub async fn stop(self) {
        let traces = ended(move || self.traces.shutdown_with_timeout(LAST).is_ok());
        let metrics =
            ended(move || self.metrics.is_none_or(|it| it.shutdown_with_timeout(LAST).is_ok()));
        let (traces, metrics) = tokio::join!(traces, metrics);
        if !traces || !metrics {
            tracing::warn!(traces, metrics, "the collector did not take the last telemetry");
        }
    }
}

/// Runs what blocks, for so long. A thread of its own: the runtime would wait for one of its own.
async fn ended(work: impl FnOnce() -> bool + Send + 'static) -> bool {
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || {
        // Nobody listens any more when it took too long.
        let _ = tell.send(work());
    });
    matches!(tokio::time::timeout(LAST, told).await, Ok(Ok(true)))
}
