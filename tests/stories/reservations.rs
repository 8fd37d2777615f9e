//! A post is reserved for one deal at a time.

use std::time::Duration;

use jangteo_testing::until;
use serde_json::{Value, json};
use tonic::Code;
use uuid::Uuid;

use super::{
    market::{Client, Market, Reply, on_each_database},
    refusal::{refused, says_when_to_retry},
};
use crate::mesh::Database;

on_each_database!(of_two_deals_at_once_exactly_one_gets_the_post);

const ROUNDS: u32 = 100;
const LIMIT: Duration = Duration::from_secs(30);

async fn mouse(seller: &Client) -> Reply {
    let post = json!({"goods": "무선마우스", "priceKrw": 10_000, "neighbourhood": "서초동"});
    seller.post("CreatePost", post).await.unwrap()
}

async fn now(reader: &Client, post: &str) -> Reply {
    reader.post("GetPost", json!({"id": post})).await.unwrap()
}

fn deal(number: u32) -> String {
    Uuid::from_u128(0x0190_a7c5_0000_7000_8000_0000_0000_0000 + u128::from(number)).to_string()
}

fn reservation(post: &str, deal: &str) -> Value {
    json!({
        "id": post, "dealId": deal, "offerId": "0190a7c5-0000-7000-8000-ffffffffffff",
        "seller": "seller02", "buyer": "buyer01", "agreedPriceKrw": 9_000, "callKey": key(deal),
    })
}

fn release(post: &str, deal: &str) -> Value {
    json!({"id": post, "dealId": deal, "callKey": key(deal)})
}

/// A deal asks for its post once, so its id names the call.
fn key(deal: &str) -> String {
    format!("deals/{deal}")
}

/// A-F3, A-F4
async fn of_two_deals_at_once_exactly_one_gets_the_post(market: Market) {
    let post = mouse(&market.person("seller02")).await;
    let one = market.service("deal");
    let other = one.elsewhere(&market);
    let mut revision = post.revision();
    for round in 0..ROUNDS {
        let deals = [deal(2 * round), deal(2 * round + 1)];
        let [first, second] = deals.each_ref().map(|deal| reservation(post.id(), deal));
        let (first, second) =
            tokio::join!(one.post("ReservePost", first), other.post("ReservePost", second));
        let [winner, loser] = if first.is_ok() { [0, 1] } else { [1, 0] };
        let (won, lost) = if first.is_ok() { (first, second) } else { (second, first) };
        let (won, lost) = (
            won.expect("one deal gets it"),
            refused(lost, Code::FailedPrecondition, "POST_RESERVED"),
        );
        assert!(says_when_to_retry(&lost), "{lost:?}");
        // Neither the loser's own release nor a repeat of the winner's question changes anything.
        one.post("ReleasePost", release(post.id(), &deals[loser])).await.unwrap();
        let same = one.post("ReservePost", reservation(post.id(), &deals[winner])).await.unwrap();
        assert_eq!((&now(&one, post.id()).await.body, &same.body), (&won.body, &won.body));
        one.post("ReleasePost", release(post.id(), &deals[winner])).await.unwrap();
        let free = now(&one, post.id()).await;
        assert_eq!(free.text("state"), "STATE_AVAILABLE");
        // Reserved and released: nothing else has happened.
        revision += 2;
        assert_eq!(free.revision(), revision);
    }
}

/// A-F3, A-F4, A-T10
#[tokio::test(flavor = "multi_thread")]
async fn my_page_shows_the_agreement_while_it_lasts() {
    let market = Market::on(Database::Sqlite).await;
    let (seller, context) = (market.person("seller02"), market.service("deal"));
    let post = mouse(&seller).await;
    let asked = json!({"postId": post.id()});

    let reserved = context.post("ReservePost", reservation(post.id(), &deal(1))).await.unwrap();
    assert_eq!(reserved.text("agreedPriceKrw"), "9000");
    let sale = seller.my_sales("GetMySale", asked.clone(), &reserved.written).await.unwrap();
    for (field, value) in [
        ("state", "STATE_RESERVED"),
        ("agreedPriceKrw", "9000"),
        ("priceKrw", "10000"),
        ("buyer", "buyer01"),
        ("dealId", deal(1).as_str()),
    ] {
        assert_eq!(sale.text(field), value, "{field}");
    }

    context.post("ReleasePost", release(post.id(), &deal(1))).await.unwrap();
    let sale = until(LIMIT, async || {
        let sale = seller.my_sales("GetMySale", asked.clone(), "").await.unwrap();
        (sale.text("state") == "STATE_AVAILABLE").then_some(sale)
    });
    let sale = sale.await;
    assert_eq!(sale.text("priceKrw"), "10000");
    for gone in ["agreedPriceKrw", "buyer", "dealId"] {
        assert!(sale.body.get(gone).is_none(), "{gone}");
    }
}

/// A-F3
#[tokio::test(flavor = "multi_thread")]
async fn a_reserved_post_is_neither_edited_nor_hidden_nor_deleted() {
    let market = Market::on(Database::Sqlite).await;
    let (seller, context) = (market.person("seller02"), market.service("deal"));
    let post = mouse(&seller).await;
    let reserved = context.post("ReservePost", reservation(post.id(), &deal(1))).await.unwrap();
    for method in ["UpdatePost", "HidePost", "DeletePost"] {
        let answer = seller.post(method, json!({"id": post.id()})).await;
        let status = refused(answer, Code::FailedPrecondition, "POST_RESERVED");
        assert!(says_when_to_retry(&status), "{method}");
    }
    let answer = seller.post("UnhidePost", json!({"id": post.id()})).await;
    refused(answer, Code::FailedPrecondition, "POST_NOT_HIDDEN");
    let now = market.stranger().post("GetPost", json!({"id": post.id()})).await.unwrap();
    assert_eq!(now.body, reserved.body);
}

/// A-F3
#[tokio::test(flavor = "multi_thread")]
async fn only_an_available_post_of_this_seller_is_reserved_for_somebody_else() {
    let market = Market::on(Database::Sqlite).await;
    let (seller, context) = (market.person("seller02"), market.service("deal"));
    let id = mouse(&seller).await.id().to_owned();
    // Each is a question of its own: what was answered once is not asked again.
    let reserve = async |number: u32, change: Value| {
        let mut asked = reservation(&id, &deal(number));
        asked.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        context.post("ReservePost", asked).await
    };
    let own = reserve(1, json!({"buyer": "seller02"})).await;
    refused(own, Code::FailedPrecondition, "OWN_POST");
    let foreign = reserve(2, json!({"seller": "seller01"})).await;
    refused(foreign, Code::NotFound, "POST_NOT_FOUND");
    let absent = reserve(3, json!({"id": deal(7)})).await;
    refused(absent, Code::NotFound, "POST_NOT_FOUND");
    seller.post("HidePost", json!({"id": id})).await.unwrap();
    refused(reserve(4, json!({})).await, Code::FailedPrecondition, "POST_HIDDEN");
    // Letting go of what is not held changes nothing, and is no error.
    context.post("ReleasePost", release(&id, &deal(4))).await.unwrap();
    let kept = now(&seller, &id).await;
    assert_eq!((kept.text("state"), kept.revision()), ("STATE_HIDDEN", 2));
    seller.post("DeletePost", json!({"id": id})).await.unwrap();
    refused(reserve(5, json!({})).await, Code::FailedPrecondition, "POST_DELETED");
}

/// A-F3: a no stands, and so does the end of a question.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_or_undone_is_not_decided_again() {
    let market = Market::on(Database::Sqlite).await;
    let (seller, context) = (market.person("seller02"), market.service("deal"));
    let id = mouse(&seller).await.id().to_owned();
    let reserve = async |number| context.post("ReservePost", reservation(&id, &deal(number))).await;
    seller.post("HidePost", json!({"id": id})).await.unwrap();
    refused(reserve(1).await, Code::FailedPrecondition, "POST_HIDDEN");
    seller.post("UnhidePost", json!({"id": id})).await.unwrap();
    refused(reserve(1).await, Code::FailedPrecondition, "POST_HIDDEN");
    // Undone before it came.
    context.post("ReleasePost", release(&id, &deal(2))).await.unwrap();
    reserve(2).await.expect_err("a question that was undone comes too late");
    assert_eq!(now(&seller, &id).await.text("state"), "STATE_AVAILABLE");
    reserve(3).await.unwrap();
}
