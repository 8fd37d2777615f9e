//! Logs as machines and people read them.

use jangteo_testing::until;
use serde_json::{Value, json};

use super::{SOON, client, start};
use crate::mesh::Mesh;

const TRACE: &str = "1af7651916cd43dd8448eb211c80319c";

/// A mesh that logs every call, and the line of a call that failed in a client's trace.
async fn line(format: &str) -> (Mesh, String) {
    let mesh = start(|builder| {
        builder.env("JANGTEO_LOG_FORMAT", format).env("RUST_LOG", "jangteo_kit=debug")
    });
    let mesh = mesh.await.unwrap();
    let (_, header) = client(TRACE);
    let metadata = [("traceparent", header.as_str())];
    let asked = json!({"id": "01936b5e-0000-7000-8000-000000000002"});
    let get = mesh.call_with(None, "post.v1.PostService/GetPost", asked, &metadata);
    get.await.unwrap_err();
    let line = until(SOON, async || {
        let output = mesh.node.output();
        output
            .lines()
            .find(|line| line.contains("call ended") && line.contains(TRACE))
            .map(str::to_owned)
    });
    let line = line.await;
    (mesh, line)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_for_machines_is_an_object_and_names_its_trace() {
    let (mesh, line) = line("json").await;
    let call: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(call["trace_id"], TRACE);
    assert_eq!(call["span_id"].as_str().map(str::len), Some(16));
    assert_eq!(call["level"], "DEBUG");
    assert_eq!(call["span"]["rpc.method"], "GetPost");
    let output = mesh.node.output();
    for line in output.lines() {
        let object: Value = serde_json::from_str(line).expect(line);
        for key in ["timestamp", "level", "target", "message"] {
            assert!(object[key].is_string(), "{key}: {line}");
        }
    }
    let apart = output.lines().find(|line| line.contains(r#""message":"readiness""#)).unwrap();
    assert!(!apart.contains("trace_id"), "{apart}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_for_people_names_its_trace_and_has_no_colours_in_a_file() {
    let (mesh, line) = line("human").await;
    assert!(line.contains(&format!("trace_id={TRACE} span_id=")), "{line}");
    assert!(!mesh.node.output().contains('\u{1b}'), "{}", mesh.node.output());
}
