//! Who sees which posts, and who may change them.

use serde_json::json;
use tonic::Code;

use super::{
    market::{Client, Market},
    refusal::refused,
};
use crate::mesh::Database;

async fn written(seller: &Client) -> String {
    let post = json!({"goods": "무선마우스", "priceKrw": 10_000, "neighbourhood": "서초동"});
    seller.post("CreatePost", post).await.unwrap().id().to_owned()
}

/// How many posts of seller02 somebody finds.
async fn listed(reader: &Client) -> usize {
    let list = reader.post("ListPosts", json!({"seller": "seller02"})).await.unwrap();
    list.body["posts"].as_array().map_or(0, Vec::len)
}

/// A-F7
#[tokio::test(flavor = "multi_thread")]
async fn hidden_and_deleted_posts_are_no_posts_to_strangers() {
    let market = Market::on(Database::Sqlite).await;
    let seller = market.person("seller02");
    // A service named like the seller is not the seller.
    let others = [
        market.person("buyer01"),
        market.service("deal"),
        market.service("seller02"),
        market.stranger(),
    ];
    let id = written(&seller).await;
    let asked = json!({"id": id});
    for reader in &others {
        assert!(reader.post("GetPost", asked.clone()).await.is_ok());
        assert_eq!(listed(reader).await, 1);
    }
    for (method, state, own) in
        [("HidePost", "STATE_HIDDEN", 1), ("DeletePost", "STATE_DELETED", 0)]
    {
        seller.post(method, asked.clone()).await.unwrap();
        let post = seller.post("GetPost", asked.clone()).await.unwrap();
        assert_eq!(post.text("state"), state);
        assert_eq!(listed(&seller).await, own);
        for reader in &others {
            refused(reader.post("GetPost", asked.clone()).await, Code::NotFound, "POST_NOT_FOUND");
            assert_eq!(listed(reader).await, 0);
        }
    }
}

/// A-F6, A-F7
#[tokio::test(flavor = "multi_thread")]
async fn a_post_of_somebody_else_looks_like_no_post_to_whoever_would_change_it() {
    let market = Market::on(Database::Sqlite).await;
    let seller = market.person("seller02");
    let id = written(&seller).await;
    let before = seller.post("GetPost", json!({"id": id})).await.unwrap();
    let nowhere = "0190a7c5-0000-7000-8000-000000000000";
    let other = market.person("seller01");
    for method in ["UpdatePost", "DeletePost", "HidePost", "UnhidePost"] {
        let told = [&id, nowhere].map(async |id| {
            let answer = other.post(method, json!({"id": id})).await;
            refused(answer, Code::NotFound, "POST_NOT_FOUND").message().to_owned()
        });
        let [foreign, absent] = told;
        assert_eq!(foreign.await, absent.await, "{method}");
    }
    assert_eq!(seller.post("GetPost", json!({"id": id})).await.unwrap().body, before.body);
}

/// A-F8
#[tokio::test(flavor = "multi_thread")]
async fn my_page_shows_nobody_elses_sales() {
    let market = Market::on(Database::Sqlite).await;
    let seller = market.person("seller02");
    let post = json!({"goods": "무선마우스", "priceKrw": 10_000, "neighbourhood": "서초동"});
    let post = seller.post("CreatePost", post).await.unwrap();
    // His name in another case is another person's.
    for other in ["seller01", "SELLER02"].map(|name| market.person(name)) {
        let asked = json!({"postId": post.id()});
        let sale = other.my_sales("GetMySale", asked, &post.written).await;
        refused(sale, Code::NotFound, "MY_SALE_NOT_FOUND");
        let page = other.my_sales("ListMySales", json!({}), &post.written).await.unwrap();
        assert_eq!(page.body, json!({}));
    }
}
