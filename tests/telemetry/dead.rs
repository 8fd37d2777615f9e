//! Collectors that do not answer, and settings that make no sense.

use std::{net::TcpListener, time::Duration};

use jangteo_testing::{Nats, ports, until};
use serde_json::json;

use super::{SOON, exporting, start};
use crate::mesh::{self, Mesh};

/// What a process may take between the end of its work and its own: less than an exporter waits.
const END: Duration = Duration::from_secs(4);

/// Starts, serves and ends as if there were no collector.
async fn lives(endpoint: &str) {
    let mesh =
        start(|builder| exporting(builder, endpoint).env("OTEL_EXPORTER_OTLP_TIMEOUT", "120000"));
    let mesh = mesh.await.unwrap();
    sells(&mesh).await;
    mesh.node.terminate().unwrap();
    until(SOON, async || mesh.node.output().contains("drained").then_some(())).await;
    let status = mesh.node.wait_exit(END).await.unwrap();
    assert!(status.success(), "{status}: {}", mesh.node.output());
}

async fn sells(mesh: &Mesh) {
    let body = json!({"goods": "의자", "price_krw": 5000, "neighbourhood": "방배동"});
    let (post, _) = mesh.call("seller01", "post.v1.PostService/CreatePost", body).await.unwrap();
    until(SOON, async || {
        let asked = json!({"post_id": post["id"]});
        mesh.call("seller01", "view.v1.MySalesService/GetMySale", asked).await.ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_not_there_changes_nothing() {
    lives(&format!("http://127.0.0.1:{}", ports::free())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_takes_everything_and_says_nothing_changes_nothing() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    lives(&format!("http://{}", silent.local_addr().unwrap())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_make_no_sense_are_named() {
    let nats = Nats::start().await.unwrap();
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1");
    for (variable, value) in [
        ("JANGTEO_LOG_FORMAT", "xml"),
        ("RUST_LOG", "jangteo=loud"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
    ] {
        let builder = mesh::node(&nats).env(endpoint.0, endpoint.1).env(variable, value);
        let node = builder.launch().unwrap();
        let status = node.wait_exit(SOON).await.unwrap();
        let output = node.output();
        assert!(!status.success() && output.contains(value), "{output}");
    }
}
