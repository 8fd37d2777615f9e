//! What people write and who they are is in no span, figure or line.

use jangteo_testing::{Collector, until};
use serde_json::json;

use super::{SOON, exporting, start};
use crate::mesh::Mesh;

const SELLER: &str = "seller-of-secrets";
const GOODS: &str = "비밀스러운의자";
const PLACE: &str = "숨은동네";
const FORGED: &str = "forged-token-of-nobody";

/// A post that is written, edited, refused, searched for and seen by the view.
async fn sells(mesh: &Mesh) {
    let body = json!({"goods": GOODS, "price_krw": 5000, "neighbourhood": PLACE});
    let (post, _) = mesh.call(SELLER, "post.v1.PostService/CreatePost", body).await.unwrap();
    let broken = json!({"goods": GOODS, "price_krw": -1, "neighbourhood": PLACE});
    mesh.call(SELLER, "post.v1.PostService/CreatePost", broken).await.unwrap_err();
    let search = json!({"text": GOODS});
    mesh.call(SELLER, "post.v1.PostService/ListPosts", search).await.unwrap();
    let forged = mesh.call_with(Some(FORGED), "view.v1.MySalesService/ListMySales", json!({}), &[]);
    forged.await.unwrap_err();
    until(SOON, async || {
        let asked = json!({"post_id": post["id"]});
        mesh.call(SELLER, "view.v1.MySalesService/GetMySale", asked).await.ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_write_and_who_they_are_is_told_to_nobody() {
    let collector = Collector::start().await.unwrap();
    let url = collector.url();
    let mesh = start(|builder| exporting(builder, &url).env("RUST_LOG", "trace")).await.unwrap();
    sells(&mesh).await;
    until(SOON, async || {
        let spans = collector.spans();
        let all = ["GetMySale", "process jangteo.post", "ListPosts"];
        all.iter().all(|name| spans.iter().any(|span| span.name.ends_with(name))).then_some(())
    })
    .await;
    until(SOON, async || collector.points("rpc.server.duration").pop()).await;
    let (output, token) = (mesh.node.output(), mesh.keys.user(SELLER));
    let claims = token.split('.').nth(1).unwrap();
    for secret in [SELLER, GOODS, PLACE, FORGED, &token, claims] {
        assert!(!collector.contains(secret), "{secret} was exported");
        let line = output.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "{secret} was logged: {line:?}");
    }
    assert!(collector.contains("CreatePost") && output.contains("CreatePost"));
}
