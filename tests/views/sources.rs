//! Sources that are away: they take nothing from the others.

use std::net::TcpListener;

use jangteo_testing::{Nats, Node, grpc, tokens::Keys, until};
use serde_json::{Value, json};

use crate::{
    mesh::node,
    seller::{LONG, Seller},
};

/// More compares than there is time for, if each waited for who does not answer.
const REBUILDS: i64 = 8;

async fn rebuild(node: &Node, keys: &Keys, rpc: &str, body: Value) -> Value {
    let path = format!("/jangteo.view.v1.RebuildService/{rpc}");
    let answer = grpc::call(node.channel(), &path, body, Some(&keys.operator()), &[]).await;
    grpc::json(&answer.unwrap().0)
}

async fn entries(node: &Node, keys: &Keys, post: &str) -> Option<usize> {
    let path = "/jangteo.view.v1.TimelineService/ListMyTimelineEntries";
    let asked = json!({"correlation_id": post});
    let token = keys.user("seller01");
    let answer = grpc::call(node.channel(), path, asked, Some(&token), &[]).await.ok()?;
    grpc::json(&answer.0)["entries"].as_array().map(Vec::len)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_context_that_never_answers_holds_up_only_what_is_rebuilt_from_it() {
    let nats = Nats::start().await.unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}", silent.local_addr().unwrap());
    let builder = node(&nats).contexts(["post", "view"]);
    let node = builder.peer("offer", &silent).peer("deal", &silent).start().await.unwrap();
    let keys = Keys::open(node.data_dir().join("keys")).await.unwrap();
    let seller = Seller::at(&node, &keys, "seller01");
    let before = seller.write("의자").await.unwrap();
    seller.sees(&before.id).await;
    until(LONG, async || entries(&node, &keys, &before.id).await.filter(|it| *it == 1)).await;

    rebuild(&node, &keys, "RebuildReadModel", json!({"read_model": "timeline"})).await;
    let all = async {
        for generation in 2..2 + REBUILDS {
            let mut which = json!({"read_model": "my_sales"});
            rebuild(&node, &keys, "RebuildReadModel", which.clone()).await;
            which["generation"] = json!(generation);
            until(LONG, async || {
                let now = rebuild(&node, &keys, "GetReadModelGeneration", which.clone()).await;
                (now["state"] == "STATE_SERVING").then_some(())
            })
            .await;
        }
    };
    tokio::time::timeout(LONG, all).await.expect("my-page waits for posts alone");

    let which = json!({"read_model": "timeline", "generation": 2});
    let told = rebuild(&node, &keys, "GetReadModelGeneration", which).await;
    assert_eq!(told["state"], "STATE_BUILDING", "it has not heard of all offers and deals");
    seller.reprice(&before.id, 9_000).await.unwrap();
    until(LONG, async || entries(&node, &keys, &before.id).await.filter(|it| *it == 2)).await;
}
