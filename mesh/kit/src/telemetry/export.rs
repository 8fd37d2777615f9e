//! Exporters, as the standard `OTEL_…` variables want them.

use anyhow::{Context, bail};
use opentelemetry::KeyValue;
use opentelemetry_otlp::{MetricExporter, SpanExporter};
use opentelemetry_sdk::{
    Resource,
    metrics::SdkMeterProvider,
    resource::{EnvResourceDetector, TelemetryResourceDetector},
    trace::{Sampler, SdkTracerProvider},
};

use super::scrape;
use crate::clock;

/// Traces. Without a collector there are ids all the same, for logs, and for others who export: a
/// trace that a caller samples stays sampled.
pub(super) fn traces(
    variable: impl Fn(&str) -> Option<String>,
) -> anyhow::Result<SdkTracerProvider> {
    let builder = SdkTracerProvider::builder().with_resource(resource(&variable));
    if !wanted("TRACES", &variable)? {
        let callers = Sampler::ParentBased(Box::new(Sampler::AlwaysOff));
        return Ok(builder.with_sampler(callers).build());
    }
    let exporter = SpanExporter::builder().with_tonic().build();
    Ok(builder.with_batch_exporter(exporter.context("cannot export traces")?).build())
}

/// Metrics: none without a collector, unless somebody is to come for them.
pub(super) fn metrics(
    variable: impl Fn(&str) -> Option<String>,
) -> anyhow::Result<Option<SdkMeterProvider>> {
    let builder = SdkMeterProvider::builder().with_resource(resource(&variable));
    if let Some(addr) = scrape::wanted(&variable)? {
        return Ok(Some(builder.with_reader(scrape::serve(addr)?).build()));
    }
    if !wanted("METRICS", &variable)? {
        return Ok(None);
    }
    let exporter = MetricExporter::builder().with_tonic().build();
    let builder = builder.with_periodic_exporter(exporter.context("cannot export metrics")?);
    Ok(Some(builder.build()))
}

/// Whether a signal is exported: not unless somebody says where to.
fn wanted(signal: &str, variable: impl Fn(&str) -> Option<String>) -> anyhow::Result<bool> {
    let is =
        |name: &str, value: &str| variable(name).is_some_and(|it| it.eq_ignore_ascii_case(value));
    let own = |what: &str| format!("OTEL_EXPORTER_OTLP_{signal}_{what}");
    let general = |what: &str| format!("OTEL_EXPORTER_OTLP_{what}");
    let either = |what: &str| variable(&own(what)).or_else(|| variable(&general(what)));
    if is("OTEL_SDK_DISABLED", "true")
        || is(&format!("OTEL_{signal}_EXPORTER"), "none")
        || either("ENDPOINT").is_none()
    {
        return Ok(false);
    }
    match either("PROTOCOL").as_deref() {
        None | Some("grpc") => Ok(true),
        Some(other) => bail!(
            "OTEL_EXPORTER_OTLP_PROTOCOL is {other}: jangteo exports by grpc only, \
             so leave it out and name the collector's gRPC port, usually 4317"
        ),
    }
}

/// Who tells: this process, under the name it is given.
fn resource(variable: impl Fn(&str) -> Option<String>) -> Resource {
    let usual = [
        KeyValue::new("service.name", "jangteo"),
        KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
        KeyValue::new("service.instance.id", clock::new_id().to_string()),
    ];
    let named = variable("OTEL_SERVICE_NAME").map(|name| KeyValue::new("service.name", name));
    Resource::builder_empty()
        .with_attributes(usual)
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_detector(Box::new(EnvResourceDetector::new()))
        .with_attributes(named)
        .build()
}

#[cfg(test)]
mod tests {
    use opentelemetry::Key;

    use super::*;

    fn among(set: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        |name| set.iter().find(|(it, _)| *it == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn nothing_is_exported_unless_somebody_says_where_to() {
        let (all, own) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
        let (disabled, none) = ("OTEL_SDK_DISABLED", "OTEL_TRACES_EXPORTER");
        for (set, traces, metrics) in [
            (&[][..], false, false),
            (&[(all, "http://a:1")], true, true),
            (&[(own, "http://a:1")], true, false),
            (&[(all, "http://a:1"), (disabled, "TRUE")], false, false),
            (&[(all, "http://a:1"), (disabled, "false")], true, true),
            (&[(all, "http://a:1"), (none, "none")], false, true),
        ] {
            assert_eq!(wanted("TRACES", among(set)).unwrap(), traces, "{set:?}");
            assert_eq!(wanted("METRICS", among(set)).unwrap(), metrics, "{set:?}");
        }
    }

    #[test]
    fn a_protocol_that_is_not_spoken_is_refused_with_a_way_out() {
        let protocol = ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
        let set = [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://a:4318"), protocol];
        let refused = wanted("TRACES", among(&set)).unwrap_err().to_string();
        assert!(refused.contains("http/protobuf") && refused.contains("4317"), "{refused}");
        assert!(
            !wanted("TRACES", among(&[protocol])).unwrap(),
            "without a collector it is no matter"
        );
    }

    #[test]
    fn a_process_goes_by_the_name_it_is_given() {
        let name = |set: &[(&str, &str)]| {
            resource(among(set)).get(&Key::from_static_str("service.name")).unwrap().to_string()
        };
        assert_eq!(name(&[]), "jangteo");
        assert_eq!(name(&[("OTEL_SERVICE_NAME", "jangteo-post")]), "jangteo-post");
    }
}
