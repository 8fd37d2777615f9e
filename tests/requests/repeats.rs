//! A request id makes one request of many.

use std::{slice, time::Duration};

use futures::future::join_all;
use jangteo_testing::until;
use serde_json::{Value, json};
use tonic::Code;
use uuid::Uuid;

use crate::stories::{
    market::{Client, Market, Reply, on_each_database},
    refusal::refused,
};

on_each_database!(
    a_request_that_comes_ten_times_has_one_effect_and_one_answer,
    an_answer_is_given_again_after_a_restart,
    a_refused_request_may_come_true_later,
);

const LIMIT: Duration = Duration::from_secs(30);

fn create(request_id: Uuid) -> Value {
    json!({
        "goods": "무선마우스", "priceKrw": 10_000, "neighbourhood": "서초동",
        "requestId": request_id.to_string(),
    })
}

fn some_id(number: u128) -> Uuid {
    Uuid::from_u128(0x0190_a7c5_0000_4000_8000_0000_0000_0000 + number)
}

/// The same request ten times at once, on two connections; all answers are one.
async fn ten_times(clients: [&Client; 2], method: &str, body: &Value) -> Reply {
    let calls = (0..10).map(|number| clients[number % 2].post(method, body.clone()));
    let answers: Vec<Reply> =
        join_all(calls).await.into_iter().collect::<Result<_, _>>().expect("each is answered");
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    answers[0].clone()
}

/// The posts of a seller.
async fn posts(seller: &Client, name: &str) -> Vec<Value> {
    let list = seller.post("ListPosts", json!({"seller": name, "pageSize": 100})).await.unwrap();
    list.body["posts"].as_array().cloned().unwrap_or_default()
}

/// A-F1, A-F6
async fn a_request_that_comes_ten_times_has_one_effect_and_one_answer(market: Market) {
    let seller = market.person("seller02");
    let clients = [&seller, &seller.elsewhere(&market)];
    let written = ten_times(clients, "CreatePost", &create(some_id(1))).await;
    assert!(!written.written.is_empty());
    assert_eq!(posts(&seller, "seller02").await, slice::from_ref(&written.body));

    // Each method has request ids of its own.
    let edit = json!({"id": written.id(), "priceKrw": 9_000, "requestId": some_id(1).to_string()});
    let edited = ten_times(clients, "UpdatePost", &edit).await;
    assert_eq!(edited.revision(), 2);

    // Later the first answers still stand, though the post has moved on.
    assert_eq!(ten_times(clients, "CreatePost", &create(some_id(1))).await, written);
    seller.post("HidePost", json!({"id": written.id()})).await.unwrap();
    assert_eq!(ten_times(clients, "UpdatePost", &edit).await, edited);

    // For another body the id is taken, whoever comes first.
    let mut other = create(some_id(1));
    other["priceKrw"] = json!(9_999);
    for client in clients {
        let status = refused(
            client.post("CreatePost", other.clone()).await,
            Code::InvalidArgument,
            "REQUEST_ID_REUSED",
        );
        assert!(status.message().contains("request_id"), "{status:?}");
    }
    // For somebody else it is not.
    let neighbour = market.person("Seller02");
    let his = neighbour.post("CreatePost", create(some_id(1))).await.unwrap();
    assert_ne!(his.id(), written.id());
    assert_eq!(posts(&neighbour, "Seller02").await.len(), 1);
    assert_eq!(posts(&seller, "seller02").await.len(), 1);
}

/// A-F1
async fn an_answer_is_given_again_after_a_restart(market: Market) {
    let seller = market.person("seller02");
    let first = seller.post("CreatePost", create(some_id(1))).await.unwrap();
    market.post().restart().await.unwrap();
    // The connection of before may first have to notice.
    let again = until(LIMIT, async || seller.post("CreatePost", create(some_id(1))).await.ok());
    assert_eq!(again.await, first);
    let mut other = create(some_id(1));
    other["goods"] = json!("유선마우스");
    let answer = seller.post("CreatePost", other).await;
    refused(answer, Code::InvalidArgument, "REQUEST_ID_REUSED");
    assert_eq!(posts(&seller, "seller02").await, [first.body]);
}

/// A-F3, A-F4, A-F7
async fn a_refused_request_may_come_true_later(market: Market) {
    let (seller, deal) = (market.person("seller02"), market.service("deal"));
    let id = seller.post("CreatePost", create(some_id(1))).await.unwrap().id().to_owned();
    let held = json!({
        "id": id, "dealId": some_id(2).to_string(), "offerId": some_id(3).to_string(),
        "seller": "seller02", "buyer": "buyer01", "agreedPriceKrw": 9_000, "callKey": "deals/2",
    });
    deal.post("ReservePost", held).await.unwrap();

    let delete = json!({"id": id, "requestId": some_id(4).to_string()});
    for _ in 0..2 {
        let answer = seller.post("DeletePost", delete.clone()).await;
        refused(answer, Code::FailedPrecondition, "POST_RESERVED");
    }
    let release = json!({"id": id, "dealId": some_id(2).to_string(), "callKey": "deals/2"});
    deal.post("ReleasePost", release).await.unwrap();
    let free = seller.post("GetPost", json!({"id": id})).await.unwrap();
    let deleted = seller.post("DeletePost", delete.clone()).await.unwrap();
    assert_eq!(deleted.revision(), free.revision() + 1);
    // From here on it is the first answer that counts, not the rule.
    assert_eq!(seller.post("DeletePost", delete).await.unwrap(), deleted);
    let anew = json!({"id": id, "requestId": some_id(5).to_string()});
    refused(seller.post("DeletePost", anew).await, Code::FailedPrecondition, "POST_DELETED");
}
