//! A read model is rebuilt while it serves and while people write.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
};

use futures::future::join_all;
use jangteo_testing::{Nats, Node, grpc, tokens::Keys, until};
use sea_orm::{ConnectionTrait as _, Database, Statement};
use serde_json::{Value, json};
use tonic::Status;

use crate::{
    mesh::{Mesh, node},
    seller::{LONG, Seller, at_rest, databases},
};

async fn operate(node: &Node, keys: &Keys, rpc: &str, body: Value) -> Result<Value, Status> {
    let path = format!("/jangteo.view.v1.RebuildService/{rpc}");
    let token = keys.operator();
    Ok(grpc::json(&grpc::call(node.channel(), &path, body, Some(&token), &[]).await?.0))
}

async fn rebuild(node: &Node, keys: &Keys) -> Value {
    operate(node, keys, "RebuildReadModel", json!({"read_model": "my_sales"})).await.unwrap()
}

async fn serves(mesh: &Mesh, generation: &str) {
    let asked = json!({"read_model": "my_sales", "generation": generation});
    until(LONG, async || {
        let now = operate(&mesh.node, &mesh.keys, "GetReadModelGeneration", asked.clone()).await;
        now.ok().filter(|now| now["state"] == "STATE_SERVING")
    })
    .await;
}

/// How many rows of a table of the view still belong to its first generation.
async fn of_the_first(node: &Node, table: &str, which: &str) -> i64 {
    let [_, url] = databases(node);
    let db = Database::connect(url).await.unwrap();
    let sql = format!("SELECT COUNT(*) AS count FROM {table} WHERE {which}");
    let count = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(count).await.unwrap().unwrap();
    row.try_get("", "count").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_generation_takes_over_under_load_and_leaves_no_gap() {
    let mesh = Mesh::start().await.unwrap();
    let seller = Seller::at(&mesh.node, &mesh.keys, "seller01");
    for number in 0..30 {
        let post = seller.write(&format!("의자 {number}")).await.unwrap();
        seller.reprice(&post.id, 9_000).await.unwrap();
    }
    let mut watch = seller.watch("").await.unwrap();
    let over = AtomicBool::new(false);
    let write = async |number: usize| {
        let mut count = 0;
        while !over.load(Ordering::Relaxed) {
            let post = seller.write(&format!("책상 {number}.{count}")).await.unwrap();
            seller.sale_since(&post.id, &post.token).await.expect("seen, whoever serves");
            let edited = seller.reprice(&post.id, 8_000).await.unwrap();
            let sale = seller.sale_since(&post.id, &edited.token).await.unwrap();
            assert_eq!(sale["priceKrw"], "8000");
            count += 1;
        }
    };
    let rebuilding = async {
        let begun = rebuild(&mesh.node, &mesh.keys).await;
        assert_eq!(begun["generation"], "2", "{begun}");
        serves(&mesh, "2").await;
        over.store(true, Ordering::Relaxed);
    };
    tokio::join!(join_all((0..4).map(write)), rebuilding);
    at_rest(databases(&mesh.node), seller.history(true), Some(&mesh.nats)).await;

    let (mut resets, mut seen) = (0, BTreeMap::new());
    let posts = seller.history(true).writes.len() / 2;
    while resets < 2 || seen.len() < posts || seen.values().any(|price| price == "10000") {
        let change = watch.next().await.unwrap();
        if change["reset"].is_object() {
            resets += 1;
            seen.clear();
        } else {
            let text = |field: &str| change["sale"][field].as_str().unwrap().to_owned();
            seen.insert(text("postId"), text("priceKrw"));
        }
    }
    assert_eq!(resets, 2, "one at its start, one for the new generation");
    for (table, which) in [
        ("my_sale", "generation = 1"),
        ("gate", "consumer = 'my_sales@1'"),
        ("held", "consumer = 'my_sales@1'"),
        ("position", "consumer = 'my_sales@1'"),
    ] {
        assert_eq!(of_the_first(&mesh.node, table, which).await, 0, "rows left in {table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_during_a_rebuild_is_told_of_the_one_that_runs() {
    let nats = Nats::start().await.unwrap();
    // No compare, no end: it is being built for as long as the test takes.
    let node = node(&nats).env("JANGTEO_COMPARE_MS", "3600000").start().await.unwrap();
    let keys = Keys::open(node.data_dir().join("keys")).await.unwrap();
    let seller = Seller::at(&node, &keys, "seller01");
    let before = seller.write("의자").await.unwrap();
    seller.sees(&before.id).await;
    let told = join_all((0..5).map(|_| rebuild(&node, &keys))).await;
    for told in &told {
        assert_eq!((&told["generation"], &told["state"]), (&json!("2"), &json!("STATE_BUILDING")));
    }
    let after = seller.write("책상").await.unwrap();
    for post in [before, after] {
        seller.sale_since(&post.id, &post.token).await.expect("the old one serves on");
    }
}
