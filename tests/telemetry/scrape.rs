//! Figures for whoever comes for them.

use jangteo_testing::{ports, until};

use super::{SOON, start};
use crate::seller::Seller;

/// What a scrape finds: each figure under its name, with its unit, by what it is told.
#[tokio::test(flavor = "multi_thread")]
async fn figures_can_be_fetched_as_prometheus_reads_them() {
    let port = ports::free();
    let mesh = start(|builder| {
        builder
            .env("OTEL_METRICS_EXPORTER", "prometheus")
            .env("OTEL_EXPORTER_PROMETHEUS_PORT", port.to_string())
    });
    let mesh = mesh.await.unwrap();
    Seller::at(&mesh.node, &mesh.keys, "seller01").write("의자").await.unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let fetched = async || {
        let reply = http.get(format!("http://localhost:{port}/metrics")).send().await.ok()?;
        let kind = reply.headers()["content-type"].to_str().unwrap();
        assert!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
        reply.text().await.ok()
    };
    let has = |text: &str, name: &str, labels: &[&str]| {
        let mut lines = text.lines().filter(|line| line.starts_with(&format!("{name}{{")));
        lines.any(|line| labels.iter().all(|label| line.contains(label)))
    };
    let call = ["rpc_method=\"CreatePost\"", "rpc_grpc_status_code=\"0\""];
    for (name, labels) in [
        ("rpc_server_duration_milliseconds_bucket", &call[..]),
        ("jangteo_journal_lag", &["jangteo_context=\"post\""]),
        ("jangteo_journal_age_milliseconds", &["jangteo_context=\"post\""]),
        ("jangteo_consumer_lag", &["jangteo_context=\"view\"", "jangteo_source=\"post\""]),
        ("jangteo_dead_letters", &["jangteo_context=\"view\""]),
    ] {
        let found = until(SOON, async || has(&fetched().await?, name, labels).then_some(()));
        found.await;
    }
}
