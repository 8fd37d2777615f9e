//! A seller edits, hides and deletes what he has written, and my-page follows.

use serde_json::{Value, json};
use tonic::Code;

use super::{
    market::{Client, Market, Reply},
    refusal::refused,
};
use crate::mesh::Database;

fn phone() -> Value {
    json!({"goods": "아이폰13 공기계", "priceKrw": 600_000, "neighbourhood": "방배동"})
}

/// What a post and the sale on my-page have in common.
fn common(body: &Value) -> [Value; 4] {
    ["goods", "priceKrw", "neighbourhood", "state"].map(|field| body[field].clone())
}

/// What my-page shows of a post once it has heard of this write; it must say the same.
async fn shown(seller: &Client, post: &Reply) -> Reply {
    let asked = json!({"postId": post.id()});
    let sale = seller.my_sales("GetMySale", asked, &post.written).await.unwrap();
    assert_eq!(common(&sale.body), common(&post.body));
    assert_eq!(sale.body["updateTime"], post.body["updateTime"]);
    sale
}

/// A-F1, A-F6
#[tokio::test(flavor = "multi_thread")]
async fn an_edit_changes_what_its_mask_names_and_my_page_follows() {
    let market = Market::on(Database::Sqlite).await;
    let seller = market.person("seller01");
    let first = seller.post("CreatePost", phone()).await.unwrap();
    assert_eq!(shown(&seller, &first).await.body["createTime"], first.body["createTime"]);

    // Both values come along; only one is named.
    let edit =
        json!({"id": first.id(), "goods": "갤럭시", "priceKrw": 550_000, "updateMask": "priceKrw"});
    let second = seller.post("UpdatePost", edit).await.unwrap();
    assert_eq!((second.text("goods"), second.text("priceKrw")), ("아이폰13 공기계", "550000"));
    shown(&seller, &second).await;

    // Without a mask: what is set.
    let edit = json!({"id": first.id(), "neighbourhood": "서초동"});
    let third = seller.post("UpdatePost", edit).await.unwrap();
    assert_eq!((third.text("neighbourhood"), third.text("priceKrw")), ("서초동", "550000"));
    shown(&seller, &third).await;

    for (mask, words) in [
        ("seller", "must name a field of the request"),
        ("id", "name only goods, price_krw and neighbourhood"),
        ("goods", "set every field that the mask names"),
    ] {
        let edit = json!({"id": first.id(), "updateMask": mask});
        let answer = seller.post("UpdatePost", edit).await;
        let status = refused(answer, Code::InvalidArgument, "FIELD_INVALID");
        assert!(status.message().contains(words), "{mask}: {status:?}");
    }
    let now = seller.post("GetPost", json!({"id": first.id()})).await.unwrap();
    assert_eq!(now.body, third.body);
}

/// A-F6
#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_says_what_stands_already_changes_nothing() {
    let market = Market::on(Database::Sqlite).await;
    let seller = market.person("seller01");
    let first = seller.post("CreatePost", phone()).await.unwrap();
    let same = json!({"id": first.id(), "priceKrw": 600_000});
    let again = seller.post("UpdatePost", same).await.unwrap();
    assert_eq!(again.body, first.body);
}

/// A-F6, A-F7
#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_an_older_version_is_told_to_read_again() {
    let market = Market::on(Database::Sqlite).await;
    let seller = market.person("seller01");
    let first = seller.post("CreatePost", phone()).await.unwrap();
    let (id, stale) = (first.id(), first.text("etag"));
    let edit = json!({"id": id, "priceKrw": 550_000, "etag": stale});
    let second = seller.post("UpdatePost", edit).await.unwrap();
    assert_ne!(second.text("etag"), stale);

    let edit = json!({"id": id, "priceKrw": 500_000, "etag": stale});
    refused(seller.post("UpdatePost", edit).await, Code::Aborted, "ETAG_MISMATCH");
    for method in ["DeletePost", "HidePost"] {
        let asked = json!({"id": id, "etag": stale});
        refused(seller.post(method, asked).await, Code::Aborted, "ETAG_MISMATCH");
    }
    let hidden =
        seller.post("HidePost", json!({"id": id, "etag": second.text("etag")})).await.unwrap();
    let asked = json!({"id": id, "etag": second.text("etag")});
    refused(seller.post("UnhidePost", asked).await, Code::Aborted, "ETAG_MISMATCH");
    let asked = json!({"id": id, "etag": hidden.text("etag")});
    let deleted = seller.post("DeletePost", asked).await.unwrap();
    assert_eq!(deleted.revision(), 4);
}

/// A-F7
#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_post_disappears_from_my_page_and_stays_deleted() {
    let market = Market::on(Database::Sqlite).await;
    let seller = market.person("seller01");
    let post = seller.post("CreatePost", phone()).await.unwrap();
    let kept = seller.post("CreatePost", phone()).await.unwrap();
    let id = json!({"id": post.id()});
    let deleted = seller.post("DeletePost", id.clone()).await.unwrap();
    assert_eq!(deleted.text("state"), "STATE_DELETED");

    let asked = json!({"postId": post.id()});
    let sale = seller.my_sales("GetMySale", asked, &deleted.written).await;
    refused(sale, Code::NotFound, "MY_SALE_NOT_FOUND");
    let page = seller.my_sales("ListMySales", json!({}), &kept.written).await.unwrap();
    let sales = page.body["sales"].as_array().unwrap();
    assert_eq!(sales.len(), 1);
    assert_eq!(sales[0]["postId"], kept.body["id"]);

    for method in ["UpdatePost", "DeletePost", "HidePost", "UnhidePost"] {
        let answer = seller.post(method, id.clone()).await;
        refused(answer, Code::FailedPrecondition, "POST_DELETED");
    }
}

/// A-F6
#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_post_can_be_edited_and_shown_again() {
    let market = Market::on(Database::Sqlite).await;
    let seller = market.person("seller01");
    let post = seller.post("CreatePost", phone()).await.unwrap();
    let id = json!({"id": post.id()});
    let shown_already = seller.post("UnhidePost", id.clone()).await;
    refused(shown_already, Code::FailedPrecondition, "POST_NOT_HIDDEN");

    let hidden = seller.post("HidePost", id.clone()).await.unwrap();
    assert_eq!(shown(&seller, &hidden).await.text("state"), "STATE_HIDDEN");
    assert_eq!(seller.post("HidePost", id.clone()).await.unwrap().body, hidden.body);

    let edit = json!({"id": post.id(), "priceKrw": 1});
    let edited = seller.post("UpdatePost", edit).await.unwrap();
    assert_eq!(shown(&seller, &edited).await.text("state"), "STATE_HIDDEN");

    let back = seller.post("UnhidePost", id).await.unwrap();
    let sale = shown(&seller, &back).await;
    assert_eq!((sale.text("state"), sale.text("priceKrw")), ("STATE_AVAILABLE", "1"));
}
