//! Entries as operators and the people in them see them, on every database that jangteo runs on.

use jangteo::{
    deal::v1::DealReserved,
    offer::v1::{DealOffered, OfferAutoCancelled},
    post::v1::{PostReserved, PostSold, PostWritten},
};
use jangteo_kit::{event::Event, page::PageToken};
use uuid::Uuid;

use super::queries::{self, Place, Row, Wanted};
use crate::project::{
    sample::{GENERATION, STORY, Sample, event, on_each_database},
    timeline::Timeline,
};

const POST: u128 = 3;
const OFFERS: [u128; 2] = [1, 2];

fn offered(offer: u128, buyer: &str) -> Event {
    let (seller, buyer) = ("seller01".to_owned(), buyer.to_owned());
    event(offer, 1, &DealOffered { seller, buyer, ..Default::default() })
}

fn at(time: i64, event: Event) -> Event {
    Event { time, ..event }
}

/// A phone is sold to one of two buyers; much of it within the same millisecond.
fn story() -> Vec<Event> {
    let [seller, buyer, loser] = ["seller01", "buyer01", "buyer02"].map(str::to_owned);
    let written = PostWritten { seller: seller.clone(), ..Default::default() };
    let reserved =
        PostReserved { seller: seller.clone(), buyer: buyer.clone(), ..Default::default() };
    let sold = PostSold { seller: seller.clone(), buyer: buyer.clone(), ..Default::default() };
    let deal = DealReserved { seller: seller.clone(), buyer, ..Default::default() };
    let closed = OfferAutoCancelled { seller, buyer: loser, ..Default::default() };
    vec![
        at(10, event(POST, 1, &written)),
        at(20, offered(OFFERS[1], "buyer02")),
        at(20, offered(OFFERS[0], "buyer01")),
        at(30, event(POST, 3, &sold)),
        at(30, event(POST, 2, &reserved)),
        at(30, event(4, 1, &deal)),
        at(30, event(OFFERS[1], 2, &closed)),
        // Another story.
        Event { correlation_id: Uuid::nil(), ..at(15, event(9, 1, &written)) },
    ]
}

const ALL: [&str; 7] = [
    "PostWritten 1",
    "DealOffered 1",
    "DealOffered 1",
    "DealReserved 1",
    "OfferAutoCancelled 2",
    "PostReserved 2",
    "PostSold 3",
];

fn wanted(naming: Option<&str>) -> Wanted {
    Wanted { correlation: STORY, naming: naming.map(str::to_owned) }
}

async fn page(sample: &Sample, wanted: &Wanted, after: Option<Place>, limit: u64) -> Vec<Row> {
    let db = sample.store.reader().unwrap();
    queries::some(db, GENERATION, wanted, after, limit).await.unwrap()
}

fn said(rows: &[Row]) -> Vec<String> {
    rows.iter().map(|(entry, _)| format!("{} {}", entry.event, entry.sequence)).collect()
}

#[tokio::test]
async fn an_operator_reads_the_whole_story_in_its_order() {
    on_each_database(Timeline, async |sample| {
        sample.project(story()).await.unwrap();
        let rows = page(sample, &wanted(None), None, 100).await;
        assert_eq!(said(&rows), ALL);
        let offers: Vec<_> = rows[1..3].iter().map(|(entry, _)| entry.aggregate_id).collect();
        assert_eq!(offers, OFFERS.map(Uuid::from_u128), "in the same millisecond by id");
        let entry = queries::shown(rows[3].clone());
        assert_eq!(entry.people, ["buyer01", "seller01"]);
        assert_eq!((entry.context.as_str(), entry.kind.as_str()), ("deal", "deal"));
        let original = &story()[5];
        assert_eq!(entry.id, original.id().to_string());
        assert_eq!(entry.causation_id, original.causation_id.to_string());
        sample.clear().await;
        assert!(page(sample, &wanted(None), None, 100).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn everybody_else_reads_what_names_him() {
    on_each_database(Timeline, async |sample| {
        sample.project(story()).await.unwrap();
        for (person, expected) in [
            ("seller01", &ALL[..]),
            ("buyer01", &["DealOffered 1", "DealReserved 1", "PostReserved 2", "PostSold 3"]),
            ("buyer02", &["DealOffered 1", "OfferAutoCancelled 2"]),
            ("buyer03", &[]),
            ("", &[]),
        ] {
            let rows = page(sample, &wanted(Some(person)), None, 100).await;
            assert_eq!(said(&rows), expected, "{person}");
        }
    })
    .await;
}

#[tokio::test]
async fn pages_of_entries_neither_skip_nor_repeat() {
    on_each_database(Timeline, async |sample| {
        sample.project(story()).await.unwrap();
        for naming in [None, Some("seller01")] {
            let wanted = wanted(naming);
            let (mut found, mut after) = (vec![], None);
            while let [row] = &page(sample, &wanted, after, 1).await[..] {
                found.extend(said(std::slice::from_ref(row)));
                assert!(found.len() <= ALL.len(), "pages without end: {found:?}");
                let token = Place::of(&row.0).onto(PageToken::new("story")).text();
                let token = PageToken::parse("story", &token).unwrap().unwrap();
                after = Some(Place::of_token(token).unwrap());
            }
            assert_eq!(found, ALL);
        }
    })
    .await;
}

#[tokio::test]
async fn an_event_of_a_later_contract_is_told_and_a_broken_one_does_not_fit() {
    on_each_database(Timeline, async |sample| {
        let later = Event {
            type_name: "jangteo.post.v9.PostStolen".to_owned(),
            payload: vec![0xff],
            ..offered(1, "buyer01")
        };
        sample.project(vec![later]).await.unwrap();
        let rows = page(sample, &wanted(None), None, 100).await;
        assert_eq!(said(&rows), ["PostStolen 1"]);
        assert!(rows[0].1.is_empty(), "nobody knows whom it names");
        let broken = Event { payload: vec![0xff], ..offered(2, "buyer01") };
        sample.project(vec![broken]).await.unwrap_err();
    })
    .await;
}

#[test]
fn a_page_token_is_no_longer_than_its_field_allows() {
    let mut longest = offered(u128::MAX, "buyer01");
    (longest.time, longest.sequence) = (i64::MIN, i64::MAX);
    let (context, kind) = ("c".repeat(64), "k".repeat(64));
    let place = Place(longest.time, context, kind, longest.aggregate_id, longest.sequence);
    let token = place.onto(PageToken::new("story")).text();
    assert!(token.len() <= 400, "{}", token.len());
}
