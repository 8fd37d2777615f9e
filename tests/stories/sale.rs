//! The sale, requirement by requirement: proposals, answers, deals, and what becomes of the post.

use serde_json::json;
use tonic::Code;

use super::{
    market::{Layout, Market, SECOND_HAND},
    refusal::refused,
    trade::{PHONE_KRW, listed, states},
};
use crate::mesh::Database;

/// A-F2
#[tokio::test(flavor = "multi_thread")]
async fn a_buyer_asks_for_a_post_at_its_price() {
    let market = Market::on(Database::Sqlite).await;
    let (seller, buyer) = (market.person("seller01"), market.person("buyer01"));
    let post = seller.sells_phone().await;
    let offer = buyer.requests(&post).await.unwrap();
    for (field, value) in [
        ("type", "TYPE_PURCHASE_REQUEST"),
        ("state", "STATE_PENDING"),
        ("buyer", "buyer01"),
        ("seller", "seller01"),
        ("postId", &post),
        ("priceKrw", "600000"),
        ("listPriceKrw", "600000"),
    ] {
        assert_eq!(offer.text(field), value, "{field}");
    }
    // Both sides see it, and nobody else.
    for person in [&seller, &buyer] {
        assert_eq!(person.offers(&post).await, std::slice::from_ref(&offer.body));
    }
    let other = market.person("buyer02");
    assert!(other.offers(&post).await.is_empty());
    let answer = other.offer("GetOffer", json!({"id": offer.id()})).await;
    refused(answer, Code::NotFound, "OFFER_NOT_FOUND");
    market.operator().finds("offer", offer.id(), &["DealOffered"]).await;
}

/// A-F3
#[tokio::test(flavor = "multi_thread")]
async fn the_seller_reserves_the_post_for_a_buyer() {
    let market = Market::on(Database::Sqlite).await;
    let (seller, buyer) = (market.person("seller01"), market.person("buyer01"));
    let post = seller.sells_phone().await;
    let offer = buyer.requests(&post).await.unwrap();
    let deal = seller.reserves(offer.id()).await.unwrap();
    for (field, value) in [
        ("state", "STATE_RESERVED"),
        ("offerId", offer.id()),
        ("postId", &post),
        ("seller", "seller01"),
        ("buyer", "buyer01"),
        ("priceKrw", "600000"),
    ] {
        assert_eq!(deal.text(field), value, "{field}");
    }
    // Asked in one go: whoever looks now sees it.
    let now = buyer.post("GetPost", json!({"id": post})).await.unwrap();
    assert_eq!((now.text("state"), now.text("agreedPriceKrw")), ("STATE_RESERVED", "600000"));
    let taken = buyer.offer("GetOffer", json!({"id": offer.id()})).await.unwrap();
    assert_eq!((taken.text("state"), taken.text("dealId")), ("STATE_IN_DEAL", deal.id()));
    let asked = json!({"postId": post});
    let sale = seller.my_sales("GetMySale", asked, &deal.written).await.unwrap();
    assert_eq!((sale.text("state"), sale.text("dealId")), ("STATE_RESERVED", deal.id()));
    assert_eq!(states(&buyer.deals().await), ["STATE_RESERVED"]);
}

/// A-F4
#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_deal_makes_the_post_available_again_whoever_cancels() {
    let market = Market::on(Database::Sqlite).await;
    let (seller, buyer) = (market.person("seller01"), market.person("buyer01"));
    let post = seller.sells_phone().await;
    let offer = buyer.requests(&post).await.unwrap();
    for person in [&buyer, &seller] {
        let deal = seller.reserves(offer.id()).await.unwrap();
        let cancelled = person.deal("CancelDeal", json!({"id": deal.id()})).await.unwrap();
        assert_eq!(cancelled.text("state"), "STATE_CANCELLED");
        let open = seller.sees_post(&post, "STATE_AVAILABLE").await;
        assert!(open.body.get("agreedPriceKrw").is_none(), "{open:?}");
        seller.sees_sale(&post, "STATE_AVAILABLE").await;
        buyer.sees_offer(offer.id(), "STATE_PENDING").await;
        market.rests().await;
    }
    let told = ["PostWritten", "PostReserved", "PostReopened", "PostReserved", "PostReopened"];
    market.operator().finds("post", &post, &told).await;
}

/// A-F5
#[tokio::test(flavor = "multi_thread")]
async fn a_completed_deal_sells_the_post() {
    let market = Market::on(Database::Sqlite).await;
    let (seller, buyer) = (market.person("seller01"), market.person("buyer01"));
    let post = seller.sells_phone().await;
    let offer = buyer.requests(&post).await.unwrap();
    let deal = seller.reserves(offer.id()).await.unwrap();
    let id = json!({"id": deal.id()});
    let answer = buyer.deal("CompleteDeal", id.clone()).await;
    refused(answer, Code::PermissionDenied, "SELLER_ONLY");
    let ended = seller.deal("CompleteDeal", id).await.unwrap();
    assert_eq!(ended.text("state"), "STATE_ENDED");
    seller.sees_post(&post, "STATE_SOLD").await;
    seller.sees_sale(&post, "STATE_SOLD").await;
    buyer.sees_offer(offer.id(), "STATE_COMPLETED").await;
    for (context, id, told) in [
        ("post", post.as_str(), ["PostWritten", "PostReserved", "PostSold"].as_slice()),
        ("offer", offer.id(), &["DealOffered", "OfferCompleted"]),
        ("deal", deal.id(), &["DealReserved", "DealEnded"]),
    ] {
        market.operator().finds(context, id, told).await;
    }
}

/// A-F9
#[tokio::test(flavor = "multi_thread")]
async fn a_buyer_proposes_a_price_of_his_own() {
    let market = Market::on(Database::Sqlite).await;
    let (seller, buyer) = (market.person("seller01"), market.person("buyer02"));
    let post = seller.sells_phone().await;
    let offer = buyer.proposes(&post, 500_000).await.unwrap();
    for (field, value) in [
        ("type", "TYPE_PRICE_PROPOSAL"),
        ("state", "STATE_PENDING"),
        ("priceKrw", "500000"),
        ("listPriceKrw", "600000"),
    ] {
        assert_eq!(offer.text(field), value, "{field}");
    }
    // His price is no deal before the seller has said yes.
    let answer = seller.reserves(offer.id()).await;
    refused(answer, Code::FailedPrecondition, "OFFER_NOT_ACCEPTED");
    market.operator().finds("offer", offer.id(), &["PriceProposed"]).await;
}

/// A-F10
#[tokio::test(flavor = "multi_thread")]
async fn the_seller_accepts_a_proposed_price() {
    let market = Market::on(Database::Sqlite).await;
    let (seller, buyer) = (market.person("seller01"), market.person("buyer03"));
    let post = seller.sells_phone().await;
    let offer = buyer.proposes(&post, 510_000).await.unwrap();
    let id = json!({"id": offer.id()});
    let answer = buyer.offer("AcceptOffer", id.clone()).await;
    refused(answer, Code::PermissionDenied, "SELLER_ONLY");
    let answer = market.person("seller02").offer("AcceptOffer", id.clone()).await;
    refused(answer, Code::NotFound, "OFFER_NOT_FOUND");
    let accepted = seller.offer("AcceptOffer", id.clone()).await.unwrap();
    assert_eq!(accepted.text("state"), "STATE_ACCEPTED");
    assert_eq!(seller.offer("AcceptOffer", id).await.unwrap().body, accepted.body);
    // The post is reserved by the deal, at the price agreed on.
    assert_eq!(seller.sees_post(&post, "STATE_AVAILABLE").await.text("priceKrw"), "600000");
    let deal = seller.reserves(offer.id()).await.unwrap();
    assert_eq!(deal.text("priceKrw"), "510000");
    let reserved = seller.sees_post(&post, "STATE_RESERVED").await;
    assert_eq!(reserved.text("agreedPriceKrw"), "510000");
    market.operator().finds("offer", offer.id(), &["PriceProposed", "OfferAccepted"]).await;
}

/// A-F11
#[tokio::test(flavor = "multi_thread")]
async fn the_seller_refuses_a_proposed_price_for_good() {
    let market = Market::on(Database::Sqlite).await;
    let (seller, buyer) = (market.person("seller01"), market.person("buyer02"));
    let post = seller.sells_phone().await;
    let offer = buyer.proposes(&post, 1).await.unwrap();
    let id = json!({"id": offer.id()});
    let answer = buyer.offer("RefuseOffer", id.clone()).await;
    refused(answer, Code::PermissionDenied, "SELLER_ONLY");
    let refusal = seller.offer("RefuseOffer", id.clone()).await.unwrap();
    assert_eq!(refusal.text("state"), "STATE_REFUSED");
    let answer = seller.offer("AcceptOffer", id.clone()).await;
    refused(answer, Code::FailedPrecondition, "OFFER_REFUSED");
    let answer = seller.reserves(offer.id()).await;
    refused(answer, Code::FailedPrecondition, "OFFER_REFUSED");
    let answer = buyer.offer("WithdrawOffer", id).await;
    refused(answer, Code::FailedPrecondition, "OFFER_REFUSED");
    // An accepted one, too; then another can be accepted.
    let first = buyer.agrees(&seller, &post, 500_000).await;
    seller.offer("RefuseOffer", json!({"id": first})).await.unwrap();
    buyer.agrees(&seller, &post, 510_000).await;
    let told = ["PriceProposed", "OfferAccepted", "OfferRefused"];
    market.operator().finds("offer", &first, &told).await;
}

/// A-F12
#[tokio::test(flavor = "multi_thread")]
async fn what_is_open_when_the_post_is_sold_closes_by_itself() {
    let market = Market::on(Database::Sqlite).await;
    let (seller, winner) = (market.person("seller01"), market.person("buyer03"));
    let (post, other) = (seller.sells_phone().await, seller.writes("무선마우스", 10_000).await);
    let [request, proposal] = ["buyer01", "buyer02"].map(|name| market.person(name));
    let asked = request.requests(&post).await.unwrap().id().to_owned();
    let elsewhere = request.requests(&other).await.unwrap().id().to_owned();
    let proposed = proposal.proposes(&post, 500_000).await.unwrap().id().to_owned();
    let won = winner.agrees(&seller, &post, 510_000).await;
    let deal = seller.reserves(&won).await.unwrap();
    // Reserved is not sold: they may hope, and so may others.
    let late = proposal.proposes(&post, PHONE_KRW).await.unwrap().id().to_owned();
    seller.deal("CompleteDeal", json!({"id": deal.id()})).await.unwrap();
    winner.sees_offer(&won, "STATE_COMPLETED").await;
    request.sees_offer(&asked, "STATE_AUTO_CANCELLED").await;
    proposal.sees_offer(&proposed, "STATE_AUTO_CANCELLED").await;
    proposal.sees_offer(&late, "STATE_AUTO_CANCELLED").await;
    request.sees_offer(&elsewhere, "STATE_PENDING").await;
    market.operator().finds("offer", &proposed, &["PriceProposed", "OfferAutoCancelled"]).await;
}

/// A-T12, A-N1
#[tokio::test(flavor = "multi_thread")]
async fn a_sold_post_is_not_traded_again_even_where_nobody_has_heard_of_the_sale() {
    // Offers hear of events by the broker alone, and then not at all.
    let market = Market::gated(
        Layout::apart(SECOND_HAND, Database::Sqlite),
        &[("JANGTEO_COMPARE_MS", "3600000")],
    )
    .await;
    let (seller, buyer) = (market.person("seller01"), market.person("buyer01"));
    let post = seller.sells_phone().await;
    let won = buyer.requests(&post).await.unwrap();
    let open = market.person("buyer02").requests(&post).await.unwrap();
    let deal = seller.reserves(won.id()).await.unwrap();
    market.gate("offer", "broker").blackhole();
    seller.deal("CompleteDeal", json!({"id": deal.id()})).await.unwrap();
    seller.sees_post(&post, "STATE_SOLD").await;
    let believed = seller.offer("GetOffer", json!({"id": open.id()})).await.unwrap();
    assert_eq!(believed.text("state"), "STATE_PENDING");

    let answer = market.person("buyer03").requests(&post).await;
    refused(answer, Code::FailedPrecondition, "POST_SOLD");
    assert!(market.person("buyer03").offers(&post).await.is_empty());
    // One offer is in a deal as far as offers know; another deal can't be made on either.
    refused(seller.reserves(won.id()).await, Code::FailedPrecondition, "OFFER_IN_DEAL");
    let answer = seller.reserves(open.id()).await;
    refused(answer, Code::FailedPrecondition, "ANOTHER_OFFER_ACCEPTED");
    assert_eq!(states(&seller.deals().await), ["STATE_ENDED"]);
    // Nor by a deal that got so far.
    let other = "0190a7c5-0000-7000-8000-000000000001";
    let question = json!({
        "id": post, "dealId": other, "offerId": open.id(), "seller": "seller01",
        "buyer": "buyer02", "agreedPriceKrw": PHONE_KRW, "callKey": format!("deals/{other}"),
    });
    let answer = market.service("deal").post("ReservePost", question).await;
    refused(answer, Code::FailedPrecondition, "POST_SOLD");

    market.gate("offer", "broker").restore().await.unwrap();
    buyer.sees_offer(won.id(), "STATE_COMPLETED").await;
    seller.sees_offer(open.id(), "STATE_AUTO_CANCELLED").await;
    refused(seller.reserves(won.id()).await, Code::FailedPrecondition, "OFFER_COMPLETED");
    market.rests().await;
    market.operator().finds("post", &post, &["PostWritten", "PostReserved", "PostSold"]).await;
}

/// A-N3
#[tokio::test(flavor = "multi_thread")]
async fn a_seller_reads_his_sales_where_nothing_else_runs() {
    let market = Market::start(Layout::apart(SECOND_HAND, Database::Sqlite)).await.unwrap();
    let (seller, buyer) = (market.person("seller01"), market.person("buyer01"));
    let [free, reserved, sold] = [
        seller.writes("의자", 5_000).await,
        seller.writes("무선마우스", 10_000).await,
        seller.sells_phone().await,
    ];
    for post in [&reserved, &sold] {
        let offer = buyer.requests(post).await.unwrap();
        let deal = seller.reserves(offer.id()).await.unwrap();
        if post == &sold {
            seller.deal("CompleteDeal", json!({"id": deal.id()})).await.unwrap();
        }
    }
    seller.sees_sale(&sold, "STATE_SOLD").await;
    seller.sees_sale(&reserved, "STATE_RESERVED").await;
    for context in ["post", "offer", "deal"] {
        market.node(context).kill();
    }
    let page = seller.my_sales("ListMySales", json!({}), "").await.unwrap();
    let sales = listed(&page, "sales");
    let found: Vec<_> = sales.iter().map(|sale| sale["postId"].as_str().unwrap()).collect();
    assert_eq!(found, [&sold, &reserved, &free]);
    assert_eq!(states(&sales), ["STATE_SOLD", "STATE_RESERVED", "STATE_AVAILABLE"]);
    assert_eq!(sales[0]["agreedPriceKrw"], "600000");
}
