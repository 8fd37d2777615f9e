//! Pages stay whole while posts are written and deleted between them.

use serde_json::{Value, json};
use tonic::Code;

use super::{
    market::{Client, Market, Reply, on_each_database},
    refusal::refused,
};

on_each_database!(pages_stay_whole_while_posts_come_and_go);

async fn write(seller: &Client, goods: &str) -> Reply {
    let post = json!({"goods": goods, "priceKrw": 10_000, "neighbourhood": "방배동"});
    seller.post("CreatePost", post).await.unwrap()
}

async fn delete(seller: &Client, post: &Reply) -> Reply {
    seller.post("DeletePost", json!({"id": post.id()})).await.unwrap()
}

/// The ids of a page of posts or sales, and the token of the next one.
fn page(reply: &Reply) -> (Vec<String>, String) {
    let rows = reply.body["posts"].as_array().or(reply.body["sales"].as_array());
    let id = |row: &Value| row["id"].as_str().or(row["postId"].as_str()).unwrap().to_owned();
    let ids = rows.into_iter().flatten().map(id).collect();
    (ids, reply.text("nextPageToken").to_owned())
}

/// Reads posts and my-page side by side, three at a time.
async fn read(seller: &Client, tokens: [&str; 2], written: &str) -> [(Vec<String>, String); 2] {
    let posts = json!({"seller": "seller01", "pageSize": 3, "pageToken": tokens[0]});
    let sales = json!({"pageSize": 3, "pageToken": tokens[1]});
    let posts = seller.post("ListPosts", posts).await.unwrap();
    let sales = seller.my_sales("ListMySales", sales, written).await.unwrap();
    [page(&posts), page(&sales)]
}

/// A-F8
async fn pages_stay_whole_while_posts_come_and_go(market: Market) {
    let seller = market.person("seller01");
    let mut posts = vec![];
    for number in 0..9 {
        posts.push(write(&seller, &format!("goods {number}")).await);
    }
    let id = |number: usize| posts[number].id().to_owned();
    let ids = |numbers: [usize; 3]| numbers.map(id).to_vec();

    let [first, my_first] = read(&seller, ["", ""], &posts[8].written).await;
    assert_eq!((&first.0, &my_first.0), (&ids([8, 7, 6]), &ids([8, 7, 6])));

    // One comes, one that was seen goes, one that was the end of the page goes, one ahead goes.
    write(&seller, "late").await;
    delete(&seller, &posts[8]).await;
    delete(&seller, &posts[6]).await;
    let gone = delete(&seller, &posts[4]).await;
    let [second, my_second] = read(&seller, [&first.1, &my_first.1], &gone.written).await;
    assert_eq!((&second.0, &my_second.0), (&ids([5, 3, 2]), &ids([5, 3, 2])));

    let [last, my_last] = read(&seller, [&second.1, &my_second.1], "").await;
    assert_eq!((&last.0, &my_last.0), (&vec![id(1), id(0)], &vec![id(1), id(0)]));
    assert_eq!((last.1, my_last.1), (String::new(), String::new()));
}

/// A-F8
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_just_full_is_the_last_one() {
    let market = Market::on(crate::mesh::Database::Sqlite).await;
    let seller = market.person("seller01");
    for _ in 0..3 {
        write(&seller, "의자").await;
    }
    let list =
        seller.post("ListPosts", json!({"seller": "seller01", "pageSize": 3})).await.unwrap();
    let (ids, next) = page(&list);
    assert_eq!((ids.len(), next.as_str()), (3, ""));
}

/// A-F8
#[tokio::test(flavor = "multi_thread")]
async fn the_page_token_of_another_list_is_refused() {
    let market = Market::on(crate::mesh::Database::Sqlite).await;
    let seller = market.person("seller01");
    let mut written = String::new();
    for _ in 0..3 {
        written = write(&seller, "의자").await.written;
    }
    let list = seller.post("ListPosts", json!({"pageSize": 1, "text": "의자"})).await.unwrap();
    let token = page(&list).1;
    let sales = seller.my_sales("ListMySales", json!({"pageSize": 1}), &written).await.unwrap();
    let my_token = page(&sales).1;
    for asked in [
        json!({"pageToken": token}),
        json!({"pageToken": token, "text": "책상"}),
        json!({"pageToken": token, "text": "의자", "state": "STATE_AVAILABLE"}),
        json!({"pageToken": token, "text": "의자", "seller": "seller01"}),
        json!({"pageToken": token, "text": "의자", "neighbourhood": "방배동"}),
        json!({"pageToken": my_token}),
        json!({"pageToken": "garbage"}),
        json!({"pageToken": "%%%"}),
    ] {
        let answer = seller.post("ListPosts", asked.clone()).await;
        refused(answer, Code::InvalidArgument, "PAGE_TOKEN_INVALID");
    }
    let other = market.person("seller02");
    let other = other.my_sales("ListMySales", json!({"pageToken": my_token}), "");
    refused(other.await, Code::InvalidArgument, "PAGE_TOKEN_INVALID");
    // The size of a page is not part of the list.
    let asked = json!({"pageToken": token, "text": "의자", "pageSize": 100});
    assert_eq!(page(&seller.post("ListPosts", asked).await.unwrap()).0.len(), 2);
}
