//! When and where seller and buyer meet.

use serde_json::json;
use tonic::Code;

use super::{
    market::{Market, on_each_database},
    refusal::refused,
};

on_each_database!(either_side_puts_a_deal_off_while_it_is_planned);

const SUNDAY: &str = "2035-04-01T10:00:00Z";
const MONDAY: &str = "2035-04-02T19:30:00Z";

/// A-F3
async fn either_side_puts_a_deal_off_while_it_is_planned(market: Market) {
    let (seller, buyer) = (market.person("seller01"), market.person("buyer01"));
    let post = seller.sells_phone().await;
    let offer = buyer.requests(&post).await.unwrap();
    let planned = json!({"offerId": offer.id(), "meetingTime": SUNDAY, "meetingPlace": "방배역"});
    let deal = seller.deal("ReserveDeal", planned).await.unwrap();
    assert_eq!((deal.text("meetingTime"), deal.text("meetingPlace")), (SUNDAY, "방배역"));
    let id = deal.id();
    let later = json!({"id": id, "meetingTime": MONDAY, "meetingPlace": "서초역"});
    let put_off = buyer.deal("RescheduleDeal", later.clone()).await.unwrap();
    assert_eq!((put_off.text("meetingTime"), put_off.text("meetingPlace")), (MONDAY, "서초역"));
    assert_eq!(put_off.text("state"), "STATE_RESERVED");
    // Both sides read it, on my-page, too.
    assert_eq!(seller.deal("GetDeal", json!({"id": id})).await.unwrap().body, put_off.body);
    for person in [&seller, &buyer] {
        let asked = json!({"dealId": id});
        let shown = person.view("MyDealsService/GetMyDeal", asked, &put_off.written).await;
        assert_eq!(shown.unwrap().text("meetingTime"), MONDAY);
    }
    // To say it twice is to say it once; who has read an older plan is told.
    assert_eq!(buyer.deal("RescheduleDeal", later).await.unwrap().body, put_off.body);
    let stale = json!({"id": id, "meetingTime": SUNDAY, "etag": deal.text("etag")});
    refused(seller.deal("RescheduleDeal", stale).await, Code::Aborted, "ETAG_MISMATCH");
    seller.deal("RescheduleDeal", json!({"id": id})).await.unwrap();

    let over = json!({"id": id, "meetingTime": "2026-01-01T10:00:00Z"});
    let answer = seller.deal("RescheduleDeal", over).await;
    refused(answer, Code::InvalidArgument, "MEETING_TIME_PAST");
    let stranger = market.person("buyer02").deal("RescheduleDeal", json!({"id": id})).await;
    refused(stranger, Code::NotFound, "DEAL_NOT_FOUND");
    seller.deal("CompleteDeal", json!({"id": id})).await.unwrap();
    let answer = buyer.deal("RescheduleDeal", json!({"id": id, "meetingTime": SUNDAY})).await;
    refused(answer, Code::FailedPrecondition, "DEAL_ENDED");
    let told = ["DealReserved", "DealRescheduled", "DealRescheduled", "DealEnded"];
    market.operator().finds("deal", id, &told).await;
}
