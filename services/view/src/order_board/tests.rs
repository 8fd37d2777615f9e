//! Orders as their customer and their seller see them, on every database that jangteo runs on.

use std::collections::BTreeSet;

use jangteo::{
    delivery::v1::{DeliveryCancelled, DeliveryCompleted, DeliveryPickedUp, DeliveryStarted},
    order::v1::{OrderCancelled, OrderPlaced, OrderedLine},
    payment::v1::{PaymentApproved, PaymentCancelled},
    store::v1::{CookingFinished, CookingStarted, TicketAccepted, TicketCancelled},
    view::v1::{
        OrderBoardRow,
        list_order_board_rows_request::Side,
        order_board_row::{Line, Status},
    },
};
use jangteo_kit::{
    event::{Event, timestamp},
    project::Place,
    store::{Failure, Never},
};
use sea_orm::{EntityTrait, sea_query::Expr};
use uuid::Uuid;

use super::queries::{self, Wanted};
use crate::project::{
    order_board::{
        OrderBoard,
        entity::{Column, Entity},
    },
    sample::{GENERATION, Sample, event, on_each_database},
};

const STORE: u128 = 3;
/// Payments have ids of their own.
const PAYMENT: u128 = 1 << 64;

/// What each source tells of an order: the order's own events, its store's, its delivery's, its payment's.
type Story = [Vec<Event>; 4];

fn placed_by(order: u128, [seller, customer]: [&str; 2], store: Option<u128>) -> Event {
    let lines = vec![OrderedLine {
        product_id: Uuid::from_u128(5).to_string(),
        name: "마라탕".to_owned(),
        quantity: 21,
        price_krw: 22_000,
    }];
    let message = OrderPlaced {
        order_id: Uuid::from_u128(order).to_string(),
        customer: customer.to_owned(),
        seller: seller.to_owned(),
        lines,
        total_krw: 462_000,
        store_id: store.map(|id| Uuid::from_u128(id).to_string()).unwrap_or_default(),
        ..Default::default()
    };
    event(order, 1, &message)
}

fn placed(order: u128) -> Event {
    placed_by(order, ["store01", "customer01"], Some(STORE))
}

fn approved(order: u128) -> Event {
    let key = format!("orders/{}/payments/1", Uuid::from_u128(order));
    event(PAYMENT + order, 1, &PaymentApproved { key, ..Default::default() })
}

fn refunded(order: u128) -> Event {
    let key = format!("orders/{}/payments/1", Uuid::from_u128(order));
    event(PAYMENT + order, 2, &PaymentCancelled { key, refunded: true, ..Default::default() })
}

/// D-T1, D-T3, D-T4
fn delivered(order: u128) -> Story {
    [
        vec![placed(order)],
        vec![
            event(order, 2, &TicketAccepted::default()),
            event(order, 3, &CookingStarted::default()),
            event(order, 4, &CookingFinished::default()),
        ],
        vec![
            event(order, 5, &DeliveryStarted::default()),
            event(order, 6, &DeliveryPickedUp::default()),
            event(order, 7, &DeliveryCompleted::default()),
        ],
        vec![approved(order)],
    ]
}

/// D-T5
fn cancelled(order: u128) -> Story {
    let by_customer = OrderCancelled { reason: "BY_CUSTOMER".to_owned(), ..Default::default() };
    [
        vec![placed(order), event(order, 3, &by_customer)],
        vec![
            event(order, 2, &TicketAccepted::default()),
            event(order, 3, &TicketCancelled::default()),
        ],
        vec![event(order, 1, &DeliveryCancelled::default())],
        vec![approved(order), refunded(order)],
    ]
}

/// All ways in which so many events of each source can arrive: which source is next, and next.
fn arrivals(left: [usize; 4]) -> Vec<Vec<usize>> {
    if left == [0; 4] {
        return vec![vec![]];
    }
    let mut all = vec![];
    for source in (0..left.len()).filter(|source| left[*source] > 0) {
        let mut rest = left;
        rest[source] -= 1;
        let later = arrivals(rest).into_iter();
        all.extend(later.map(|later| [vec![source], later].concat()));
    }
    all
}

/// An order for each way in which its story can arrive, and all their events.
fn every_way(story: impl Fn(u128) -> Story) -> (usize, Vec<Event>) {
    let ways = arrivals(story(0).map(|events| events.len()));
    let told = ways.iter().zip(1_u128..).flat_map(|(way, order)| {
        let mut sources = story(order).map(IntoIterator::into_iter);
        way.iter().map(|source| sources[*source].next().unwrap()).collect::<Vec<_>>()
    });
    (ways.len(), told.collect())
}

fn wanted(person: &str, side: Side, store: Option<u128>) -> Wanted {
    Wanted { person: person.to_owned(), side, store: store.map(Uuid::from_u128) }
}

async fn listed(sample: &Sample, wanted: &Wanted) -> Vec<OrderBoardRow> {
    let db = sample.store.reader().unwrap();
    let rows = queries::some(db, GENERATION, wanted, None, 10_000).await.unwrap();
    rows.into_iter().map(|row| row.shown).collect()
}

async fn own(sample: &Sample, person: &str) -> Vec<OrderBoardRow> {
    listed(sample, &wanted(person, Side::Unspecified, None)).await
}

async fn statuses(sample: &Sample, person: &str) -> Vec<Status> {
    own(sample, person).await.iter().map(OrderBoardRow::status).collect()
}

fn ids(rows: &[OrderBoardRow]) -> Vec<u128> {
    rows.iter().map(|row| row.order_id.parse::<Uuid>().unwrap().as_u128()).collect()
}

/// The row of an order that was placed and paid, and nothing else yet.
fn paid() -> OrderBoardRow {
    OrderBoardRow {
        customer: "customer01".to_owned(),
        seller: "store01".to_owned(),
        store_id: Uuid::from_u128(STORE).to_string(),
        lines: vec![Line {
            product_id: Uuid::from_u128(5).to_string(),
            name: "마라탕".to_owned(),
            quantity: 21,
            price_krw: 22_000,
        }],
        total_krw: 462_000,
        status: Status::Placed.into(),
        place_time: Some(timestamp(1000)),
        pay_time: Some(timestamp(1000)),
        ..Default::default()
    }
}

/// Asserts that an order comes to this row, whichever way its story arrives.
async fn comes_to(sample: &Sample, story: impl Fn(u128) -> Story, expected: &OrderBoardRow) {
    let (ways, events) = every_way(story);
    sample.project(events).await.unwrap();
    let rows = own(sample, "customer01").await;
    assert_eq!(rows.len(), ways);
    for row in rows {
        assert_eq!(OrderBoardRow { order_id: String::new(), ..row }, *expected);
    }
    sample.clear().await;
}

/// D.13-4, D-P7
#[tokio::test]
async fn a_delivered_order_is_the_same_row_whatever_is_heard_first() {
    on_each_database(OrderBoard, async |sample| {
        let expected = OrderBoardRow {
            status: Status::Delivered.into(),
            accept_time: Some(timestamp(2000)),
            cook_start_time: Some(timestamp(3000)),
            cook_time: Some(timestamp(4000)),
            delivery_start_time: Some(timestamp(5000)),
            pick_up_time: Some(timestamp(6000)),
            deliver_time: Some(timestamp(7000)),
            ..paid()
        };
        comes_to(sample, delivered, &expected).await;
    })
    .await;
}

/// D.13-4: a late `TicketAccepted` overwrites no cancellation.
#[tokio::test]
async fn a_cancelled_order_is_the_same_row_whatever_is_heard_first() {
    on_each_database(OrderBoard, async |sample| {
        let expected = OrderBoardRow {
            status: Status::Cancelled.into(),
            cancel_reason: "BY_CUSTOMER".to_owned(),
            refunded: true,
            accept_time: Some(timestamp(2000)),
            cancel_time: Some(timestamp(3000)),
            refund_time: Some(timestamp(2000)),
            ..paid()
        };
        comes_to(sample, cancelled, &expected).await;
    })
    .await;
}

/// D-F5, D-P7
#[tokio::test]
async fn an_order_is_as_far_as_the_last_that_was_heard_of_it() {
    on_each_database(OrderBoard, async |sample| {
        let [orders, stores, deliveries, _] = delivered(1);
        let steps = [
            Status::Placed,
            Status::Accepted,
            Status::Cooking,
            Status::Cooked,
            Status::DeliveryStarted,
            Status::PickedUp,
            Status::Delivered,
        ];
        for (event, status) in [orders, stores, deliveries].concat().into_iter().zip(steps) {
            let name = event.type_name.clone();
            sample.project(vec![event]).await.unwrap();
            assert_eq!(statuses(sample, "customer01").await, [status], "{name}");
        }
    })
    .await;
}

/// D-N1
#[tokio::test]
async fn what_was_paid_and_not_placed_is_shown_to_nobody() {
    on_each_database(OrderBoard, async |sample| {
        sample.project(vec![approved(1), event(1, 1, &TicketAccepted::default())]).await.unwrap();
        for person in ["customer01", "store01", ""] {
            assert_eq!(own(sample, person).await, [], "{person}");
        }
        sample.project(vec![placed(1)]).await.unwrap();
        assert_eq!(statuses(sample, "store01").await, [Status::Accepted]);
    })
    .await;
}

#[tokio::test]
async fn an_order_is_listed_for_its_customer_and_its_seller_and_nobody_else() {
    on_each_database(OrderBoard, async |sample| {
        let events = vec![
            placed_by(11, ["store01", "customer01"], Some(STORE)),
            placed_by(12, ["customer01", "customer02"], None),
            placed_by(13, ["store01", "customer02"], Some(4)),
        ];
        sample.project(events).await.unwrap();
        for (person, side, store, expected) in [
            ("customer01", Side::Unspecified, None, &[12, 11][..]),
            ("customer01", Side::Customer, None, &[11]),
            ("customer01", Side::Seller, None, &[12]),
            ("store01", Side::Unspecified, None, &[13, 11]),
            ("store01", Side::Seller, Some(STORE), &[11]),
            ("customer02", Side::Customer, Some(4), &[13]),
            ("customer02", Side::Customer, Some(STORE), &[]),
            ("Store01", Side::Unspecified, None, &[]),
        ] {
            let found = listed(sample, &wanted(person, side, store)).await;
            assert_eq!(ids(&found), expected, "{person} {side:?} {store:?}");
        }
        let db = sample.store.reader().unwrap();
        let one = async |person, order| {
            queries::one(db, GENERATION, person, Uuid::from_u128(order)).await.unwrap()
        };
        assert!(one("customer01", 11).await.is_some() && one("customer02", 11).await.is_none());
        sample.clear().await;
        assert!(one("customer01", 11).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn pages_of_orders_neither_skip_nor_repeat() {
    on_each_database(OrderBoard, async |sample| {
        let both = vec![
            placed_by(11, ["store01", "customer01"], None),
            placed_by(12, ["customer01", "customer02"], None),
        ];
        sample.project(both).await.unwrap();
        let db = sample.store.reader().unwrap();
        let wanted = wanted("customer01", Side::Unspecified, None);
        let page = async |after| {
            let rows = queries::some(db, GENERATION, &wanted, after, 1).await.unwrap();
            rows.first().map(|row| row.order_id)
        };
        let first = page(None).await;
        // An order that is newer than the page is not on the next one.
        sample.project(vec![placed(14)]).await.unwrap();
        let second = page(first).await;
        assert_eq!([first, second].map(|id| id.unwrap().as_u128()), [12, 11]);
        assert_eq!(page(second).await, None);
    })
    .await;
}

#[tokio::test]
async fn an_order_whose_lines_cannot_be_read_is_not_shown_without_them() {
    on_each_database(OrderBoard, async |sample| {
        sample.project(vec![placed(11)]).await.unwrap();
        spoil(sample).await;
        let db = sample.store.reader().unwrap();
        let (one, place) = (Uuid::from_u128(11), Place { generation: GENERATION, change: 0 });
        let errors = [
            queries::one(db, GENERATION, "customer01", one).await.err(),
            queries::changed(db, "customer01", place).await.err(),
        ];
        for error in errors {
            assert!(error.unwrap().to_string().contains("lines of an order"));
        }
    })
    .await;
}

async fn spoil(sample: &Sample) {
    let spoilt: Result<(), Failure<Never>> = sample
        .store
        .unit(|tx| {
            Box::pin(async move {
                let spoil = Entity::update_many().col_expr(Column::Ordered, Expr::value(vec![7u8]));
                Ok(spoil.exec(tx).await.map(drop)?)
            })
        })
        .await;
    spoilt.unwrap();
}

#[test]
fn a_list_is_named_by_its_filters() {
    let lists = [
        wanted("customer01", Side::Unspecified, None),
        wanted("customer02", Side::Unspecified, None),
        wanted("customer01", Side::Seller, None),
        wanted("customer01", Side::Unspecified, Some(STORE)),
    ];
    let scopes: BTreeSet<_> = lists.iter().map(Wanted::scope).collect();
    assert_eq!(scopes.len(), lists.len(), "{scopes:?}");
}

/// D-N4
#[tokio::test]
async fn whoever_watches_is_told_of_every_step_of_his_orders() {
    on_each_database(OrderBoard, async |sample| {
        let db = sample.store.reader().unwrap();
        let changed = async |person, change| {
            let place = Place { generation: GENERATION, change };
            let rows = queries::changed(db, person, place).await.unwrap();
            rows.iter().map(|row| (row.order_id.as_u128(), row.change)).collect::<Vec<_>>()
        };
        sample.project(vec![placed(11), placed(12)]).await.unwrap();
        for person in ["customer01", "store01"] {
            assert_eq!(changed(person, 0).await, [(11, 1), (12, 2)]);
        }
        sample.project(vec![event(11, 1, &TicketAccepted::default())]).await.unwrap();
        assert_eq!(changed("customer01", 2).await, [(11, 3)]);
        sample.project(vec![refunded(12)]).await.unwrap();
        assert_eq!(changed("store01", 3).await, [(12, 4)]);
        assert_eq!(changed("customer02", 0).await, []);
    })
    .await;
}

#[tokio::test]
async fn an_order_of_a_nameless_store_does_not_fit() {
    on_each_database(OrderBoard, async |sample| {
        let nameless = OrderPlaced { store_id: "store 1".to_owned(), ..Default::default() };
        let refused = sample.project(vec![event(11, 1, &nameless)]).await.unwrap_err();
        assert!(refused.starts_with("store_id store 1"), "{refused}");
        let mut broken = placed(11);
        broken.payload.truncate(5);
        sample.project(vec![broken]).await.unwrap_err();
        assert_eq!(own(sample, "customer01").await, []);
    })
    .await;
}
