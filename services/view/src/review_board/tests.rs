//! Reviews as everybody sees them, on every database that jangteo runs on.

use jangteo::{
    review::v1::{ReviewRequested, ReviewWritten},
    view::v1::ReviewBoardRow,
};
use jangteo_kit::{
    event::{Event, timestamp},
    page::PageToken,
    project,
};
use uuid::Uuid;

use super::queries::{self, Place};
use crate::project::{
    review_board::ReviewBoard,
    sample::{GENERATION, Sample, event, on_each_database},
};

const ITEM: Uuid = Uuid::from_u128(1);

fn written(rental: u128, time: i64, owner: &str) -> Event {
    let message = ReviewWritten {
        rental_id: Uuid::from_u128(rental).to_string(),
        item_id: ITEM.to_string(),
        item_name: "Camera".to_owned(),
        renter: "renter01".to_owned(),
        owner: owner.to_owned(),
        score: 5,
        time: None,
    };
    Event { time, ..event(rental, 2, &message) }
}

/// Two were written at the same time, the last one of the earliest rental; one is only asked for.
fn story() -> Vec<Event> {
    vec![
        written(12, 2000, "owner01"),
        event(14, 1, &ReviewRequested::default()),
        written(13, 2000, "owner02"),
        written(11, 3000, "owner01"),
    ]
}

async fn listed(sample: &Sample, owner: &str) -> Vec<ReviewBoardRow> {
    let db = sample.store.reader().unwrap();
    let rows = queries::some(db, GENERATION, owner, None, 100).await.unwrap();
    rows.into_iter().map(queries::shown).collect()
}

fn ids(rows: &[ReviewBoardRow]) -> Vec<u128> {
    rows.iter().map(|row| row.rental_id.parse::<Uuid>().unwrap().as_u128()).collect()
}

/// B-F14, B-T12
#[tokio::test]
async fn everybody_sees_what_was_written_the_latest_first() {
    on_each_database(ReviewBoard, async |sample| {
        sample.project(story()).await.unwrap();
        for (owner, expected) in
            [("", &[11, 13, 12][..]), ("owner01", &[11, 12]), ("owner02", &[13]), ("Owner01", &[])]
        {
            assert_eq!(ids(&listed(sample, owner).await), expected, "{owner}");
        }
        let db = sample.store.reader().unwrap();
        let one = async |rental| {
            let found = queries::one(db, GENERATION, Uuid::from_u128(rental)).await.unwrap();
            found.map(queries::shown)
        };
        let expected = ReviewBoardRow {
            rental_id: Uuid::from_u128(11).to_string(),
            item_id: ITEM.to_string(),
            item_name: "Camera".to_owned(),
            renter: "renter01".to_owned(),
            owner: "owner01".to_owned(),
            score: 5,
            write_time: Some(timestamp(3000)),
        };
        assert_eq!((one(11).await, one(14).await), (Some(expected), None));
        sample.clear().await;
        assert_eq!(listed(sample, "").await, []);
    })
    .await;
}

#[tokio::test]
async fn pages_of_reviews_neither_skip_nor_repeat() {
    on_each_database(ReviewBoard, async |sample| {
        sample.project(story()).await.unwrap();
        let db = sample.store.reader().unwrap();
        let (mut found, mut after) = (vec![], None);
        while let [row] = &queries::some(db, GENERATION, "", after, 1).await.unwrap()[..] {
            let id = row.rental_id.as_u128();
            found.push(id);
            assert!(found.len() < 5, "pages without end: {found:?}");
            let token = Place::of(row).onto(PageToken::new("reviews")).text();
            let token = PageToken::parse("reviews", &token).unwrap().unwrap();
            after = Some(Place::of_token(token).unwrap());
            // A review that is newer than the page is not on the next one.
            if found.len() == 1 {
                sample.project(vec![written(10, 4000, "owner01")]).await.unwrap();
            }
        }
        assert_eq!(found, [11, 13, 12]);
    })
    .await;
}

#[tokio::test]
async fn whoever_watches_is_told_of_every_review_once() {
    on_each_database(ReviewBoard, async |sample| {
        sample.project(story()).await.unwrap();
        let db = sample.store.reader().unwrap();
        let changed = async |change| {
            let place = project::Place { generation: GENERATION, change };
            let rows = queries::changed(db, place).await.unwrap();
            rows.iter().map(|row| (row.rental_id.as_u128(), row.change)).collect::<Vec<_>>()
        };
        assert_eq!(changed(0).await, [(12, 1), (13, 2), (11, 3)]);
        assert_eq!(changed(2).await, [(11, 3)]);
        assert_eq!(changed(3).await, []);
    })
    .await;
}

#[tokio::test]
async fn a_review_of_nothing_does_not_fit() {
    on_each_database(ReviewBoard, async |sample| {
        let nothing = event(11, 2, &ReviewWritten::default());
        assert!(sample.project(vec![nothing]).await.unwrap_err().contains("item_id"));
        let mut broken = written(11, 2000, "owner01");
        broken.payload.truncate(5);
        sample.project(vec![broken]).await.unwrap_err();
        assert_eq!(listed(sample, "").await, []);
    })
    .await;
}
