//! Messages in a stream that are no events of ours, or come in any order any number of times.

use async_nats::{HeaderMap, jetstream};
use jangteo::ops::v1::{ConsistencyToken, consistency_token::Written};
use jangteo_testing::{Nats, ports, tokens::Keys, until};
use serde_json::{Value, json};
use tonic::Code;
use uuid::Uuid;

use super::poison::held;
use crate::{
    mesh::{Mesh, node},
    seller::{LONG, Seller, at_rest, databases, reason, says, says_when},
};

/// Where the test publishes.
const SUBJECT: &str = "jangteo.post.p00.Test";

async fn jetstream(nats: &Nats) -> jetstream::Context {
    jetstream::new(nats.client().await.unwrap())
}

pub(super) async fn publish(nats: &Nats, headers: HeaderMap, payload: &'static [u8]) {
    let jetstream = jetstream(nats).await;
    let sent = jetstream.publish_with_headers(SUBJECT, headers, payload.into()).await.unwrap();
    sent.await.unwrap();
}

/// The headers of an event of an aggregate that is new.
pub(super) fn event(aggregate: Uuid, sequence: i64, type_name: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("Nats-Msg-Id", format!("{aggregate}/{sequence}")),
        ("ce-specversion", "1.0".to_owned()),
        ("ce-id", Uuid::from_u128(1).to_string()),
        ("ce-type", type_name.to_owned()),
        ("ce-source", "/jangteo/post".to_owned()),
        ("ce-subject", aggregate.to_string()),
        ("ce-time", "2026-11-21T00:00:00Z".to_owned()),
        ("ce-kind", "post".to_owned()),
        ("ce-sequence", sequence.to_string()),
        ("ce-correlationid", aggregate.to_string()),
        ("ce-causationid", Uuid::from_u128(2).to_string()),
    ] {
        headers.insert(name, value);
    }
    headers
}

/// What a writer of this event would have been answered.
fn token(aggregate: Uuid, sequence: i64) -> String {
    let (context, kind) = ("post".to_owned(), "post".to_owned());
    let aggregate_id = aggregate.as_bytes().to_vec();
    let written = vec![Written { context, kind, aggregate_id, sequence }];
    jangteo::token::encode(&ConsistencyToken { written }).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_no_event_is_passed_over_and_told() {
    let mesh = Mesh::start().await.unwrap();
    let seller = Seller::at(&mesh.node, &mesh.keys, "seller01");
    let before = seller.write("의자").await.unwrap();
    seller.sees(&before.id).await;
    publish(&mesh.nats, HeaderMap::new(), b"nothing").await;
    says(&mesh.node, &["message is no event", "`ce-"]).await;
    for (header, garbage) in [("ce-subject", "no uuid"), ("ce-sequence", "-3"), ("ce-time", "now")]
    {
        let mut headers = event(Uuid::from_u128(5), 1, "jangteo.post.v1.PostWritten");
        headers.insert(header, garbage);
        headers.insert("Nats-Msg-Id", header);
        publish(&mesh.nats, headers, b"").await;
        says(&mesh.node, &["message is no event", &format!("`{header}`")]).await;
    }
    let after = seller.write("책상").await.unwrap();
    seller.sees(&after.id).await;
    at_rest(databases(&mesh.node), seller.history(true), None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_cannot_be_applied_parks_its_aggregate_alone() {
    let mesh = Mesh::start().await.unwrap();
    let seller = Seller::at(&mesh.node, &mesh.keys, "seller01");
    let before = seller.write("의자").await.unwrap();
    seller.sees(&before.id).await;
    let aggregate = Uuid::from_u128(7);
    publish(&mesh.nats, event(aggregate, 1, "jangteo.post.v1.PostWritten"), b"\xff\xff").await;
    publish(&mesh.nats, event(aggregate, 2, "jangteo.post.v1.PostHidden"), b"").await;
    says(&mesh.node, &["aggregate is parked", "PostWritten"]).await;

    let id = aggregate.to_string();
    for sequence in [1, 2] {
        let parked = seller.sale_since(&id, &token(aggregate, sequence)).await.unwrap_err();
        assert_eq!(parked.code(), Code::Unavailable, "{parked:?}");
        assert_eq!(reason(&parked), "VIEW_PARKED");
        assert!(says_when(&parked), "{parked:?}");
    }
    seller.reprice(&before.id, 50_000).await.unwrap();
    seller.sees_price(&before.id, 50_000).await;
    let after = seller.write("책상").await.unwrap();
    seller.sees(&after.id).await;
}

/// What an operator does about it, at a prompt.
#[tokio::test(flavor = "multi_thread")]
async fn an_operator_looks_at_dead_letters_tries_again_and_passes_over() {
    let mesh = Mesh::start().await.unwrap();
    let seller = Seller::at(&mesh.node, &mesh.keys, "seller01");
    let before = seller.write("의자").await.unwrap();
    seller.sees(&before.id).await;
    let aggregate = Uuid::from_u128(7);
    publish(&mesh.nats, event(aggregate, 1, "jangteo.post.v1.PostWritten"), b"\xff\xff").await;
    publish(&mesh.nats, event(aggregate, 2, "jangteo.post.v9.PostPainted"), b"").await;
    let deadletter = async |args: &[&str]| mesh.jangteo(&[&["deadletter"], args].concat()).await;
    // Each read model has its own.
    let listed = until(LONG, async || {
        let said = deadletter(&["list"]).await.well();
        // The second event waits behind the first one, once it has come, too.
        let behind =
            said.matches("jangteo.post.v1.PostWritten, tried 1 times, 1 more wait").count();
        (behind == MODELS.len()).then_some(said)
    });
    let listed = listed.await;
    assert!(listed.contains(&format!("{} dead letters", MODELS.len())), "{listed}");
    let place = format!("post/post/{aggregate}/1");
    let sale = format!("view/my_sales@1/{place}");
    assert!(listed.contains(&sale), "{listed}");
    let of_offers = deadletter(&["list", "--context", "offer"]).await.well();
    assert!(of_offers == "0 dead letters\n", "{of_offers}");
    let shown: Value = serde_json::from_str(&deadletter(&["show", &sale]).await.well()).unwrap();
    assert_eq!((&shown["waiting"], &shown["event"]["says"]), (&json!(1), &Value::Null), "{shown}");

    let again = deadletter(&["redrive", &sale]).await;
    assert!(again.code == Some(1) && again.err.contains("stays parked"), "{again:?}");
    let shown: Value = serde_json::from_str(&deadletter(&["show", &sale]).await.well()).unwrap();
    assert_eq!(shown["attempts"], 2);
    let all = deadletter(&["redrive", "--all"]).await;
    assert!(all.code == Some(1) && all.err.contains("3 of 3"), "{all:?}");
    deadletter(&["discard", &sale]).await.well();
    let gone = deadletter(&["discard", &sale]).await;
    assert!(gone.code == Some(1) && gone.err.contains("no such dead letter"), "{gone:?}");
    let elsewhere = deadletter(&["show", &format!("weather/x/{place}")]).await;
    assert!(elsewhere.err.contains("does not serve `weather`"), "{elsewhere:?}");
    // My-page knows now that there is nothing.
    let seen = async || seller.sale_since(&aggregate.to_string(), &token(aggregate, 2)).await;
    assert_eq!(seen().await.unwrap_err().code(), Code::NotFound);
    let left = deadletter(&["list"]).await.well();
    assert!(left.ends_with("2 dead letters\n") && !left.contains("my_sales"), "{left}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_an_unknown_type_is_of_no_interest_and_holds_nothing_up() {
    let mesh = Mesh::start().await.unwrap();
    let seller = Seller::at(&mesh.node, &mesh.keys, "seller01");
    let before = seller.write("의자").await.unwrap();
    seller.sees(&before.id).await;
    let aggregate = Uuid::from_u128(8);
    publish(&mesh.nats, event(aggregate, 1, "jangteo.post.v9.PostPainted"), b"\xff\xff").await;
    let seen = until(LONG, async || {
        let sale = seller.sale_since(&aggregate.to_string(), &token(aggregate, 1)).await;
        sale.err().filter(|status| reason(status) != "VIEW_BEHIND")
    });
    assert_eq!(seen.await.code(), Code::NotFound, "its gate has moved, and there is no sale");
}

/// The read models that follow posts: each holds an event for itself.
const MODELS: [&str; 3] = ["my_sales", "my_deals", "timeline"];

/// Rebuilds a read model for the first time, and waits until it serves.
async fn rebuilt(mesh: &Mesh, model: &str) {
    let rebuild = async |rpc: &str, body: Value| {
        let rpc = format!("view.v1.RebuildService/{rpc}");
        mesh.call_with(Some(&mesh.keys.operator()), &rpc, body, &[]).await.unwrap().0
    };
    rebuild("RebuildReadModel", json!({"read_model": model})).await;
    until(LONG, async || {
        let asked = json!({"read_model": model, "generation": 2});
        let now = rebuild("GetReadModelGeneration", asked).await;
        (now["state"] == "STATE_SERVING").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_behind_a_gap_that_never_closes_waits_and_holds_no_rebuild_up() {
    let mesh = Mesh::start().await.unwrap();
    let seller = Seller::at(&mesh.node, &mesh.keys, "seller01");
    let before = seller.write("의자").await.unwrap();
    seller.sees(&before.id).await;
    publish(&mesh.nats, event(Uuid::from_u128(9), 2, "jangteo.post.v1.PostHidden"), b"").await;
    let [_, view] = databases(&mesh.node);
    until(LONG, async || (held(&view).await == 3).then_some(())).await;

    for model in MODELS {
        rebuilt(&mesh, model).await;
    }
    assert_eq!(held(&view).await, 0, "it went with the generations that held it");
    at_rest(databases(&mesh.node), seller.history(true), None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_five_times_and_in_any_order_are_applied_once_and_in_order() {
    let nats = Nats::start().await.unwrap();
    let post = node(&nats).contexts(["post"]).start().await.unwrap();
    let key_dir = post.data_dir().join("keys");
    let keys = Keys::open(&key_dir).await.unwrap();
    let seller = Seller::at(&post, &keys, "seller01");
    let mut posts = vec![];
    for number in 0..6 {
        let id = seller.write(&format!("의자 {number}")).await.unwrap().id;
        for price in [11_000, 12_000, 13_000] {
            seller.reprice(&id, price).await.unwrap();
        }
        posts.push(id);
    }
    let gone = posts.pop().unwrap();
    seller.delete(&gone).await.unwrap();
    shuffle(&nats, 6 * 4 + 1).await;

    // Its source does not answer: the messages are all it gets.
    let nowhere = format!("http://127.0.0.1:{}", ports::free());
    let view = node(&nats).contexts(["view"]).key_dir(key_dir).peer("post", nowhere);
    let view = view.start().await.unwrap();
    let reader = Seller::at(&view, &keys, "seller01");
    for id in &posts {
        reader.sees_price(id, 13_000).await;
    }
    let [history, _] = databases(&post);
    let [_, page] = databases(&view);
    at_rest([history, page], seller.history(true), Some(&nats)).await;
    assert_eq!(reader.sale(&gone).await.unwrap_err().code(), Code::NotFound);
}

/// Puts five of each message in the place of each, far from where they were.
async fn shuffle(nats: &Nats, count: u64) {
    let jetstream = jetstream(nats).await;
    let full = until(LONG, async || {
        let stream = jetstream.get_stream("POST").await.ok()?;
        (stream.cached_info().state.messages == count).then_some(stream)
    });
    let stream = full.await;
    let mut messages = vec![];
    for sequence in 1..=count {
        messages.push(stream.get_raw_message(sequence).await.unwrap());
    }
    stream.purge().await.unwrap();
    // Steps of a prime visit every place once, in no order that anything was written in.
    let places = 5 * messages.len();
    for place in (0..places).map(|step| step * 7919 % places) {
        let message = &messages[place % messages.len()];
        let mut headers = message.headers.clone();
        headers.insert("Nats-Msg-Id", format!("again/{place}"));
        let (subject, payload) = (message.subject.clone(), message.payload.clone());
        let sent = jetstream.publish_with_headers(subject, headers, payload).await.unwrap();
        sent.await.unwrap();
    }
}
