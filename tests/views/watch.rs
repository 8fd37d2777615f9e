//! Watching my-page: all there is, then every change, each once; and where to go on.

use serde_json::Value;
use tonic::Code;

use crate::{
    mesh::Mesh,
    seller::{Seller, Watch, reason},
};

async fn market() -> (Mesh, Seller) {
    let mesh = Mesh::start().await.unwrap();
    let seller = Seller::at(&mesh.node, &mesh.keys, "seller01");
    (mesh, seller)
}

/// What a change says in short: a new price, that a sale is gone, or that all begins anew.
fn said(change: &Value) -> (String, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if change["reset"].is_object() {
        return ("reset".to_owned(), String::new());
    }
    match &change["sale"] {
        Value::Null => (text(&change["removedPostId"]), "gone".to_owned()),
        sale => (text(&sale["postId"]), text(&sale["priceKrw"])),
    }
}

/// The next change in short, and the token to go on after it.
async fn next(watch: &mut Watch) -> ((String, String), String) {
    let change = watch.next().await.unwrap();
    (said(&change), change["resumeToken"].as_str().unwrap_or_default().to_owned())
}

fn is(id: &str, what: &str) -> (String, String) {
    (id.to_owned(), what.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_begins_with_all_there_is_and_goes_on_with_each_change() {
    let (mesh, seller) = market().await;
    let other = Seller::at(&mesh.node, &mesh.keys, "seller02");
    let [chair, desk] = ["의자", "책상"].map(|goods| seller.write(goods));
    let (chair, desk) = (chair.await.unwrap(), desk.await.unwrap());
    seller.sees(&chair.id).await;
    seller.sees(&desk.id).await;
    let mut watch = seller.watch("").await.unwrap();
    assert_eq!(next(&mut watch).await.0.0, "reset");
    let mut there = [next(&mut watch).await.0, next(&mut watch).await.0];
    there.sort();
    assert_eq!(there, [is(&chair.id, "10000"), is(&desk.id, "10000")]);

    let foreign = other.write("그릇").await.unwrap();
    other.sees(&foreign.id).await;
    seller.reprice(&desk.id, 9_000).await.unwrap();
    assert_eq!(next(&mut watch).await.0, is(&desk.id, "9000"), "nobody else's sale");
    seller.delete(&chair.id).await.unwrap();
    assert_eq!(next(&mut watch).await.0, is(&chair.id, "gone"));
    let mouse = seller.write("무선마우스").await.unwrap();
    assert_eq!(next(&mut watch).await.0, is(&mouse.id, "10000"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_that_is_taken_up_again_misses_nothing_and_repeats_nothing() {
    let (mesh, seller) = market().await;
    let chair = seller.write("의자").await.unwrap();
    let mut watch = seller.watch("").await.unwrap();
    assert_eq!(next(&mut watch).await.0.0, "reset");
    let (change, token) = next(&mut watch).await;
    assert_eq!(change, is(&chair.id, "10000"));
    drop(watch);
    seller.reprice(&chair.id, 9_000).await.unwrap();
    seller.sees_price(&chair.id, 9_000).await;
    let desk = seller.write("책상").await.unwrap();
    seller.sees(&desk.id).await;
    mesh.node.restart().await.unwrap();

    let mut watch = seller.watch(&token).await.unwrap();
    assert_eq!(next(&mut watch).await.0, is(&chair.id, "9000"));
    let (change, token) = next(&mut watch).await;
    assert_eq!(change, is(&desk.id, "10000"));
    let mut idle = seller.watch(&token).await.unwrap();
    seller.delete(&desk.id).await.unwrap();
    for watch in [&mut watch, &mut idle] {
        assert_eq!(next(watch).await.0, is(&desk.id, "gone"), "and nothing before it");
    }
    let refused = seller.watch("no token").await;
    let refused = match refused {
        Ok(mut watch) => watch.next().await.unwrap_err(),
        Err(refused) => refused,
    };
    let told = (refused.code(), reason(&refused));
    assert_eq!(told, (Code::InvalidArgument, "RESUME_TOKEN_INVALID".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_outlives_its_broker() {
    let (mesh, seller) = market().await;
    let chair = seller.write("의자").await.unwrap();
    let mut watch = seller.watch("").await.unwrap();
    assert_eq!(next(&mut watch).await.0.0, "reset");
    assert_eq!(next(&mut watch).await.0, is(&chair.id, "10000"));
    mesh.nats.kill();
    let desk = seller.write("책상").await.unwrap();
    mesh.nats.restart().await.unwrap();
    assert_eq!(next(&mut watch).await.0, is(&desk.id, "10000"));
}
