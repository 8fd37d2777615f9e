//! Switches by which operators let a context misbehave: its neighbours stand it, and when it is
//! well again so are they. Nothing can be switched where nobody has allowed it.

use std::time::{Duration, Instant};

use futures::future::join_all;
use jangteo_testing::{Nats, Node, grpc, tokens::Keys, until};
use serde_json::{Value, json};
use tonic::{Code, Status};

use crate::{
    mesh::{Database, Mesh, node},
    seller::{LONG, Seller, at_rest, databases, reason, says, says_when, serving},
    stories::market::{FLOWERS, Layout, Market},
};

/// What allows it.
const ON: (&str, &str) = ("JANGTEO_FAULT_INJECTION", "true");
/// What health is asked for: the process, both of its sides, and one of its services.
const HEALTH: [&str; 4] = ["", "liveness", "readiness", "jangteo.post.v1.PostService"];
/// How many roses there are.
const BUNCHES: i64 = 10;

/// A mesh in which contexts may misbehave.
pub(super) async fn mesh() -> Mesh {
    let nats = Nats::start().await.unwrap();
    let node = node(&nats).env(ON.0, ON.1).start().await.unwrap();
    let keys = Keys::open(node.data_dir().join("keys")).await.unwrap();
    Mesh { nats, node, keys }
}

/// Asks a node's switches as an operator.
async fn ask(node: &Node, keys: &Keys, method: &str, body: Value) -> Result<Value, Status> {
    let path = format!("/jangteo.ops.v1.FaultService/{method}");
    let operator = keys.operator();
    let answer = grpc::call(node.channel(), &path, body, Some(&operator), &[]).await?;
    Ok(grpc::json(&answer.0))
}

/// Lets a context of a node misbehave.
pub(super) async fn set(node: &Node, keys: &Keys, faults: Value) {
    ask(node, keys, "UpdateFaults", faults).await.unwrap();
}

async fn clear(node: &Node, keys: &Keys, context: &str) {
    ask(node, keys, "ClearFaults", json!({"context": context})).await.unwrap();
}

/// Whether it serves, by what health is asked for.
async fn health(node: &Node) -> Vec<Option<bool>> {
    join_all(HEALTH.map(|name| serving(node, name))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_misbehaves_where_nobody_has_allowed_it() {
    let mesh = Mesh::start().await.unwrap();
    let all = json!({
        "context": "post",
        "latencyMs": 60_000,
        "errorPercent": 100,
        "hang": true,
        "unhealthy": true,
    });
    let post = || json!({"context": "post"});
    for (method, body) in [("GetFaults", post()), ("UpdateFaults", all), ("ClearFaults", post())] {
        let refused = ask(&mesh.node, &mesh.keys, method, body).await.unwrap_err();
        assert_eq!(refused.code(), Code::FailedPrecondition, "{method}: {refused:?}");
        assert_eq!(reason(&refused), "FAULT_INJECTION_DISABLED", "{method}");
        assert!(refused.message().contains(ON.0), "{refused:?}");
    }
    assert_eq!(health(&mesh.node).await, [Some(true); 4]);
    let seller = Seller::at(&mesh.node, &mesh.keys, "seller01");
    let post = seller.write("의자").await.unwrap();
    seller.sees(&post.id).await;
    at_rest(databases(&mesh.node), seller.history(true), Some(&mesh.nats)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_somewhere_else_is_told_so() {
    let mesh = mesh().await;
    for method in ["GetFaults", "UpdateFaults", "ClearFaults"] {
        let asked = ask(&mesh.node, &mesh.keys, method, json!({"context": "ops"})).await;
        assert_eq!(reason(&asked.unwrap_err()), "CONTEXT_NOT_HERE", "{method}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn production_is_warned_of_it() {
    let nats = Nats::start().await.unwrap();
    let builder = node(&nats).env(ON.0, ON.1).env("JANGTEO_PRODUCTION", "true");
    says(&builder.launch().unwrap(), &["WARN", ON.0]).await;
}

/// A stock that is too slow is given a rest, and asked again once it is well.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_context_opens_the_breaker_of_whoever_asks_it() {
    let layout = Layout::together(FLOWERS, Database::Sqlite).alone(&["inventory"]);
    let market = Market::start_with(layout, &[ON]).await.unwrap();
    let [florist, customer] = ["florist01", "customer01"].map(|name| market.person(name));
    let roses = florist.stocks_roses(BUNCHES).await;
    customer.orders_at_last(&roses, 1).await;
    let inventory = market.node("inventory");
    set(inventory, &market.keys, json!({"context": "inventory", "latencyMs": 2_000})).await;

    let customers = (0..30).map(|number| market.person(&format!("customer{number}")));
    let customers: Vec<_> = customers.collect();
    // A few at a time: that a question had too little time left says nothing of whoever is asked.
    for few in customers.chunks(5) {
        for answer in join_all(few.iter().map(|customer| customer.orders(&roses, 1))).await {
            let status = answer.expect_err("nobody answers for the stock in time");
            assert_eq!(status.code(), Code::Unavailable, "{status:?}");
            assert_eq!(reason(&status), "INVENTORY_UNAVAILABLE");
            assert!(says_when(&status), "{status:?}");
        }
    }
    let order = market.node("order");
    says(order, &["breaker changed", "HoldStock", "open"]).await;

    clear(inventory, &market.keys, "inventory").await;
    until(LONG, async || customer.orders(&roses, 2).await.ok()).await;
    says(order, &["breaker changed", "HoldStock", "half_open", "closed"]).await;
    florist.sees_stock(&roses, BUNCHES - 3, BUNCHES - 3).await;
    market.balances(&[&customer]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_context_that_fails_does_nothing_and_says_when_to_come_back() {
    let mesh = mesh().await;
    let seller = Seller::at(&mesh.node, &mesh.keys, "seller01");
    let first = seller.write("의자").await.unwrap();
    seller.sees(&first.id).await;
    set(&mesh.node, &mesh.keys, json!({"context": "post", "errorPercent": 100})).await;
    for _ in 0..5 {
        let refused = seller.write("책상").await.unwrap_err();
        assert_eq!(refused.code(), Code::Unavailable, "{refused:?}");
        assert_eq!(reason(&refused), "FAULT_INJECTED");
        assert!(says_when(&refused), "{refused:?}");
    }
    seller.sale(&first.id).await.expect("another context is well");
    let heads = "journal.v1.JournalService/ListHeads";
    let (view, asked) = (mesh.keys.service("view"), json!({"context": "post"}));
    mesh.call_with(Some(&view), heads, asked, &[]).await.expect("its journal can be read");
    assert_eq!(health(&mesh.node).await, [Some(true); 4]);

    clear(&mesh.node, &mesh.keys, "post").await;
    let last = seller.write("무선마우스").await.unwrap();
    seller.sees(&last.id).await;
    // Complete: what was refused has left nothing behind.
    at_rest(databases(&mesh.node), seller.history(true), Some(&mesh.nats)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_hangs_ends_with_its_deadline_or_when_it_is_cleared() {
    let mesh = mesh().await;
    let seller = Seller::at(&mesh.node, &mesh.keys, "seller01");
    let first = seller.write("의자").await.unwrap();
    set(&mesh.node, &mesh.keys, json!({"context": "post", "hang": true})).await;
    let (read, asked) = ("post.v1.PostService/GetPost", json!({"id": first.id}));
    let token = mesh.keys.user("seller01");
    let since = Instant::now();
    let call = mesh.call_with(Some(&token), read, asked, &[("grpc-timeout", "500m")]);
    let late = call.await.unwrap_err();
    let took = since.elapsed();
    // The client keeps its own deadline, and calls the call off.
    assert!(matches!(late.code(), Code::DeadlineExceeded | Code::Cancelled), "{late:?}");
    assert!((Duration::from_millis(450)..LONG).contains(&took), "it took {took:?}");

    seller.sees(&first.id).await;
    let cleared = async {
        // What was asked before on the same connection has arrived before, and hangs.
        seller.sale(&first.id).await.expect("another context is well");
        clear(&mesh.node, &mesh.keys, "post").await;
    };
    let (second, ()) = tokio::join!(seller.write("책상"), cleared);
    seller.sees(&second.unwrap().id).await;
    at_rest(databases(&mesh.node), seller.history(true), Some(&mesh.nats)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unhealthy_process_says_so_until_it_is_cleared() {
    let mesh = mesh().await;
    set(&mesh.node, &mesh.keys, json!({"context": "post", "unhealthy": true})).await;
    assert_eq!(health(&mesh.node).await, [Some(false); 4]);
    // Another context that is well does not make the process well.
    clear(&mesh.node, &mesh.keys, "view").await;
    assert_eq!(health(&mesh.node).await, [Some(false); 4]);
    let seller = Seller::at(&mesh.node, &mesh.keys, "seller01");
    seller.write("의자").await.expect("it only says so");
    clear(&mesh.node, &mesh.keys, "post").await;
    assert_eq!(health(&mesh.node).await, [Some(true); 4]);
    // Whoever is started again has forgotten it.
    set(&mesh.node, &mesh.keys, json!({"context": "post", "unhealthy": true})).await;
    mesh.node.restart().await.unwrap();
    // Of its services one after the other is said to be ready.
    until(LONG, async || (health(&mesh.node).await == [Some(true); 4]).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_have_a_command_for_it() {
    let mesh = mesh().await;
    let well = "post: nothing is made to fail\n";
    let said = mesh.jangteo(&["fault", "show", "post"]).await.well();
    assert_eq!(said, well);
    let set = ["fault", "set", "post", "--latency", "700ms", "--error-rate", "0.3", "--hang"];
    let said = mesh.jangteo(&set).await.well();
    assert_eq!(said, "post: calls take 700 ms longer, 30 % of them fail, calls hang\n");
    assert_eq!(mesh.jangteo(&["fault", "show", "post"]).await.well(), said);
    let now = ask(&mesh.node, &mesh.keys, "GetFaults", json!({"context": "post"})).await.unwrap();
    assert_eq!((&now["latencyMs"], &now["errorPercent"]), (&json!("700"), &json!(30)));
    assert_eq!(mesh.jangteo(&["fault", "set", "post"]).await.well(), well);
    let unhealthy = mesh.jangteo(&["fault", "set", "post", "--unhealthy"]).await.well();
    assert_eq!(unhealthy, "post: its process says that it is unhealthy\n");
    assert_eq!(mesh.jangteo(&["fault", "clear", "post"]).await.well(), well);
    let ended = mesh.jangteo(&["fault", "set", "post", "--error-rate", "2"]).await;
    assert!(ended.err.contains("0 to 1"), "{ended:?}");
}
