//! Metrics for whoever comes for them, in the text format of Prometheus.

use std::net::{SocketAddr, TcpListener, ToSocketAddrs};

use anyhow::Context;
use axum::{
    Router,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use opentelemetry_prometheus::PrometheusExporter;
use prometheus::{Registry, TEXT_FORMAT, TextEncoder};
use tokio_util::task::TaskTracker;

/// Where OpenTelemetry's exporters for Prometheus listen unless they are told otherwise.
const HOST: &str = "localhost";
const PORT: u16 = 9464;

/// Where to listen, if metrics are to be fetched.
pub(super) fn wanted(
    variable: impl Fn(&str) -> Option<String>,
) -> anyhow::Result<Option<SocketAddr>> {
    let is_wanted = variable("OTEL_METRICS_EXPORTER").as_deref() == Some("prometheus");
    let is_off = variable("OTEL_SDK_DISABLED").is_some_and(|it| it.eq_ignore_ascii_case("true"));
    if !is_wanted || is_off {
        return Ok(None);
    }
    let host = variable("OTEL_EXPORTER_PROMETHEUS_HOST").unwrap_or_else(|| HOST.to_owned());
    let port = variable("OTEL_EXPORTER_PROMETHEUS_PORT").map(|port| port.parse());
    let port = port.transpose().context("OTEL_EXPORTER_PROMETHEUS_PORT must be a port")?;
    let addr = (host.as_str(), port.unwrap_or(PORT)).to_socket_addrs();
    let addr = addr.ok().and_then(|mut all| all.next());
    addr.context("OTEL_EXPORTER_PROMETHEUS_HOST must be an address of this machine").map(Some)
}

/// Answers `GET /metrics` for as long as the process lives. Needs a runtime around it.
pub(super) fn serve(addr: SocketAddr) -> anyhow::Result<PrometheusExporter> {
    let taken =
        || format!("cannot listen on {addr}: set OTEL_EXPORTER_PROMETHEUS_PORT to a free port");
    let listener = TcpListener::bind(addr).with_context(taken)?;
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let registry = Registry::new();
    let exporter = opentelemetry_prometheus::exporter().with_registry(registry.clone()).build()?;
    let router = Router::new().route("/metrics", get(async move || page(&registry)));
    TaskTracker::new().spawn(async { axum::serve(listener, router).await });
    Ok(exporter)
}

fn page(registry: &Registry) -> Response {
    match TextEncoder::new().encode_to_string(&registry.gather()) {
        Ok(text) => ([(CONTENT_TYPE, TEXT_FORMAT)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(set: &'static [(&str, &str)]) -> anyhow::Result<Option<SocketAddr>> {
        wanted(|name| set.iter().find(|(it, _)| *it == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn metrics_are_fetched_where_the_environment_says_so() {
        assert_eq!(told(&[]).unwrap(), None);
        assert_eq!(told(&[("OTEL_METRICS_EXPORTER", "otlp")]).unwrap(), None);
        let usual = told(&[("OTEL_METRICS_EXPORTER", "prometheus")]).unwrap().unwrap();
        assert!(usual.ip().is_loopback() && usual.port() == PORT, "{usual}");
        let set = &[
            ("OTEL_METRICS_EXPORTER", "prometheus"),
            ("OTEL_EXPORTER_PROMETHEUS_HOST", "0.0.0.0"),
            ("OTEL_EXPORTER_PROMETHEUS_PORT", "9000"),
        ];
        assert_eq!(told(set).unwrap().unwrap(), SocketAddr::from(([0, 0, 0, 0], 9000)));
    }

    #[test]
    fn what_is_no_port_is_refused_with_its_name() {
        let set =
            &[("OTEL_METRICS_EXPORTER", "prometheus"), ("OTEL_EXPORTER_PROMETHEUS_PORT", "many")];
        let refused = format!("{:#}", told(set).unwrap_err());
        assert!(refused.contains("OTEL_EXPORTER_PROMETHEUS_PORT"), "{refused}");
    }
}
