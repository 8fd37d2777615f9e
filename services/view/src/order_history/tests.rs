//! What people have ordered, on every database that jangteo runs on.

use jangteo::{
    delivery::v1::{DeliveryCancelled, DeliveryCompleted, DeliveryPickedUp, DeliveryStarted},
    order::v1::{
        OrderCancelled, OrderDelivered, OrderDelivering, OrderPlaced, OrderPreparing, OrderedLine,
    },
    payment::v1::{PaymentApproved, PaymentCancelled},
    view::v1::{
        OrderHistoryEntry,
        order_history_entry::{DeliveryStatus, OrderStatus, PaymentStatus},
    },
};
use jangteo_kit::{
    event::{Event, timestamp},
    project::Place,
};
use uuid::Uuid;

use super::queries;
use crate::project::{
    order_history::OrderHistory,
    sample::{GENERATION, Sample, event, on_each_database},
};

/// The payment has an id of its own.
const PAYMENT: u128 = 9;

/// An order of two bunches of roses and one of tulips.
fn placed(order: u128, customer: &str) -> Event {
    let line = |quantity| OrderedLine { quantity, ..Default::default() };
    let message = OrderPlaced {
        customer: customer.to_owned(),
        lines: vec![line(2), line(1)],
        total_krw: 150_000,
        ..Default::default()
    };
    event(order, 1, &message)
}

fn key(order: u128) -> String {
    format!("orders/{}/payments/1", Uuid::from_u128(order))
}

fn approved(order: u128) -> Event {
    event(PAYMENT, 1, &PaymentApproved { key: key(order), ..Default::default() })
}

fn undone(order: u128, refunded: bool) -> Event {
    event(PAYMENT, 2, &PaymentCancelled { key: key(order), refunded, ..Default::default() })
}

async fn listed(sample: &Sample, customer: &str) -> Vec<OrderHistoryEntry> {
    let db = sample.store.reader().unwrap();
    let rows = queries::some(db, GENERATION, customer, None, 100).await.unwrap();
    rows.iter().map(queries::shown).collect()
}

async fn ids(sample: &Sample, customer: &str) -> Vec<u128> {
    let entries = listed(sample, customer).await;
    entries.iter().map(|entry| entry.order_id.parse::<Uuid>().unwrap().as_u128()).collect()
}

async fn statuses(sample: &Sample) -> (OrderStatus, PaymentStatus, DeliveryStatus) {
    let entries = listed(sample, "customer01").await;
    let [entry] = &entries[..] else { panic!("{entries:?}") };
    (entry.order_status(), entry.payment_status(), entry.delivery_status())
}

/// E-T1, E-N2: whichever source is heard first.
#[tokio::test]
async fn an_order_its_payment_and_its_delivery_stand_side_by_side() {
    on_each_database(OrderHistory, async |sample| {
        let orders = || {
            vec![
                placed(1, "customer01"),
                event(1, 2, &OrderDelivering::default()),
                event(1, 3, &OrderDelivered::default()),
            ]
        };
        let deliveries = || {
            vec![
                event(1, 1, &DeliveryStarted::default()),
                event(1, 2, &DeliveryPickedUp::default()),
                event(1, 4, &DeliveryCompleted::default()),
            ]
        };
        let payments = || vec![approved(1)];
        let expected = OrderHistoryEntry {
            order_id: Uuid::from_u128(1).to_string(),
            pieces: 3,
            total_krw: 150_000,
            order_status: OrderStatus::Delivered.into(),
            payment_status: PaymentStatus::Approved.into(),
            delivery_status: DeliveryStatus::Delivered.into(),
            create_time: Some(timestamp(1000)),
            update_time: Some(timestamp(4000)),
        };
        for told in [
            [orders(), payments(), deliveries()],
            [orders(), deliveries(), payments()],
            [payments(), orders(), deliveries()],
            [payments(), deliveries(), orders()],
            [deliveries(), orders(), payments()],
            [deliveries(), payments(), orders()],
        ] {
            sample.project(told.concat()).await.unwrap();
            assert_eq!(listed(sample, "customer01").await, std::slice::from_ref(&expected));
            sample.clear().await;
        }
    })
    .await;
}

#[tokio::test]
async fn each_event_moves_its_own_status() {
    on_each_database(OrderHistory, async |sample| {
        let (order, payment) = (OrderStatus::Placed, PaymentStatus::Unspecified);
        for (event, expected) in [
            (placed(1, "customer01"), (order, payment, DeliveryStatus::Unspecified)),
            (approved(1), (order, PaymentStatus::Approved, DeliveryStatus::Unspecified)),
            (
                event(1, 2, &OrderPreparing::default()),
                (OrderStatus::Preparing, PaymentStatus::Approved, DeliveryStatus::Unspecified),
            ),
            (
                event(1, 1, &DeliveryStarted::default()),
                (OrderStatus::Preparing, PaymentStatus::Approved, DeliveryStatus::Started),
            ),
            (
                event(1, 2, &DeliveryPickedUp::default()),
                (OrderStatus::Preparing, PaymentStatus::Approved, DeliveryStatus::PickedUp),
            ),
            (
                event(1, 3, &OrderDelivering::default()),
                (OrderStatus::Delivering, PaymentStatus::Approved, DeliveryStatus::PickedUp),
            ),
        ] {
            let name = event.type_name.clone();
            sample.project(vec![event]).await.unwrap();
            assert_eq!(statuses(sample).await, expected, "{name}");
        }
    })
    .await;
}

/// E-T4: what is called off is called off everywhere; an attempt that never counted is not told of.
#[tokio::test]
async fn a_cancelled_order_gives_its_money_back() {
    on_each_database(OrderHistory, async |sample| {
        sample.project(vec![undone(1, false), placed(1, "customer01")]).await.unwrap();
        let expected =
            (OrderStatus::Placed, PaymentStatus::Unspecified, DeliveryStatus::Unspecified);
        assert_eq!(statuses(sample).await, expected);
        let events = vec![
            event(1, 2, &DeliveryCancelled::default()),
            approved(1),
            undone(1, true),
            event(1, 2, &OrderCancelled::default()),
        ];
        sample.project(events).await.unwrap();
        let expected =
            (OrderStatus::Cancelled, PaymentStatus::Cancelled, DeliveryStatus::Cancelled);
        assert_eq!(statuses(sample).await, expected);
    })
    .await;
}

#[tokio::test]
async fn a_customer_sees_his_own_orders_newest_first() {
    on_each_database(OrderHistory, async |sample| {
        let events = vec![
            placed(11, "customer01"),
            placed(12, "customer02"),
            placed(13, "customer01"),
            // It came to no order.
            approved(14),
        ];
        sample.project(events).await.unwrap();
        for (customer, expected) in
            [("customer01", &[13, 11][..]), ("customer02", &[12]), ("Customer01", &[]), ("", &[])]
        {
            assert_eq!(ids(sample, customer).await, expected, "{customer}");
        }
        let db = sample.store.reader().unwrap();
        let one = async |customer, order| {
            queries::one(db, GENERATION, customer, Uuid::from_u128(order)).await.unwrap()
        };
        assert!(one("customer01", 11).await.is_some() && one("customer01", 12).await.is_none());
        let page = async |after| {
            let rows = queries::some(db, GENERATION, "customer01", after, 1).await.unwrap();
            rows.first().map(|row| row.order_id)
        };
        let first = page(None).await;
        let second = page(first).await;
        assert_eq!([first, second].map(|id| id.unwrap().as_u128()), [13, 11]);
        assert_eq!(page(second).await, None);
        sample.clear().await;
        assert!(one("customer01", 11).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn whoever_watches_is_told_of_his_orders_only() {
    on_each_database(OrderHistory, async |sample| {
        let db = sample.store.reader().unwrap();
        let changed = async |customer, change| {
            let place = Place { generation: GENERATION, change };
            let rows = queries::changed(db, customer, place).await.unwrap();
            rows.iter().map(|row| (row.order_id.as_u128(), row.change)).collect::<Vec<_>>()
        };
        sample.project(vec![placed(11, "customer01"), placed(12, "customer02")]).await.unwrap();
        assert_eq!(changed("customer01", 0).await, [(11, 1)]);
        sample.project(vec![approved(11)]).await.unwrap();
        assert_eq!(changed("customer01", 1).await, [(11, 3)]);
        assert_eq!(changed("customer02", 2).await, []);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_read_does_not_fit() {
    on_each_database(OrderHistory, async |sample| {
        let mut broken = placed(11, "customer01");
        broken.payload.truncate(5);
        sample.project(vec![broken]).await.unwrap_err();
        let nameless =
            PaymentApproved { key: "orders/7/payments/1".to_owned(), ..Default::default() };
        let why = sample.project(vec![event(PAYMENT, 1, &nameless)]).await.unwrap_err();
        assert!(why.starts_with("key 7"), "{why}");
        assert_eq!(listed(sample, "customer01").await, []);
    })
    .await;
}
