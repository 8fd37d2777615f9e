//! Items as their owners see them, on every database that jangteo runs on.

use jangteo::{
    item::v1::{
        ItemChanged, ItemDeleted, ItemLent, ItemRegistered, ItemReleased, ItemReserved,
        ItemRetired, ItemReturned,
    },
    rental::v1::{RentalConfirmed, RentalPaid, RentalPaymentCancelled},
    review::v1::ReviewWritten,
    view::v1::{
        ItemBoardRow,
        item_board_row::{ItemStatus, PaymentStatus, RentalStatus},
    },
};
use jangteo_kit::{
    event::{Event, timestamp},
    project::Place,
};
use uuid::Uuid;

use super::queries;
use crate::project::{
    item_board::ItemBoard,
    sample::{GENERATION, Sample, event, on_each_database},
};

const CAMERA: u128 = 1;
const TENT: u128 = 2;
const RENTAL: u128 = 21;
const LATER: u128 = 22;

fn registered(item: u128, owner: &str) -> Event {
    let (owner, name) = (owner.to_owned(), "Camera".to_owned());
    event(item, 1, &ItemRegistered { owner, name, price_krw: 100, ..Default::default() })
}

fn reserved(item: u128, sequence: i64, rental: u128, renter: &str) -> Event {
    let (rental_id, renter) = (Uuid::from_u128(rental).to_string(), renter.to_owned());
    event(item, sequence, &ItemReserved { rental_id, renter, ..Default::default() })
}

fn lent(sequence: i64) -> Event {
    event(CAMERA, sequence, &ItemLent::default())
}

fn returned(sequence: i64) -> Event {
    event(CAMERA, sequence, &ItemReturned::default())
}

fn confirmed(rental: u128) -> Event {
    event(rental, 2, &RentalConfirmed::default())
}

fn paid(rental: u128) -> Event {
    event(rental, 3, &RentalPaid::default())
}

fn reviewed(rental: u128, score: i32) -> Event {
    Event { time: 9000, ..event(rental, 2, &ReviewWritten { score, ..Default::default() }) }
}

async fn listed(sample: &Sample, owner: &str) -> Vec<ItemBoardRow> {
    let db = sample.store.reader().unwrap();
    let rows = queries::some(db, GENERATION, owner, None, 100).await.unwrap();
    rows.into_iter().map(queries::shown).collect()
}

async fn the_row(sample: &Sample) -> ItemBoardRow {
    let rows = listed(sample, "owner01").await;
    let [row] = &rows[..] else { panic!("{rows:?}") };
    row.clone()
}

/// The items of an owner that changed after a change, with the number of theirs, and whether they are
/// gone.
async fn changed(sample: &Sample, owner: &str, change: i64) -> Vec<(u128, i64, bool)> {
    let db = sample.store.reader().unwrap();
    let place = Place { generation: GENERATION, change };
    let rows = queries::changed(db, owner, place).await.unwrap();
    rows.iter().map(|(item, _)| (item.item_id.as_u128(), item.change, item.removed)).collect()
}

/// Every order in which the events of several aggregates may come, each in its own.
fn orders(aggregates: &[Vec<Event>]) -> Vec<Vec<Event>> {
    let mut orders = vec![];
    for (next, events) in aggregates.iter().enumerate() {
        let Some((first, rest)) = events.split_first() else { continue };
        let mut others = aggregates.to_vec();
        others[next] = rest.to_vec();
        orders.extend(self::orders(&others).into_iter().map(|mut order| {
            order.insert(0, first.clone());
            order
        }));
    }
    if orders.is_empty() { vec![vec![]] } else { orders }
}

/// B-F11, B-T7: rentable and returned, where the original showed an item that is not rentable.
#[tokio::test]
async fn an_item_its_rental_and_its_review_are_one_row_in_whatever_order_they_come() {
    let item = vec![
        registered(CAMERA, "owner01"),
        reserved(CAMERA, 2, RENTAL, "renter01"),
        lent(3),
        returned(4),
    ];
    let orders = orders(&[item, vec![confirmed(RENTAL), paid(RENTAL)], vec![reviewed(RENTAL, 5)]]);
    assert_eq!(orders.len(), 105);
    let expected = ItemBoardRow {
        item_id: Uuid::from_u128(CAMERA).to_string(),
        owner: "owner01".to_owned(),
        name: "Camera".to_owned(),
        price_krw: 100,
        item_status: ItemStatus::Rentable.into(),
        rental_id: Uuid::from_u128(RENTAL).to_string(),
        renter: "renter01".to_owned(),
        rental_status: RentalStatus::Returned.into(),
        payment_status: PaymentStatus::Paid.into(),
        score: 5,
        create_time: Some(timestamp(1000)),
        update_time: Some(timestamp(9000)),
    };
    on_each_database(ItemBoard, async |sample| {
        for order in &orders {
            sample.project(order.clone()).await.unwrap();
            assert_eq!(the_row(sample).await, expected, "{order:?}");
            sample.clear().await;
        }
        assert_eq!(listed(sample, "owner01").await, []);
    })
    .await;
}

/// What a row shows of its item and its rental.
type Shown = (ItemStatus, RentalStatus, PaymentStatus, &'static str);

/// An item that shows no rental.
const FREE: Shown =
    (ItemStatus::Rentable, RentalStatus::Unspecified, PaymentStatus::Unspecified, "");

/// What happens to a camera, and what its owner sees then.
fn story() -> Vec<(Event, Shown)> {
    use ItemStatus::{NotRentable, Retired};
    use PaymentStatus::{NotPaid, Paid};
    use RentalStatus::{NotRenting, Renting, Returned};
    let withdrawn = event(RENTAL, 4, &RentalPaymentCancelled::default());
    vec![
        (registered(CAMERA, "owner01"), FREE),
        // B-T3
        (reserved(CAMERA, 2, RENTAL, "renter01"), (NotRentable, NotRenting, NotPaid, "renter01")),
        (paid(RENTAL), (NotRentable, NotRenting, Paid, "renter01")),
        // B-T11
        (withdrawn, (NotRentable, NotRenting, NotPaid, "renter01")),
        // B-T10, B.14-9
        (event(CAMERA, 3, &ItemReleased::default()), FREE),
        (reserved(CAMERA, 4, LATER, "renter02"), (NotRentable, NotRenting, NotPaid, "renter02")),
        (paid(LATER), (NotRentable, NotRenting, Paid, "renter02")),
        // B-T5
        (lent(5), (NotRentable, Renting, Paid, "renter02")),
        // An earlier review takes it off the lists meanwhile.
        (event(CAMERA, 6, &ItemRetired::default()), (Retired, Renting, Paid, "renter02")),
        (returned(7), (Retired, Returned, Paid, "renter02")),
    ]
}

#[tokio::test]
async fn each_step_shows_to_whoever_looks_and_to_whoever_watches() {
    on_each_database(ItemBoard, async |sample| {
        for (event, expected) in story() {
            let seen = sample.changes();
            let name = event.name().to_owned();
            sample.project(vec![event]).await.unwrap();
            let row = the_row(sample).await;
            let shown =
                (row.item_status(), row.rental_status(), row.payment_status(), row.renter.as_str());
            assert_eq!(shown, expected, "{name}");
            assert_eq!(row.rental_id.is_empty(), row.renter.is_empty());
            let told = changed(sample, "owner01", seen).await;
            assert_eq!(told, [(CAMERA, sample.changes(), false)], "{name}");
        }
    })
    .await;
}

/// B.14-9
#[tokio::test]
async fn what_becomes_of_a_rental_that_is_not_shown_does_not_show() {
    on_each_database(ItemBoard, async |sample| {
        let called_off = event(CAMERA, 3, &ItemReleased::default());
        let early = [
            registered(CAMERA, "owner01"),
            reserved(CAMERA, 2, RENTAL, "renter01"),
            called_off,
            reserved(CAMERA, 4, LATER, "renter02"),
        ];
        sample.project(early.to_vec()).await.unwrap();
        let (before, seen) = (the_row(sample).await, sample.changes());
        let late = vec![confirmed(RENTAL), paid(RENTAL), reviewed(RENTAL, 1)];
        sample.project(late).await.unwrap();
        assert_eq!(the_row(sample).await, before);
        assert_eq!(changed(sample, "owner01", seen).await, []);
    })
    .await;
}

#[tokio::test]
async fn an_owner_sees_his_own_items_as_they_are_called_now_until_he_deletes_them() {
    on_each_database(ItemBoard, async |sample| {
        let name = "Tent".to_owned();
        let renamed = event(TENT, 2, &ItemChanged { name, price_krw: 7, ..Default::default() });
        let all = vec![
            registered(CAMERA, "owner01"),
            registered(TENT, "owner01"),
            renamed,
            registered(3, "owner02"),
        ];
        sample.project(all).await.unwrap();
        let rows = listed(sample, "owner01").await;
        let shown: Vec<_> = rows.iter().map(|row| (row.name.as_str(), row.price_krw)).collect();
        assert_eq!(shown, [("Tent", 7), ("Camera", 100)]);
        assert_eq!(rows[0].update_time, Some(timestamp(2000)));
        assert_eq!(listed(sample, "Owner01").await, []);

        let seen = sample.changes();
        sample.project(vec![event(CAMERA, 2, &ItemDeleted::default())]).await.unwrap();
        assert_eq!(changed(sample, "owner01", seen).await, [(CAMERA, seen + 1, true)]);
        assert_eq!(changed(sample, "owner02", seen).await, []);
        assert_eq!(listed(sample, "owner01").await.len(), 1);
        let db = sample.store.reader().unwrap();
        for (owner, item, there) in
            [("owner01", TENT, true), ("owner02", TENT, false), ("owner01", CAMERA, false)]
        {
            let item = Uuid::from_u128(item);
            let found = queries::one(db, GENERATION, owner, item).await.unwrap();
            assert_eq!(found.is_some(), there, "{owner} {item}");
        }
    })
    .await;
}

#[tokio::test]
async fn pages_of_items_neither_skip_nor_repeat() {
    on_each_database(ItemBoard, async |sample| {
        let both = vec![registered(CAMERA, "owner01"), registered(TENT, "owner01")];
        sample.project(both).await.unwrap();
        let db = sample.store.reader().unwrap();
        let page = async |after| {
            let rows = queries::some(db, GENERATION, "owner01", after, 1).await.unwrap();
            rows.first().map(|(item, _)| item.item_id)
        };
        let first = page(None).await;
        // An item that is newer than the page is not on the next one.
        sample.project(vec![registered(3, "owner01")]).await.unwrap();
        let second = page(first).await;
        assert_eq!([first, second].map(|id| id.unwrap().as_u128()), [TENT, CAMERA]);
        assert_eq!(page(second).await, None);
    })
    .await;
}

#[tokio::test]
async fn what_happens_to_an_item_that_was_never_registered_does_not_fit() {
    on_each_database(ItemBoard, async |sample| {
        let refused = sample.project(vec![lent(2)]).await.unwrap_err();
        assert!(refused.contains("never registered"), "{refused}");
        assert_eq!(listed(sample, "").await, []);
    })
    .await;
}
