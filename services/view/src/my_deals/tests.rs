//! Deals as both sides see them, on every database that jangteo runs on.

use jangteo::{
    deal::v1::{DealCancelled, DealEnded, DealRefused, DealRescheduled, DealReserved},
    inventory::v1::{ProductChanged, ProductRegistered},
    post::v1::{PostEdited, PostWritten},
    view::v1::{MyDeal, list_my_deals_request::Side, my_deal::State},
};
use jangteo_kit::{
    event::{Event, timestamp},
    project::Place,
};
use uuid::Uuid;

use super::queries::{self, Wanted};
use crate::project::{
    my_deals::MyDeals,
    sample::{GENERATION, Sample, event, on_each_database},
};

const PHONE: u128 = 1;
const MOUSE: u128 = 2;

fn reserved(deal: u128, post: u128, [seller, buyer]: [&str; 2]) -> Event {
    let message = DealReserved {
        deal_id: Uuid::from_u128(deal).to_string(),
        offer_id: Uuid::from_u128(7).to_string(),
        post_id: Uuid::from_u128(post).to_string(),
        seller: seller.to_owned(),
        buyer: buyer.to_owned(),
        price_krw: 9_000,
        ..Default::default()
    };
    event(deal, 1, &message)
}

fn edited(post: u128, sequence: i64, goods: &str) -> Event {
    event(post, sequence, &PostEdited { goods: goods.to_owned(), ..Default::default() })
}

/// Two deals on the phone, one of which fell through, and one on the mouse that ended.
fn story() -> Vec<Event> {
    let meeting_time = Some(timestamp(86_400_000));
    vec![
        reserved(11, PHONE, ["seller01", "buyer01"]),
        event(11, 2, &DealCancelled::default()),
        event(PHONE, 1, &PostWritten { goods: "아이폰13".to_owned(), ..Default::default() }),
        reserved(12, MOUSE, ["seller02", "buyer01"]),
        event(12, 2, &DealRescheduled { meeting_time, ..Default::default() }),
        event(12, 3, &DealEnded::default()),
        reserved(13, PHONE, ["seller01", "buyer02"]),
    ]
}

fn wanted(person: &str, side: Side, state: State) -> Wanted {
    Wanted { person: person.to_owned(), side, state }
}

async fn listed(sample: &Sample, wanted: &Wanted) -> Vec<MyDeal> {
    let db = sample.store.reader().unwrap();
    let rows = queries::some(db, GENERATION, wanted, None, 100).await.unwrap();
    rows.into_iter().map(queries::shown).collect()
}

async fn ids(sample: &Sample, person: &str, side: Side, state: State) -> Vec<u128> {
    let deals = listed(sample, &wanted(person, side, state)).await;
    deals.iter().map(|deal| deal.deal_id.parse::<Uuid>().unwrap().as_u128()).collect()
}

/// The deals of a person that changed after a change, with the number of theirs.
async fn changed(sample: &Sample, person: &str, change: i64) -> Vec<(u128, i64)> {
    let db = sample.store.reader().unwrap();
    let place = Place { generation: GENERATION, change };
    let rows = queries::changed(db, person, place).await.unwrap();
    rows.iter().map(|(deal, _)| (deal.deal_id.as_u128(), deal.change)).collect()
}

#[tokio::test]
async fn a_deal_is_listed_for_its_seller_and_its_buyer_and_nobody_else() {
    on_each_database(MyDeals, async |sample| {
        sample.project(story()).await.unwrap();
        for (person, side, state, expected) in [
            ("buyer01", Side::Unspecified, State::Unspecified, &[12, 11][..]),
            ("buyer01", Side::Seller, State::Unspecified, &[]),
            ("buyer01", Side::Buyer, State::Ended, &[12]),
            ("seller01", Side::Unspecified, State::Unspecified, &[13, 11]),
            ("seller01", Side::Seller, State::Reserved, &[13]),
            ("seller01", Side::Buyer, State::Unspecified, &[]),
            ("buyer02", Side::Unspecified, State::Cancelled, &[]),
            ("Buyer01", Side::Unspecified, State::Unspecified, &[]),
        ] {
            assert_eq!(ids(sample, person, side, state).await, expected, "{person} {side:?}");
        }
        let db = sample.store.reader().unwrap();
        let one = async |person, deal| {
            queries::one(db, GENERATION, person, Uuid::from_u128(deal)).await.unwrap()
        };
        assert!(one("buyer01", 11).await.is_some() && one("buyer02", 11).await.is_none());
        sample.clear().await;
        assert!(one("buyer01", 11).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn a_deal_tells_where_it_stands_and_what_its_goods_are_called() {
    on_each_database(MyDeals, async |sample| {
        sample.project(story()).await.unwrap();
        let all = listed(sample, &wanted("buyer01", Side::Unspecified, State::Unspecified)).await;
        let [mouse, phone] = &all[..] else { panic!("{all:?}") };
        let names = (mouse.goods.as_str(), phone.goods.as_str());
        assert_eq!(names, ("", "아이폰13"), "of the mouse no post was seen");
        assert_eq!((mouse.state(), phone.state()), (State::Ended, State::Cancelled));
        assert_eq!((mouse.meeting_time, phone.meeting_time), (Some(timestamp(86_400_000)), None));
        assert_eq!(mouse.create_time, Some(timestamp(1000)));
        assert_eq!(mouse.update_time, Some(timestamp(3000)));
        assert_eq!((mouse.seller.as_str(), mouse.price_krw), ("seller02", 9_000));
    })
    .await;
}

#[tokio::test]
async fn pages_of_deals_neither_skip_nor_repeat() {
    on_each_database(MyDeals, async |sample| {
        sample.project(story()).await.unwrap();
        let (db, wanted) = (
            sample.store.reader().unwrap(),
            wanted("buyer01", Side::Unspecified, State::Unspecified),
        );
        let page = async |after| {
            let rows = queries::some(db, GENERATION, &wanted, after, 1).await.unwrap();
            rows.first().map(|(deal, _)| deal.deal_id)
        };
        let first = page(None).await;
        // A deal that is newer than the page is not on the next one.
        sample.project(vec![reserved(14, PHONE, ["seller01", "buyer01"])]).await.unwrap();
        let second = page(first).await;
        assert_eq!([first, second].map(|id| id.unwrap().as_u128()), [12, 11]);
        assert_eq!(page(second).await, None);
    })
    .await;
}

#[tokio::test]
async fn whoever_watches_is_told_of_new_deals_moved_ones_and_renamed_goods() {
    on_each_database(MyDeals, async |sample| {
        sample.project(story()).await.unwrap();
        let all = changed(sample, "seller01", 0).await;
        assert_eq!(all.iter().map(|(deal, _)| *deal).collect::<Vec<_>>(), [11, 13]);
        let seen = sample.changes();
        assert_eq!(changed(sample, "seller01", all[0].1).await, &all[1..]);

        sample.project(vec![edited(PHONE, 2, "아이폰13")]).await.unwrap();
        assert_eq!(changed(sample, "seller01", seen).await, [], "the name is the same");
        sample.project(vec![edited(PHONE, 3, "아이폰13 공기계")]).await.unwrap();
        let renamed = changed(sample, "seller01", seen).await;
        let [(11, first), (13, second)] = renamed[..] else { panic!("{renamed:?}") };
        assert!(seen < first && first < second, "each has a number to stop after");
        assert_eq!(changed(sample, "buyer01", seen).await, [(11, first)]);
        assert_eq!(changed(sample, "buyer02", first).await, [(13, second)]);
    })
    .await;
}

#[tokio::test]
async fn what_happens_to_a_deal_that_was_never_reserved_does_not_fit() {
    on_each_database(MyDeals, async |sample| {
        let ended = event(11, 2, &DealEnded::default());
        assert!(sample.project(vec![ended]).await.unwrap_err().contains("never reserved"));
        let mut broken = reserved(11, PHONE, ["seller01", "buyer01"]);
        broken.payload.truncate(5);
        sample.project(vec![broken]).await.unwrap_err();
        let nothing = event(11, 1, &DealReserved { post_id: "x".to_owned(), ..Default::default() });
        assert!(sample.project(vec![nothing]).await.unwrap_err().contains("offer_id"));
        assert_eq!(changed(sample, "buyer01", 0).await, []);
    })
    .await;
}

/// C-F8: a deal on a product, whichever comes first.
#[tokio::test]
async fn a_deal_on_a_product_is_shown_with_its_name_and_pieces() {
    const WATCH: u128 = 5;
    on_each_database(MyDeals, async |sample| {
        let bought = DealReserved {
            product_id: Uuid::from_u128(WATCH).to_string(),
            quantity: 2,
            seller: "seller01".to_owned(),
            buyer: "buyer01".to_owned(),
            price_krw: 100_000,
            ..Default::default()
        };
        let named = |name: &str| ProductChanged { name: name.to_owned(), ..Default::default() };
        let registered =
            ProductRegistered { name: "애플워치".to_owned(), ..Default::default() };
        let events = [
            event(21, 1, &bought),
            event(WATCH, 1, &registered),
            event(WATCH, 2, &named("애플워치 9")),
        ];
        sample.project(events.to_vec()).await.unwrap();
        let deals = listed(sample, &wanted("buyer01", Side::Buyer, State::Reserved)).await;
        let [deal] = &deals[..] else { panic!("{deals:?}") };
        assert_eq!(deal.product_id, Uuid::from_u128(WATCH).to_string());
        assert_eq!((deal.goods.as_str(), deal.quantity), ("애플워치 9", 2));
        assert_eq!((deal.post_id.as_str(), deal.offer_id.as_str()), ("", ""));
    })
    .await;
}

/// C-F7, C-F8: who was refused sees it, and why; whose product it is is not told.
#[tokio::test]
async fn a_deal_that_was_refused_is_shown_to_who_asked_for_it() {
    const WATCH: u128 = 5;
    on_each_database(MyDeals, async |sample| {
        let refused = DealRefused {
            product_id: Uuid::from_u128(WATCH).to_string(),
            quantity: 2,
            buyer: "buyer01".to_owned(),
            reason: "OUT_OF_STOCK".to_owned(),
            ..Default::default()
        };
        let registered =
            ProductRegistered { name: "애플워치".to_owned(), ..Default::default() };
        let events = [event(WATCH, 1, &registered), event(21, 1, &refused)];
        sample.project(events.to_vec()).await.unwrap();
        let deals = listed(sample, &wanted("buyer01", Side::Buyer, State::Refused)).await;
        let [deal] = &deals[..] else { panic!("{deals:?}") };
        assert_eq!((deal.goods.as_str(), deal.quantity), ("애플워치", 2));
        assert_eq!((deal.refusal_reason.as_str(), deal.seller.as_str()), ("OUT_OF_STOCK", ""));
        assert_eq!(ids(sample, "buyer01", Side::Unspecified, State::Unspecified).await, [21]);
        let seen = sample.changes();
        assert_eq!(changed(sample, "buyer01", seen - 1).await, [(21, seen)]);
        assert_eq!(ids(sample, "seller01", Side::Unspecified, State::Unspecified).await, []);
    })
    .await;
}
