//! Products as everybody sees them, on every database that jangteo runs on.

use std::collections::BTreeSet;

use jangteo::{
    inventory::v1::{
        ProductChanged, ProductRegistered, ProductReleased, StockDecreased, StockHeld,
        StockIncreased, StockReleased,
    },
    view::v1::ProductBoardRow,
};
use jangteo_kit::{
    event::{Event, timestamp},
    project::Place,
};
use uuid::Uuid;

use super::queries::{self, Wanted};
use crate::project::{
    product_board::ProductBoard,
    sample::{GENERATION, Sample, event, on_each_database},
};

const STORE: Uuid = Uuid::from_u128(3);

fn registered(product: u128, owner: &str, name: &str, pieces: i64) -> Event {
    let message = ProductRegistered {
        owner: owner.to_owned(),
        name: name.to_owned(),
        spec: "100송이".to_owned(),
        price_krw: 50_000,
        on_hand: pieces,
        available: pieces,
        ..Default::default()
    };
    event(product, 1, &message)
}

/// What a kitchen makes to order is not counted.
fn cooked(product: u128, owner: &str) -> Event {
    let message = ProductRegistered {
        owner: owner.to_owned(),
        name: "마라탕".to_owned(),
        store_id: STORE.to_string(),
        ..Default::default()
    };
    event(product, 1, &message)
}

fn wanted(owner: &str, text: &str, only_available: bool) -> Wanted {
    Wanted { owner: owner.to_owned(), text: text.to_owned(), only_available }
}

async fn listed(sample: &Sample, wanted: &Wanted) -> Vec<ProductBoardRow> {
    let db = sample.store.reader().unwrap();
    let rows = queries::some(db, GENERATION, wanted, None, 100).await.unwrap();
    rows.into_iter().map(queries::shown).collect()
}

async fn ids(sample: &Sample, wanted: &Wanted) -> Vec<u128> {
    let rows = listed(sample, wanted).await;
    rows.iter().map(|row| row.product_id.parse::<Uuid>().unwrap().as_u128()).collect()
}

/// E.7: the original looked its rows up by the wrong key, and never changed a quantity.
#[tokio::test]
async fn a_row_says_what_the_last_event_said() {
    on_each_database(ProductBoard, async |sample| {
        sample.project(vec![registered(1, "florist01", "장미", 10)]).await.unwrap();
        let mut expected = ProductBoardRow {
            product_id: Uuid::from_u128(1).to_string(),
            owner: "florist01".to_owned(),
            name: "장미".to_owned(),
            spec: "100송이".to_owned(),
            price_krw: 50_000,
            on_hand: 10,
            available: 10,
            create_time: Some(timestamp(1000)),
            update_time: Some(timestamp(1000)),
            ..Default::default()
        };
        assert_eq!(listed(sample, &Wanted::default()).await, [expected.clone()]);
        let held = StockHeld { on_hand: 10, available: 7, ..Default::default() };
        let back = StockReleased { on_hand: 10, available: 10, ..Default::default() };
        let gone = StockDecreased { on_hand: 7, available: 6, ..Default::default() };
        let more = StockIncreased { on_hand: 12, available: 11, ..Default::default() };
        for (event, stock) in [
            (event(1, 2, &held), (10, 7)),
            (event(1, 3, &back), (10, 10)),
            (event(1, 4, &gone), (7, 6)),
            (event(1, 5, &more), (12, 11)),
        ] {
            (expected.on_hand, expected.available) = stock;
            expected.update_time = Some(timestamp(event.time));
            sample.project(vec![event]).await.unwrap();
            assert_eq!(listed(sample, &Wanted::default()).await, [expected.clone()]);
        }
    })
    .await;
}

#[tokio::test]
async fn a_product_is_changed_and_taken_off_the_market() {
    on_each_database(ProductBoard, async |sample| {
        let changed = ProductChanged {
            name: "Red Roses".to_owned(),
            spec: "50송이".to_owned(),
            price_krw: 30_000,
            on_hand: 10,
            available: 9,
            ..Default::default()
        };
        let released = ProductReleased { on_hand: 10, available: 8, ..Default::default() };
        let events = vec![
            registered(1, "florist01", "장미", 10),
            event(1, 2, &changed),
            event(1, 3, &released),
        ];
        sample.project(events).await.unwrap();
        let rows = listed(sample, &wanted("", "red ROSES", false)).await;
        let [row] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!((row.spec.as_str(), row.price_krw), ("50송이", 30_000));
        assert_eq!((row.on_hand, row.available, row.released), (10, 8, true));
        assert_eq!(listed(sample, &wanted("", "", true)).await, []);
    })
    .await;
}

#[tokio::test]
async fn everybody_finds_what_can_be_had() {
    on_each_database(ProductBoard, async |sample| {
        let events = vec![
            registered(11, "florist01", "장미 100%", 10),
            registered(12, "florist01", "튤립", 0),
            registered(13, "florist02", "장미", 1),
            cooked(14, "store01"),
        ];
        sample.project(events).await.unwrap();
        for (wanted, expected) in [
            (wanted("", "", false), &[14, 13, 12, 11][..]),
            (wanted("", "", true), &[14, 13, 11]),
            (wanted("florist01", "", false), &[12, 11]),
            (wanted("florist01", "", true), &[11]),
            (wanted("Florist01", "", false), &[]),
            (wanted("", "장미", false), &[13, 11]),
            (wanted("", "0%", false), &[11]),
            (wanted("", "장_", false), &[]),
        ] {
            assert_eq!(ids(sample, &wanted).await, expected, "{}", wanted.scope());
        }
        let db = sample.store.reader().unwrap();
        let one = async |product| {
            let found = queries::one(db, GENERATION, Uuid::from_u128(product)).await.unwrap();
            found.map(queries::shown)
        };
        let cooked = one(14).await.unwrap();
        assert_eq!((cooked.store_id, cooked.available), (STORE.to_string(), 0));
        sample.clear().await;
        assert_eq!(one(14).await, None);
    })
    .await;
}

#[test]
fn a_list_is_named_by_its_filters() {
    let lists = [
        wanted("", "", false),
        wanted("", "", true),
        wanted("florist01", "", false),
        wanted("", "florist01", false),
    ];
    let scopes: BTreeSet<_> = lists.iter().map(Wanted::scope).collect();
    assert_eq!(scopes.len(), lists.len(), "{scopes:?}");
}

#[tokio::test]
async fn pages_of_products_neither_skip_nor_repeat() {
    on_each_database(ProductBoard, async |sample| {
        let both = [11, 12].map(|product| registered(product, "florist01", "장미", 10));
        sample.project(both.to_vec()).await.unwrap();
        let (db, wanted) = (sample.store.reader().unwrap(), Wanted::default());
        let page = async |after| {
            let rows = queries::some(db, GENERATION, &wanted, after, 1).await.unwrap();
            rows.first().map(|row| row.product_id)
        };
        let first = page(None).await;
        // A product that is newer than the page is not on the next one.
        sample.project(vec![registered(13, "florist01", "튤립", 10)]).await.unwrap();
        let second = page(first).await;
        assert_eq!([first, second].map(|id| id.unwrap().as_u128()), [12, 11]);
        assert_eq!(page(second).await, None);
    })
    .await;
}

#[tokio::test]
async fn whoever_watches_is_told_of_every_change() {
    on_each_database(ProductBoard, async |sample| {
        let db = sample.store.reader().unwrap();
        let changed = async |change| {
            let place = Place { generation: GENERATION, change };
            let rows = queries::changed(db, place).await.unwrap();
            rows.iter().map(|row| (row.product_id.as_u128(), row.change)).collect::<Vec<_>>()
        };
        let both = [11, 12].map(|product| registered(product, "florist01", "장미", 10));
        sample.project(both.to_vec()).await.unwrap();
        assert_eq!(changed(0).await, [(11, 1), (12, 2)]);
        sample.project(vec![event(11, 2, &StockHeld::default())]).await.unwrap();
        assert_eq!(changed(2).await, [(11, 3)]);
        assert_eq!(changed(3).await, []);
    })
    .await;
}

#[tokio::test]
async fn what_happens_to_a_product_that_was_never_registered_does_not_fit() {
    on_each_database(ProductBoard, async |sample| {
        let held = event(11, 2, &StockHeld::default());
        assert!(sample.project(vec![held]).await.unwrap_err().contains("never registered"));
        let mut broken = registered(11, "florist01", "장미", 10);
        broken.payload.truncate(5);
        sample.project(vec![broken]).await.unwrap_err();
        assert_eq!(listed(sample, &Wanted::default()).await, []);
    })
    .await;
}
