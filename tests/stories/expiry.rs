//! Offers that nobody plans a deal on.

use std::time::Duration;

use prost_types::Timestamp;
use serde_json::json;
use tonic::Code;

use super::{
    market::{Market, Reply, on_each_database},
    refusal::refused,
    trade::PHONE_KRW,
};

on_each_database!(offers_expire_after_seven_days_and_hold_nobody_up_any_more);

const DAY: i64 = 24 * 60 * 60;
const EIGHT_DAYS: Duration = Duration::from_secs(8 * DAY.unsigned_abs());

/// How many seconds an offer is open from its making on.
fn open_for(offer: &Reply) -> i64 {
    let seconds = |field| offer.text(field).parse::<Timestamp>().unwrap().seconds;
    seconds("expireTime") - seconds("createTime")
}

/// A-F9, A-F10: what is pending or accepted expires, what is in a deal does not, and what a called off
/// deal opens again is open for seven days again.
async fn offers_expire_after_seven_days_and_hold_nobody_up_any_more(mut market: Market) {
    let names = ["seller01", "buyer01", "buyer02", "buyer03"];
    let [seller, asks, proposes, meets] = names.map(|name| market.lasting(name, &[], EIGHT_DAYS));
    let operator = market.lasting("operator01", &["operator"], EIGHT_DAYS);
    let (phone, chair) = (seller.sells_phone().await, seller.writes("의자", 5_000).await);
    let pending = asks.requests(&phone).await.unwrap();
    assert_eq!(open_for(&pending), 7 * DAY);
    let accepted = proposes.agrees(&seller, &phone, 510_000).await;
    let taken = meets.requests(&chair).await.unwrap();
    let deal = seller.reserves(taken.id()).await.unwrap();

    market.later(EIGHT_DAYS).await;
    asks.sees_offer(pending.id(), "STATE_EXPIRED").await;
    proposes.sees_offer(&accepted, "STATE_EXPIRED").await;
    let id = json!({"id": pending.id()});
    for (person, method) in
        [(&seller, "AcceptOffer"), (&seller, "RefuseOffer"), (&asks, "WithdrawOffer")]
    {
        let answer = person.offer(method, id.clone()).await;
        refused(answer, Code::FailedPrecondition, "OFFER_EXPIRED");
    }
    refused(seller.reserves(&accepted).await, Code::FailedPrecondition, "OFFER_EXPIRED");
    let story = ["PriceProposed", "OfferAccepted", "OfferExpired"];
    operator.finds("offer", &accepted, &story).await;
    // The seller has a yes to give again.
    asks.agrees(&seller, &phone, PHONE_KRW - 1).await;

    meets.sees_offer(taken.id(), "STATE_IN_DEAL").await;
    meets.deal("CancelDeal", json!({"id": deal.id()})).await.unwrap();
    meets.sees_offer(taken.id(), "STATE_PENDING").await;
    market.rests().await;
    let again = meets.offer("GetOffer", json!({"id": taken.id()})).await.unwrap();
    assert!(open_for(&again) >= 15 * DAY, "{again:?}");
}
