//! One trace from a client to the view, over two processes and the broker.

use std::time::Duration;

use jangteo_testing::{
    Collector, Nats, Node,
    collector::{Attributes, Span},
    grpc, scratch,
    tokens::Keys,
    until,
};
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{SOON, client, exporting, observed};
use crate::mesh;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CREATE: &str = "jangteo.post.v1.PostService/CreatePost";
const PROCESS: &str = "process jangteo.post";

fn named<'a>(spans: &'a [Span], name: &str) -> Option<&'a Span> {
    let is = |span: &&Span| span.name == name && (name != PROCESS || reaches_my_page(span));
    spans.iter().filter(|span| span.trace == TRACE).find(is)
}

/// Whether it is the span of a post's event on its way to my-page; other read models have their own.
fn reaches_my_page(span: &Span) -> bool {
    let group = span.attributes.get("messaging.consumer.group.name");
    span.name == PROCESS && group.is_some_and(|group| group.starts_with("my_sales@"))
}

pub(super) fn told(attributes: &Attributes, expected: &[(&str, &str)]) {
    for (key, value) in expected {
        assert_eq!(attributes.get(*key).map(String::as_str), Some(*value), "{key}: {attributes:?}");
    }
}

/// Post and view, each a process of its own, which share their keys.
struct Pair {
    post: Node,
    _view: Node,
    keys: Keys,
    _folder: TempDir,
}

async fn pair(nats: &Nats, collector: &Collector) -> Pair {
    let folder = scratch::directory("keys").unwrap();
    let one = |context: &str| {
        let builder = exporting(mesh::node(nats), &collector.url()).contexts([context]);
        // The broker must bring it: a compare might be the first to find it.
        builder
            .key_dir(folder.path())
            .env("OTEL_SERVICE_NAME", format!("jangteo-{context}"))
            .env("JANGTEO_COMPARE_MS", "600000")
    };
    let post = one("post").start().await.unwrap();
    let view = one("view").peer("post", post.url()).start().await.unwrap();
    has_compared(&view).await;
    let keys = Keys::open(folder.path()).await.unwrap();
    Pair { post, _view: view, keys, _folder: folder }
}

/// Waits for the compare that every start begins with.
async fn has_compared(view: &Node) {
    let url = format!("sqlite://{}/view.db", view.data_dir().display());
    let db = Box::pin(sea_orm::Database::connect(url)).await.unwrap();
    let sql = "SELECT time FROM position WHERE consumer = 'my_sales@1' AND source = 'post'";
    let sql = Statement::from_string(db.get_database_backend(), sql);
    until(SOON, async || db.query_one_raw(sql.clone()).await.ok().flatten()).await;
    db.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_trace_goes_from_a_client_to_the_view() {
    let (nats, collector) = (Nats::start().await.unwrap(), Collector::start().await.unwrap());
    let pair = pair(&nats, &collector).await;
    let (client, header) = client(TRACE);
    let body = json!({"goods": "의자", "price_krw": 5000, "neighbourhood": "방배동"});
    let path = format!("/{CREATE}");
    let metadata = [("traceparent", header.as_str())];
    let channel = pair.post.channel();
    let seller = pair.keys.user("seller01");
    grpc::call(channel, &path, body, Some(&seller), &metadata).await.unwrap();
    let spans = until(SOON, async || {
        let spans = collector.spans();
        let names = [PROCESS, "publish jangteo.post", "transaction post", CREATE];
        names.iter().all(|name| named(&spans, name).is_some()).then_some(spans)
    });
    let spans = spans.await;
    let [call, process, transaction] =
        [CREATE, PROCESS, "transaction post"].map(|name| named(&spans, name).unwrap());
    // An ack that comes late has it published once more.
    let publish = spans.iter().find(|span| span.id == process.parent).unwrap();
    assert_eq!(call.parent, client);
    assert_eq!(transaction.parent, call.id);
    assert_eq!(publish.parent, call.id);
    assert_eq!(publish.name, "publish jangteo.post");
    conventions(call, publish, process, transaction);
}

fn conventions(call: &Span, publish: &Span, process: &Span, transaction: &Span) {
    use jangteo_testing::collector::SpanKind::{Client, Consumer, Producer, Server};
    let kinds = [call, publish, process, transaction].map(|span| span.kind);
    assert_eq!(kinds, [Server, Producer, Consumer, Client]);
    let version = ("service.version", env!("CARGO_PKG_VERSION"));
    told(&call.process, &[("service.name", "jangteo-post"), version]);
    told(&process.process, &[("service.name", "jangteo-view"), version]);
    let method = ("rpc.method", "CreatePost");
    let service = ("rpc.service", "jangteo.post.v1.PostService");
    told(
        &call.attributes,
        &[("rpc.system", "grpc"), service, method, ("rpc.grpc.status_code", "0")],
    );
    let (nats, id) =
        (("messaging.system", "nats"), publish.attributes["messaging.message.id"].as_str());
    told(&publish.attributes, &[nats, ("messaging.operation.type", "send")]);
    let (same, group) =
        (("messaging.message.id", id), ("messaging.consumer.group.name", "my_sales@1"));
    told(&process.attributes, &[nats, ("messaging.operation.type", "process"), same, group]);
    let destination = &publish.attributes["messaging.destination.name"];
    assert!(destination.starts_with("jangteo.post.p") && destination.ends_with(".PostWritten"));
    told(&transaction.attributes, &[("db.system.name", "sqlite"), ("db.namespace", "post")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mesh_at_rest_starts_no_traces() {
    let (mesh, collector) = observed().await.unwrap();
    until(SOON, async || {
        let calls = collector.points("rpc.server.duration");
        let of = |method: &str| {
            let it = calls.iter().find(|point| point.attributes["rpc.method"] == method);
            it.map_or(0, |point| point.value)
        };
        (of("ListHeads") > 2 && of("Check") > 0).then_some(())
    })
    .await;
    // Their spans would have ended before the spans of a call that begins now.
    mesh.call("seller01", "view.v1.MySalesService/ListMySales", json!({})).await.unwrap();
    let spans = until(Duration::from_secs(30), async || {
        Some(collector.spans()).filter(|spans| !spans.is_empty())
    });
    let names: Vec<_> = spans.await.into_iter().map(|span| span.name).collect();
    assert!(names.iter().all(|name| name.ends_with("/ListMySales")), "{names:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_adds_nothing_to_the_traces_of_long_ago() {
    let (mesh, collector) = observed().await.unwrap();
    let (_, header) = client(TRACE);
    let body = json!({"goods": "의자", "price_krw": 5000, "neighbourhood": "방배동"});
    let (seller, metadata) = (mesh.keys.user("seller01"), [("traceparent", header.as_str())]);
    let create = "post.v1.PostService/CreatePost";
    mesh.call_with(Some(&seller), create, body, &metadata).await.unwrap();
    let processed = || {
        let spans = collector.spans();
        spans.into_iter().filter(reaches_my_page).collect::<Vec<_>>()
    };
    until(SOON, async || (processed().len() == 1).then_some(())).await;
    rebuild(&mesh).await;
    // What the rebuild did is exported before a call that comes after it.
    mesh.call("seller01", "view.v1.MySalesService/ListMySales", json!({})).await.unwrap();
    let later = async || collector.spans().into_iter().find(|it| it.name.ends_with("ListMySales"));
    until(SOON, later).await;
    assert_eq!(processed().len(), 1, "{:?}", processed());
}

/// Rebuilds the read model and waits until the new generation serves.
async fn rebuild(mesh: &mesh::Mesh) {
    let operator = mesh.keys.operator();
    let service = "view.v1.RebuildService";
    let ask = async |rpc: &str, body: Value| {
        mesh.call_with(Some(&operator), &format!("{service}/{rpc}"), body, &[]).await.unwrap().0
    };
    let generation = ask("RebuildReadModel", json!({"read_model": "my_sales"})).await;
    let which = json!({"read_model": "my_sales", "generation": generation["generation"]});
    until(SOON, async || {
        let now = ask("GetReadModelGeneration", which.clone()).await;
        (now["state"] == "STATE_SERVING").then_some(())
    })
    .await;
}
