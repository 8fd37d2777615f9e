//! What is known to go wrong in such a market, one test for each.

use jangteo_testing::grpc;
use serde_json::json;
use tonic::Code;

use super::{
    market::Market,
    refusal::{refused, says_when_to_retry},
    trade::states,
};
use crate::mesh::Database;

const NOBODYS: &str = "0190a7c5-0000-7000-8000-00000000ffff";

/// A.14-1
#[tokio::test(flavor = "multi_thread")]
async fn asking_for_a_post_reserves_nothing_and_touches_no_deal() {
    let market = Market::on(Database::Sqlite).await;
    let (seller, buyer) = (market.person("seller01"), market.person("buyer01"));
    let (phone, mouse) = (seller.sells_phone().await, seller.writes("무선마우스", 10_000).await);
    let offer = buyer.requests(&mouse).await.unwrap();
    let deal = seller.reserves(offer.id()).await.unwrap();
    let asked = market.person("buyer02").requests(&phone).await.unwrap();
    seller.sees_sale(&mouse, "STATE_RESERVED").await;
    market.rests().await;
    assert_eq!(seller.deals().await, [deal.body], "the one there was, as it was");
    let phone = seller.post("GetPost", json!({"id": phone})).await.unwrap();
    assert_eq!(phone.text("state"), "STATE_AVAILABLE");
    market.operator().finds("offer", asked.id(), &["DealOffered"]).await;
}

/// A.14-2
#[tokio::test(flavor = "multi_thread")]
async fn nobody_asks_for_what_is_not_there_not_for_sale_or_his_own() {
    let market = Market::on(Database::Sqlite).await;
    let (seller, buyer) = (market.person("seller01"), market.person("buyer01"));
    let [hidden, deleted, own] =
        [seller.sells_phone().await, seller.sells_phone().await, seller.sells_phone().await];
    seller.post("HidePost", json!({"id": hidden})).await.unwrap();
    seller.post("DeletePost", json!({"id": deleted})).await.unwrap();
    // What its seller has taken off the lists is not there for others.
    for post in [NOBODYS, &hidden, &deleted] {
        refused(buyer.requests(post).await, Code::NotFound, "POST_NOT_FOUND");
        refused(buyer.proposes(post, 1).await, Code::NotFound, "POST_NOT_FOUND");
    }
    refused(seller.requests(&own).await, Code::FailedPrecondition, "OWN_POST");
    market.rests().await;
    for person in [&seller, &buyer] {
        let page = person.offer("ListOffers", json!({})).await.unwrap();
        assert_eq!(page.body, json!({}), "nothing came of any");
    }
}

/// A.14-2
#[tokio::test(flavor = "multi_thread")]
async fn only_the_seller_makes_a_deal_and_one_for_a_post_at_the_price_agreed_on() {
    let market = Market::on(Database::Sqlite).await;
    let (seller, buyer) = (market.person("seller01"), market.person("buyer01"));
    let post = seller.sells_phone().await;
    let request = market.person("buyer02").requests(&post).await.unwrap().id().to_owned();
    let proposal = buyer.proposes(&post, 500_000).await.unwrap().id().to_owned();
    for stranger in [&buyer, &market.person("seller02")] {
        refused(stranger.reserves(&proposal).await, Code::NotFound, "OFFER_NOT_FOUND");
        refused(stranger.reserves(&request).await, Code::NotFound, "OFFER_NOT_FOUND");
    }
    refused(seller.reserves(NOBODYS).await, Code::NotFound, "OFFER_NOT_FOUND");
    let answer = seller.reserves(&proposal).await;
    refused(answer, Code::FailedPrecondition, "OFFER_NOT_ACCEPTED");

    seller.offer("AcceptOffer", json!({"id": proposal})).await.unwrap();
    // A new price is for those who have not made their offer yet.
    seller.post("UpdatePost", json!({"id": post, "priceKrw": 700_000})).await.unwrap();
    let deal = seller.reserves(&proposal).await.unwrap();
    assert_eq!((deal.text("priceKrw"), deal.text("buyer")), ("500000", "buyer01"));
    let answer = seller.reserves(&request).await;
    let status = refused(answer, Code::FailedPrecondition, "ANOTHER_OFFER_ACCEPTED");
    assert!(says_when_to_retry(&status));
    refused(seller.reserves(&proposal).await, Code::FailedPrecondition, "OFFER_IN_DEAL");
    market.rests().await;
    assert_eq!(states(&seller.deals().await), ["STATE_RESERVED"]);
}

/// A.14-3
#[tokio::test(flavor = "multi_thread")]
async fn every_offer_is_of_a_kind_and_told_whatever_else_a_client_sends() {
    let market = Market::on(Database::Sqlite).await;
    let (seller, buyer) = (market.person("seller01"), market.person("buyer01"));
    let post = seller.sells_phone().await;
    // A kind and a state of the client's own, in fields that no contract has.
    let [id, kind] = [(1, post.as_str()), (30, "dealNegotiatedPrice")].map(|(number, text)| {
        let mut field = vec![];
        prost::encoding::string::encode(number, &text.to_owned(), &mut field);
        field
    });
    let path = "/jangteo.offer.v1.OfferService/CreateOffer";
    let token = market.keys.user("buyer01");
    let body = [id, kind].concat().into();
    let channel = market.node("offer").channel();
    grpc::raw(channel, path, body, Some(&token), &[]).await.unwrap();
    let offers = buyer.offers(&post).await;
    assert_eq!(offers[0]["type"], "TYPE_PURCHASE_REQUEST");
    let id = offers[0]["id"].as_str().unwrap();
    // No state in sight: the intent is in the method's name.
    seller.offer("AcceptOffer", json!({"id": id})).await.unwrap();
    market.operator().finds("offer", id, &["DealOffered", "OfferAccepted"]).await;
    let answer = seller.offer("AcceptOffer", json!({})).await;
    refused(answer, Code::InvalidArgument, "FIELD_INVALID");
}

/// A.14-4
#[tokio::test(flavor = "multi_thread")]
async fn one_proposal_is_accepted_at_a_time() {
    let market = Market::on(Database::Sqlite).await;
    let seller = market.person("seller01");
    let [one, other] = ["buyer01", "buyer02"].map(|name| market.person(name));
    let post = seller.sells_phone().await;
    let first = one.agrees(&seller, &post, 500_000).await;
    let second = other.proposes(&post, 510_000).await.unwrap().id().to_owned();
    let accept = async |id: &str| seller.offer("AcceptOffer", json!({"id": id})).await;
    let answer = accept(&second).await;
    let status = refused(answer, Code::FailedPrecondition, "ANOTHER_OFFER_ACCEPTED");
    assert!(says_when_to_retry(&status));
    // It waits, and comes to its turn.
    other.sees_offer(&second, "STATE_PENDING").await;
    one.offer("WithdrawOffer", json!({"id": first})).await.unwrap();
    accept(&second).await.unwrap();
    let answer = accept(&first).await;
    refused(answer, Code::FailedPrecondition, "OFFER_WITHDRAWN");
}

/// A.14-5
#[tokio::test(flavor = "multi_thread")]
async fn a_sale_closes_neither_its_own_offer_nor_what_was_refused_or_withdrawn() {
    let market = Market::on(Database::Sqlite).await;
    let (seller, buyer) = (market.person("seller01"), market.person("buyer01"));
    let post = seller.sells_phone().await;
    let [refused, withdrawn, open] = [
        buyer.agrees(&seller, &post, 1).await,
        buyer.requests(&post).await.unwrap().id().to_owned(),
        buyer.requests(&post).await.unwrap().id().to_owned(),
    ];
    seller.offer("RefuseOffer", json!({"id": refused})).await.unwrap();
    buyer.offer("WithdrawOffer", json!({"id": withdrawn})).await.unwrap();
    let won = market.person("buyer03").agrees(&seller, &post, 510_000).await;
    let deal = seller.reserves(&won).await.unwrap();
    seller.deal("CompleteDeal", json!({"id": deal.id()})).await.unwrap();
    buyer.sees_offer(&open, "STATE_AUTO_CANCELLED").await;
    seller.sees_offer(&won, "STATE_COMPLETED").await;
    market.rests().await;
    for (id, told) in [
        (&refused, ["PriceProposed", "OfferAccepted", "OfferRefused"].as_slice()),
        (&withdrawn, &["DealOffered", "OfferWithdrawn"]),
        (&open, &["DealOffered", "OfferAutoCancelled"]),
        (&won, &["PriceProposed", "OfferAccepted", "OfferCompleted"]),
    ] {
        market.operator().finds("offer", id, told).await;
    }
    assert_eq!(buyer.sees_offer(&refused, "STATE_REFUSED").await.text("buyer"), "buyer01");
    buyer.sees_offer(&withdrawn, "STATE_WITHDRAWN").await;
}

/// A.14-6
#[tokio::test(flavor = "multi_thread")]
async fn after_a_cancelled_deal_post_offer_and_my_page_say_the_same() {
    let market = Market::on(Database::Sqlite).await;
    let (seller, buyer) = (market.person("seller01"), market.person("buyer01"));
    let post = seller.sells_phone().await;
    let offer = buyer.agrees(&seller, &post, 510_000).await;
    let deal = seller.reserves(&offer).await.unwrap();
    buyer.deal("CancelDeal", json!({"id": deal.id()})).await.unwrap();
    seller.sees_post(&post, "STATE_AVAILABLE").await;
    let sale = seller.sees_sale(&post, "STATE_AVAILABLE").await;
    for gone in ["agreedPriceKrw", "buyer", "dealId"] {
        assert!(sale.body.get(gone).is_none(), "{gone}: {sale:?}");
    }
    // Both begin anew: his price stands, and the seller's yes is asked again.
    let open = buyer.sees_offer(&offer, "STATE_PENDING").await;
    assert!(open.body.get("dealId").is_none(), "{open:?}");
    let told = ["PriceProposed", "OfferAccepted", "OfferReopened"];
    market.operator().finds("offer", &offer, &told).await;
    seller.offer("AcceptOffer", json!({"id": offer})).await.unwrap();
    seller.reserves(&offer).await.unwrap();
}

/// A.14-7
#[tokio::test(flavor = "multi_thread")]
async fn the_list_price_never_takes_the_place_of_the_price_agreed_on() {
    let market = Market::on(Database::Sqlite).await;
    let (seller, buyer) = (market.person("seller01"), market.person("buyer01"));
    let post = seller.sells_phone().await;
    let offer = buyer.agrees(&seller, &post, 510_000).await;
    seller.post("UpdatePost", json!({"id": post, "priceKrw": 650_000})).await.unwrap();
    let deal = seller.reserves(&offer).await.unwrap();
    let answer = seller.post("UpdatePost", json!({"id": post, "priceKrw": 1})).await;
    refused(answer, Code::FailedPrecondition, "POST_RESERVED");
    let prices = async |state: &str| {
        let sale = seller.sees_sale(&post, state).await;
        (sale.text("priceKrw").to_owned(), sale.text("agreedPriceKrw").to_owned())
    };
    let both = ("650000".to_owned(), "510000".to_owned());
    assert_eq!(prices("STATE_RESERVED").await, both);
    seller.deal("CompleteDeal", json!({"id": deal.id()})).await.unwrap();
    assert_eq!(prices("STATE_SOLD").await, both);
    // An edit is told where there was one, and nowhere else.
    let told = ["PostWritten", "PostEdited", "PostReserved", "PostSold"];
    market.operator().finds("post", &post, &told).await;
}

/// A.14-8, A.14-9
#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_post_leaves_my_page_and_its_offers_close() {
    let market = Market::on(Database::Sqlite).await;
    let (seller, buyer) = (market.person("seller01"), market.person("buyer01"));
    let post = seller.sells_phone().await;
    let pending = buyer.requests(&post).await.unwrap().id().to_owned();
    let accepted = buyer.agrees(&seller, &post, 510_000).await;
    seller.sees_sale(&post, "STATE_AVAILABLE").await;
    // Not while a deal is planned on it.
    let deal = seller.reserves(&accepted).await.unwrap();
    let answer = seller.post("DeletePost", json!({"id": post})).await;
    refused(answer, Code::FailedPrecondition, "POST_RESERVED");
    buyer.deal("CancelDeal", json!({"id": deal.id()})).await.unwrap();
    seller.sees_post(&post, "STATE_AVAILABLE").await;

    let deleted = seller.post("DeletePost", json!({"id": post})).await.unwrap();
    let asked = json!({"postId": post});
    let sale = seller.my_sales("GetMySale", asked, &deleted.written).await;
    refused(sale, Code::NotFound, "MY_SALE_NOT_FOUND");
    for offer in [&pending, &accepted] {
        buyer.sees_offer(offer, "STATE_AUTO_CANCELLED").await;
    }
    refused(buyer.requests(&post).await, Code::NotFound, "POST_NOT_FOUND");
    market.rests().await;
    // Its history stays.
    let told = ["PostWritten", "PostReserved", "PostReopened", "PostDeleted"];
    market.operator().finds("post", &post, &told).await;
}

/// A.14-10
#[tokio::test(flavor = "multi_thread")]
async fn times_are_the_servers() {
    let market = Market::on(Database::Sqlite).await;
    let (seller, buyer) = (market.person("seller01"), market.person("buyer01"));
    let post = seller.sells_phone().await;
    let offer = buyer.requests(&post).await.unwrap();
    let deal = seller.reserves(offer.id()).await.unwrap();
    let ended = seller.deal("CompleteDeal", json!({"id": deal.id()})).await.unwrap();
    let sold = seller.sees_post(&post, "STATE_SOLD").await;
    let closed = buyer.sees_offer(offer.id(), "STATE_COMPLETED").await;
    for (first, last) in [(&offer, &closed), (&deal, &ended)] {
        assert_eq!(first.text("createTime"), last.text("createTime"));
    }
    for changed in [&sold, &closed, &ended] {
        assert!(changed.time("createTime") < changed.time("updateTime"), "{changed:?}");
    }
    // They are nowhere in what a client sends.
    for method in ["post.v1.PostService/CreatePost", "offer.v1.OfferService/CreateOffer"] {
        let input = grpc::method(&format!("/jangteo.{method}")).input();
        assert!(input.fields().all(|field| !field.name().ends_with("_time")), "{method}");
    }
}

/// A.14-11
#[tokio::test(flavor = "multi_thread")]
async fn a_sellers_posts_are_listed_for_anybody_and_his_sales_for_him() {
    let market = Market::on(Database::Sqlite).await;
    let [one, other] = ["seller01", "seller02"].map(|name| market.person(name));
    let (phone, mouse) = (one.sells_phone().await, other.writes("무선마우스", 10_000).await);
    let offer = other.requests(&phone).await.unwrap();
    one.reserves(offer.id()).await.unwrap();
    for (seller, name, post, state) in [
        (&one, "seller01", &phone, "STATE_RESERVED"),
        (&other, "seller02", &mouse, "STATE_AVAILABLE"),
    ] {
        let asked = json!({"seller": name});
        let page = market.stranger().post("ListPosts", asked).await.unwrap();
        let found = page.body["posts"].as_array().unwrap();
        assert_eq!(states(found), [state]);
        assert_eq!(found[0]["id"], json!(post));
        seller.sees_sale(post, state).await;
        let page = seller.my_sales("ListMySales", json!({}), "").await.unwrap();
        assert_eq!(states(page.body["sales"].as_array().unwrap()), [state]);
    }
}
