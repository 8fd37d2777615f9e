//! What each event says of an order.

use std::collections::BTreeMap;

use jangteo::{
    delivery::v1::DeliveryCancelled,
    order::v1::{OrderCancelRefused, OrderDelivered, OrderDelivering, OrderPreparing},
    payment::v1::PaymentDeclined,
    store::v1::{StoreOpened, TicketCancelled, TicketReceived, TicketRejected},
};
use sea_orm::{ActiveModelTrait, Iterable};

use super::{entity::Column, *};
use crate::project::sample::event;

const ORDER: u128 = 1;

fn key() -> String {
    format!("orders/{}/payments/1", Uuid::from_u128(ORDER))
}

/// The names of the columns that an event writes of the order.
fn columns(event: &Event) -> Vec<String> {
    let (order, row) = said(event).unwrap().expect("it says something");
    assert_eq!(order, Uuid::from_u128(ORDER), "{}", event.type_name);
    let written = Column::iter().filter(|column| row.get(*column).is_set());
    written.map(|column| format!("{column:?}")).collect()
}

/// Everything that a source may say of an order.
fn all() -> Vec<Event> {
    let approved = PaymentApproved { key: key(), ..Default::default() };
    let refunded = PaymentCancelled { key: key(), refunded: true, ..Default::default() };
    vec![
        event(ORDER, 1, &OrderPlaced::default()),
        event(ORDER, 2, &OrderCancelled::default()),
        event(ORDER, 1, &TicketAccepted::default()),
        event(ORDER, 2, &CookingStarted::default()),
        event(ORDER, 3, &CookingFinished::default()),
        event(ORDER, 1, &DeliveryStarted::default()),
        event(ORDER, 2, &DeliveryPickedUp::default()),
        event(ORDER, 3, &DeliveryCompleted::default()),
        event(9, 1, &approved),
        event(9, 2, &refunded),
    ]
}

/// D.13-4: what no other source writes, no other source can overwrite.
#[test]
fn each_column_is_of_one_source() {
    let mut sources = BTreeMap::new();
    for event in all() {
        for column in columns(&event) {
            let before = sources.insert(column.clone(), event.context.clone());
            assert!(before.is_none_or(|before| before == event.context), "{column}");
        }
    }
    let kept = ["Generation", "OrderId", "Change"];
    let rest = Column::iter().map(|column| format!("{column:?}"));
    let rest: Vec<_> = rest.filter(|column| !sources.contains_key(column)).collect();
    assert_eq!(rest, kept, "and each has one");
}

#[test]
fn a_payment_of_something_else_is_of_no_order_and_a_broken_key_does_not_fit() {
    let approved = |key: &str| PaymentApproved { key: key.to_owned(), ..Default::default() };
    let rental = key().replace("orders", "rentals");
    assert_eq!(said(&event(9, 1, &approved(&rental))).unwrap(), None);
    let broken = said(&event(9, 1, &approved("orders/7/payments/1")));
    let Err(Failure::Rejected(Unfit(why))) = broken else { panic!() };
    assert!(why.starts_with("key 7"), "{why}");
}

#[test]
fn what_else_happens_says_nothing_of_how_far_an_order_is() {
    let undone = PaymentCancelled { key: key(), refunded: false, ..Default::default() };
    for event in [
        event(ORDER, 2, &OrderPreparing::default()),
        event(ORDER, 3, &OrderDelivering::default()),
        event(ORDER, 4, &OrderDelivered::default()),
        event(ORDER, 5, &OrderCancelRefused::default()),
        event(8, 1, &StoreOpened::default()),
        event(ORDER, 1, &TicketReceived::default()),
        event(ORDER, 2, &TicketRejected::default()),
        event(ORDER, 2, &TicketCancelled::default()),
        event(ORDER, 2, &DeliveryCancelled::default()),
        event(9, 1, &PaymentDeclined { key: key(), ..Default::default() }),
        event(9, 1, &undone),
    ] {
        assert_eq!(said(&event).unwrap(), None, "{}", event.type_name);
    }
}
