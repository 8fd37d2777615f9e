//! Events of stores and deliveries, as orders take them.

use jangteo::{
    delivery::v1::DeliveryStarted,
    store::v1::{StoreOpened, TicketReceived},
};
use prost::Name;
use uuid::Uuid;

use super::*;

const ORDER: Uuid = Uuid::from_u128(7);

fn event(message: &impl Name) -> Event {
    jangteo_testing::event(ORDER, 2, message, 5)
}

fn ordered(message: &impl Name) -> Orders<Order> {
    Order::policy(&event(message)).unwrap()
}

/// E-F4
#[test]
fn an_order_goes_on_as_its_delivery_does() {
    let order_id = ORDER.to_string();
    let picked_up = DeliveryPickedUp { order_id: order_id.clone(), ..Default::default() };
    assert_eq!(ordered(&picked_up), [(Target::One(ORDER), Command::PickedUp { at: 5 })]);
    let completed = DeliveryCompleted { order_id, ..Default::default() };
    assert_eq!(ordered(&completed), [(Target::One(ORDER), Command::Arrived { at: 5 })]);
}

/// E-T5, E.13-1
#[test]
fn an_order_that_nobody_brings_is_called_off() {
    let cancelled = DeliveryCancelled { order_id: ORDER.to_string(), ..Default::default() };
    let cancel = Command::CalledOff { why: Why::DeliveryCancelled, at: 5 };
    assert_eq!(ordered(&cancelled), [(Target::One(ORDER), cancel)]);
}

/// D-F3: also the word that comes alone, or first.
#[test]
fn an_order_is_made_whatever_its_kitchen_tells_first() {
    let order_id = ORDER.to_string();
    let accepted = TicketAccepted { order_id: order_id.clone(), ..Default::default() };
    let started = CookingStarted { order_id: order_id.clone(), ..Default::default() };
    let finished = CookingFinished { order_id, ..Default::default() };
    for orders in [ordered(&accepted), ordered(&started), ordered(&finished)] {
        assert_eq!(orders, [(Target::One(ORDER), Command::Preparing { at: 5 })]);
    }
}

/// D-F3, D-F4
#[test]
fn an_order_that_nobody_makes_is_called_off() {
    let order_id = ORDER.to_string();
    let rejected = TicketRejected { order_id: order_id.clone(), ..Default::default() };
    let cancelled = TicketCancelled { order_id, ..Default::default() };
    let off = |why| [(Target::One(ORDER), Command::CalledOff { why, at: 5 })];
    assert_eq!(ordered(&rejected), off(Why::StoreRejected));
    assert_eq!(ordered(&cancelled), off(Why::StoreCancelled));
}

#[test]
fn a_store_that_opens_or_has_yet_to_decide_leaves_the_order_alone() {
    let received = TicketReceived { order_id: ORDER.to_string(), ..Default::default() };
    assert_eq!(ordered(&received), []);
    assert_eq!(ordered(&StoreOpened::default()), []);
}

#[test]
fn a_delivery_that_waits_for_its_courier_leaves_the_order_alone() {
    let started = DeliveryStarted { order_id: ORDER.to_string(), ..Default::default() };
    assert_eq!(ordered(&started), []);
}

#[test]
fn an_event_that_is_not_what_it_says_is_told() {
    let completed =
        event(&DeliveryCompleted { order_id: "1".to_owned(), ..DeliveryCompleted::default() });
    let accepted = event(&TicketAccepted { order_id: "1".to_owned(), ..TicketAccepted::default() });
    let broken = |event: &Event| Event { payload: vec![0xff], ..event.clone() };
    for unfit in [broken(&completed), broken(&accepted), completed, accepted] {
        assert!(Order::policy(&unfit).is_err());
    }
}
