//! The journals as their consumers read them: each event once, in order, and only what the broker
//! has acknowledged.

use std::collections::BTreeSet;

use jangteo_testing::{grpc, until};
use serde_json::{Value, json};
use tonic::{Code, Status};

use crate::{
    mesh::Mesh,
    seller::{LONG, Seller},
};

async fn ask(mesh: &Mesh, rpc: &str, token: &str, body: Value) -> Result<Value, Status> {
    let path = format!("/jangteo.journal.v1.JournalService/{rpc}");
    let answer = grpc::call(mesh.node.channel(), &path, body, Some(token), &[]).await?;
    Ok(grpc::json(&answer.0))
}

/// All pages of a list, joined.
async fn all(mesh: &Mesh, rpc: &str, list: &str, asked: Value) -> Vec<Value> {
    let (token, mut asked, mut rows) = (mesh.keys.service("view"), asked, vec![]);
    loop {
        let page = ask(mesh, rpc, &token, asked.clone()).await.unwrap();
        let found = page[list].as_array().cloned().unwrap_or_default();
        assert!(found.len() <= 4, "no more than was asked for");
        rows.extend(found);
        asked["page_token"] = page["nextPageToken"].clone();
        if asked["page_token"].as_str().unwrap_or_default().is_empty() {
            return rows;
        }
    }
}

async fn events(mesh: &Mesh) -> Vec<Value> {
    all(mesh, "ReadEvents", "events", json!({"context": "post", "page_size": 4})).await
}

fn text(row: &Value, field: &str) -> String {
    row[field].as_str().unwrap_or_default().to_owned()
}

fn sequence(row: &Value, field: &str) -> i64 {
    text(row, field).parse().unwrap()
}

/// Writes three posts, edits each twice, and waits until all nine events are acknowledged.
async fn nine_events() -> (Mesh, Seller, Vec<String>) {
    let mesh = Mesh::start().await.unwrap();
    let seller = Seller::at(&mesh.node, &mesh.keys, "seller01");
    let mut posts = vec![];
    for number in 0..3 {
        let post = seller.write(&format!("의자 {number}")).await.unwrap().id;
        seller.reprice(&post, 9_000).await.unwrap();
        seller.reprice(&post, 8_000).await.unwrap();
        posts.push(post);
    }
    until(LONG, async || (events(&mesh).await.len() == 9).then_some(())).await;
    (mesh, seller, posts)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_is_read_page_by_page_each_event_once_and_in_order() {
    let (mesh, _seller, posts) = nine_events().await;
    let events = events(&mesh).await;
    let place = |event: &Value| {
        (text(event, "kind"), text(event, "aggregateId"), sequence(event, "sequence"))
    };
    let places: Vec<_> = events.iter().map(place).collect();
    assert!(places.is_sorted(), "by kind, aggregate and sequence: {places:?}");
    assert_eq!(places.iter().collect::<BTreeSet<_>>().len(), 9, "each once");
    let of_one = json!({
        "context": "post", "kind": "post", "aggregate_id": posts[1], "from_sequence": 2,
        "page_size": 1,
    });
    let of_one = all(&mesh, "ReadEvents", "events", of_one).await;
    assert_eq!(of_one.iter().map(place).map(|place| place.2).collect::<Vec<_>>(), [2, 3]);
    assert!(of_one.iter().all(|event| text(event, "aggregateId") == posts[1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_tell_how_far_each_history_goes_and_what_is_new() {
    let (mesh, seller, posts) = nine_events().await;
    let asked = json!({"context": "post", "page_size": 2});
    let heads = all(&mesh, "ListHeads", "heads", asked).await;
    let ids: Vec<String> = heads.iter().map(|head| text(head, "aggregateId")).collect();
    assert!(ids.is_sorted() && ids.iter().collect::<BTreeSet<_>>() == posts.iter().collect());
    for head in &heads {
        assert_eq!((sequence(head, "ackedSequence"), sequence(head, "lastSequence")), (3, 3));
    }

    let operator = mesh.keys.operator();
    let first = ask(&mesh, "ListHeads", &operator, json!({"context": "post"})).await.unwrap();
    seller.delete(&posts[1]).await.unwrap();
    let since = json!({"context": "post", "since": first["time"]});
    let newer = until(LONG, async || {
        let newer = ask(&mesh, "ListHeads", &operator, since.clone()).await.unwrap();
        // The last of the nine may have been acknowledged in the same millisecond.
        let changed = |head: &&Value| text(head, "ackedSequence") == "4";
        newer["heads"].as_array().and_then(|heads| heads.iter().find(changed).cloned())
    });
    assert_eq!(text(&newer.await, "aggregateId"), posts[1]);
    let future = json!({"context": "post", "since": "2999-01-01T00:00:00Z"});
    let future = ask(&mesh, "ListHeads", &operator, future).await.unwrap();
    assert!(future["heads"].as_array().is_none_or(Vec::is_empty), "{future}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_broker_has_not_acknowledged_is_told_to_nobody() {
    let (mesh, seller, posts) = nine_events().await;
    mesh.nats.kill();
    seller.reprice(&posts[0], 7_000).await.unwrap();
    seller.write("책상").await.unwrap();
    assert_eq!(events(&mesh).await.len(), 9);
    let heads = json!({"context": "post", "page_size": 4});
    let heads = all(&mesh, "ListHeads", "heads", heads).await;
    assert_eq!(heads.len(), 3, "a post of which nothing was acknowledged is not there yet");
    let first = heads.iter().find(|head| text(head, "aggregateId") == posts[0]).unwrap();
    assert_eq!((sequence(first, "ackedSequence"), sequence(first, "lastSequence")), (3, 4));
    mesh.nats.restart().await.unwrap();
    until(LONG, async || (events(&mesh).await.len() == 11).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_is_for_services_and_operators() {
    let mesh = Mesh::start().await.unwrap();
    let asked = json!({"context": "post"});
    for rpc in ["ReadEvents", "ListHeads"] {
        for token in [mesh.keys.service("view"), mesh.keys.operator()] {
            ask(&mesh, rpc, &token, asked.clone()).await.unwrap();
        }
        let user = ask(&mesh, rpc, &mesh.keys.user("seller01"), asked.clone()).await;
        assert_eq!(user.unwrap_err().code(), Code::PermissionDenied);
        let nowhere = json!({"context": "nowhere"});
        let elsewhere = ask(&mesh, rpc, &mesh.keys.operator(), nowhere).await;
        assert_eq!(elsewhere.unwrap_err().code(), Code::NotFound);
    }
}
