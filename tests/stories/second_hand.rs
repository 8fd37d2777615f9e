//! Story A: second-hand goods, with the original data.

use std::time::Duration;

use jangteo_testing::until;
use serde_json::json;

use crate::mesh::Mesh;

/// A-T1, A-T10
#[tokio::test(flavor = "multi_thread")]
async fn a_post_arrives_on_its_sellers_my_page() {
    let mesh = Mesh::start().await.unwrap();
    let post = json!({"goods": "아이폰13 공기계", "price_krw": 600_000, "neighbourhood": "방배동"});
    let (post, _) = mesh.call("seller01", "post.v1.PostService/CreatePost", post).await.unwrap();
    let sale = until(Duration::from_secs(10), async || {
        let asked = json!({"post_id": post["id"]});
        mesh.call("seller01", "view.v1.MySalesService/GetMySale", asked).await.ok()
    });
    let (sale, _) = sale.await;
    assert_eq!(sale["goods"], "아이폰13 공기계");
}
