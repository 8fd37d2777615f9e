//! What people write and who they are is in no span, figure or line, and where they meet in no event.

use async_nats::Message;
use futures::{Stream, StreamExt as _};
use jangteo_testing::{Collector, until};
use sea_orm::{ConnectionTrait as _, Database, Statement};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{SOON, exporting, start};
use crate::{gateway::web::Web, mesh::Mesh};

const SELLER: &str = "seller-of-secrets";
const GOODS: &str = "비밀스러운의자";
const PLACE: &str = "숨은동네";
const FORGED: &str = "forged-token-of-nobody";
const SEARCH: &str = "a-chair-to-hide";
const MEETING: &str = "비밀의출구앞";

/// A post that is written, refused, searched for and seen by the view, and a deal on it; answers the deal.
async fn sells(mesh: &Mesh) -> Value {
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
    let asked = json!({"post_id": post["id"]});
    let (offer, _) =
        mesh.call("buyer01", "offer.v1.OfferService/CreateOffer", asked).await.unwrap();
    let planned = json!({"offer_id": offer["id"], "meeting_place": MEETING});
    let (deal, _) = mesh.call(SELLER, "deal.v1.DealService/ReserveDeal", planned).await.unwrap();
    let elsewhere = json!({"id": deal["id"], "meeting_place": format!("{MEETING} 2")});
    mesh.call("buyer01", "deal.v1.DealService/RescheduleDeal", elsewhere).await.unwrap().0
}

/// The same at the gateway: what is searched for, and a path that leads nowhere.
async fn asks_the_gateway(mesh: &Mesh) {
    let web = Web::of(&mesh.node, &mesh.keys.user(SELLER));
    let body = json!({"goods": GOODS, "priceKrw": 5000, "neighbourhood": PLACE});
    for (answer, code) in [
        (web.post("/v1/posts", body).await, 200),
        (web.get(&format!("/v1/posts?text={SEARCH}")).await, 200),
        (web.get(&format!("/v1/{SEARCH}")).await, 404),
        (web.post("/v1/posts", json!({"goods": GOODS, "priceKrw": PLACE})).await, 400),
    ] {
        assert_eq!(answer.code, code, "{answer:?}");
    }
    let search = web.grpc("/jangteo.post.v1.PostService/ListPosts", json!({"text": SEARCH}));
    assert_eq!(search.send().await.unwrap().status().as_u16(), 200);
}

/// How many events in the journal of deals hold this text.
async fn journaled(mesh: &Mesh, text: &str) -> i64 {
    let file = mesh.node.data_dir().join("deal.db");
    let db = Database::connect(format!("sqlite://{}", file.display())).await.unwrap();
    let count = "SELECT count(*) FROM journal WHERE instr(payload, CAST(? AS BLOB)) > 0";
    let count = Statement::from_sql_and_values(db.get_database_backend(), count, [text.into()]);
    let row = db.query_one_raw(count).await.unwrap().expect("a count is a row");
    row.try_get_by_index(0).unwrap()
}

/// What is published until the last event of the sale has come.
async fn published(mut messages: impl Stream<Item = Message> + Unpin) -> Vec<Message> {
    let mut published = vec![];
    let all = async {
        while let Some(message) = messages.next().await {
            let is_last =
                message.subject.contains("deal") && message.subject.ends_with("Rescheduled");
            published.push(message);
            if is_last {
                return;
            }
        }
    };
    timeout(SOON, all).await.expect("the sale is published");
    published
}

#[tokio::test(flavor = "multi_thread")]
async fn where_people_meet_is_told_to_nobody_else() {
    let mesh = Mesh::start().await.unwrap();
    let messages = mesh.nats.client().await.unwrap().subscribe("jangteo.>").await.unwrap();
    let deal = sells(&mesh).await;
    assert!(deal["meetingPlace"].as_str().unwrap().starts_with(MEETING));
    let id = deal["id"].as_str().unwrap();
    assert_eq!((journaled(&mesh, id).await, journaled(&mesh, MEETING).await), (2, 0));
    let published = published(messages).await;
    let told = |text: &str| {
        let holds = |message: &&Message| {
            message.payload.windows(text.len()).any(|it| it == text.as_bytes())
        };
        published.iter().filter(holds).count()
    };
    assert_eq!((told(id) >= 2, told(MEETING)), (true, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_write_and_who_they_are_is_told_to_nobody() {
    let collector = Collector::start().await.unwrap();
    let url = collector.url();
    let mesh = start(|builder| exporting(builder, &url).env("RUST_LOG", "trace")).await.unwrap();
    sells(&mesh).await;
    asks_the_gateway(&mesh).await;
    until(SOON, async || {
        let spans = collector.spans();
        let all = ["GetMySale", "process jangteo.post", "ListPosts", "GET", "GET /v1/posts"];
        all.iter().all(|name| spans.iter().any(|span| span.name.ends_with(name))).then_some(())
    })
    .await;
    for figures in ["rpc.server.duration", "http.server.request.duration"] {
        until(SOON, async || collector.points(figures).pop()).await;
    }
    let (output, token) = (mesh.node.output(), mesh.keys.user(SELLER));
    let claims = token.split('.').nth(1).unwrap();
    for secret in [SELLER, GOODS, PLACE, SEARCH, MEETING, FORGED, &token, claims] {
        assert!(!collector.contains(secret), "{secret} was exported");
        let line = output.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "{secret} was logged: {line:?}");
    }
    assert!(collector.contains("CreatePost") && output.contains("CreatePost"));
}
