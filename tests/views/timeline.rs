//! Timelines: what happened, in its order, to whom it concerns.

use jangteo_testing::grpc;
use serde_json::{Value, json};
use tonic::{Code, Status};

use crate::{
    mesh::Mesh,
    seller::{Seller, reason},
};

async fn list(
    mesh: &Mesh,
    token: &str,
    rpc: &str,
    body: Value,
    written: &str,
) -> Result<Value, Status> {
    let path = format!("/jangteo.view.v1.TimelineService/{rpc}");
    let written = [("jangteo-token", written)];
    let metadata: grpc::Metadata<'_> = if written[0].1.is_empty() { &[] } else { &written };
    let answer = grpc::call(mesh.node.channel(), &path, body, Some(token), metadata).await?;
    Ok(grpc::json(&answer.0))
}

fn events(page: &Value) -> Vec<(String, String)> {
    let entries = page["entries"].as_array().cloned().unwrap_or_default();
    let text = |entry: &Value, field: &str| entry[field].as_str().unwrap_or_default().to_owned();
    entries.iter().map(|entry| (text(entry, "event"), text(entry, "sequence"))).collect()
}

fn named<const N: usize>(names: [&str; N]) -> Vec<(String, String)> {
    (1..).zip(names).map(|(at, name): (u32, _)| (name.to_owned(), at.to_string())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_tells_what_happened_to_it_to_those_whom_it_concerns() {
    let mesh = Mesh::start().await.unwrap();
    let seller = Seller::at(&mesh.node, &mesh.keys, "seller01");
    let post = seller.write("의자").await.unwrap();
    seller.reprice(&post.id, 9_000).await.unwrap();
    let last = seller.delete(&post.id).await.unwrap();
    let story = named(["PostWritten", "PostEdited", "PostDeleted"]);
    let asked = json!({"correlation_id": post.id});
    let [own, other] = ["seller01", "seller02"].map(|name| mesh.keys.user(name));
    let operator = mesh.keys.operator();

    let mine = list(&mesh, &own, "ListMyTimelineEntries", asked.clone(), &last.token).await;
    let mine = mine.unwrap();
    assert_eq!(events(&mine), story);
    for entry in mine["entries"].as_array().unwrap() {
        assert_eq!(entry["people"], json!(["seller01"]));
        assert_eq!(
            (&entry["correlationId"], &entry["aggregateId"]),
            (&json!(post.id), &json!(post.id))
        );
    }
    let all = list(&mesh, &operator, "ListTimelineEntries", asked.clone(), "").await.unwrap();
    assert_eq!(all["entries"], mine["entries"]);

    let none = list(&mesh, &other, "ListMyTimelineEntries", asked.clone(), "").await.unwrap_err();
    assert_eq!((none.code(), reason(&none).as_str()), (Code::NotFound, "TIMELINE_NOT_FOUND"));
    let none = list(&mesh, &operator, "ListMyTimelineEntries", asked, "").await.unwrap_err();
    assert_eq!(none.code(), Code::NotFound, "an operator has no more entries of his own");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_is_read_page_by_page() {
    let mesh = Mesh::start().await.unwrap();
    let seller = Seller::at(&mesh.node, &mesh.keys, "seller01");
    let mut last = seller.write("의자").await.unwrap();
    for price in 1..5 {
        last = seller.reprice(&last.id, 1_000 * price).await.unwrap();
    }
    let (own, operator) = (mesh.keys.user("seller01"), mesh.keys.operator());
    let mut asked = json!({"correlation_id": last.id, "page_size": 2});
    let (mut found, mut pages) = (vec![], 0);
    loop {
        let page = list(&mesh, &own, "ListMyTimelineEntries", asked.clone(), &last.token).await;
        let page = page.unwrap();
        found.extend(events(&page));
        pages += 1;
        match page["nextPageToken"].as_str() {
            None | Some("") => break,
            Some(token) => asked["page_token"] = json!(token),
        }
    }
    let story = ["PostWritten", "PostEdited", "PostEdited", "PostEdited", "PostEdited"];
    assert_eq!((found, pages), (named(story), 3));
    let foreign = list(&mesh, &operator, "ListTimelineEntries", asked, "").await.unwrap_err();
    assert_eq!(reason(&foreign), "PAGE_TOKEN_INVALID", "it is of another list");
}
