//! What a process tells about itself, read from what it exports and writes.

mod dead;
mod figures;
mod gateway;
mod logs;
mod privacy;
mod sale;
mod scrape;
mod trace;

use std::time::Duration;

use anyhow::Result;
use jangteo_testing::{Collector, Nats, node::Builder, tokens::Keys};

use crate::mesh::{self, Mesh};

/// How long anything may take to come true.
const SOON: Duration = Duration::from_secs(30);

/// A process that exports to `endpoint`, and soon.
fn exporting(builder: Builder, endpoint: &str) -> Builder {
    builder
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        .env("OTEL_BSP_SCHEDULE_DELAY", "100")
        .env("OTEL_METRIC_EXPORT_INTERVAL", "200")
}

/// A mesh of one process that exports to a collector.
async fn observed() -> Result<(Mesh, Collector)> {
    let collector = Collector::start().await?;
    let url = collector.url();
    Ok((start(|builder| exporting(builder, &url)).await?, collector))
}

/// A mesh of one process that is described further.
async fn start(describe: impl FnOnce(Builder) -> Builder) -> Result<Mesh> {
    let nats = Nats::start().await?;
    let node = describe(mesh::node(&nats)).start().await?;
    let keys = Keys::open(node.data_dir().join("keys")).await?;
    Ok(Mesh { nats, node, keys })
}

/// A client's trace context, and its header.
fn client(trace: &str) -> (String, String) {
    let span = "b7ad6b7169203331".to_owned();
    let header = format!("00-{trace}-{span}-01");
    (span, header)
}
