use jangteo::{
    delivery::v1::{DeliveryCancelled, DeliveryStarted},
    order::v1::{
        OrderCancelRefused, OrderCancelled, OrderDelivered, OrderDelivering, OrderPreparing,
    },
    store::v1::{CookingFinished, CookingStarted, TicketAccepted, TicketCancelled, TicketReceived},
};

use super::*;
use crate::check::samples::{Story, text};

const ORDER: u128 = 1;

fn placed(store_id: String) -> Story {
    Story::default().tell(ORDER, &OrderPlaced { store_id, ..Default::default() })
}

fn picked_up() -> DeliveryPickedUp {
    DeliveryPickedUp { courier: "rider01".to_owned(), ..Default::default() }
}

/// A courier brings it.
fn brought(story: Story) -> Story {
    let courier = "rider01".to_owned();
    story
        .tell(ORDER, &DeliveryStarted::default())
        .tell(ORDER, &picked_up())
        .tell(ORDER, &OrderDelivering::default())
        .tell(ORDER, &DeliveryCompleted { courier, ..Default::default() })
        .tell(ORDER, &OrderDelivered::default())
}

/// Flowers that are there.
fn flowers() -> Story {
    brought(placed(String::new()))
}

/// A dish that a kitchen makes.
fn dish() -> Story {
    let story = placed(text(9))
        .tell(ORDER, &TicketReceived::default())
        .tell(ORDER, &TicketAccepted::default())
        .tell(ORDER, &OrderPreparing::default())
        .tell(ORDER, &CookingStarted::default())
        .tell(ORDER, &CookingFinished::default());
    brought(story)
}

/// Flowers that nobody brings.
fn unwanted() -> Story {
    placed(String::new())
        .tell(ORDER, &DeliveryStarted::default())
        .tell(ORDER, &DeliveryCancelled::default())
        .tell(ORDER, &OrderCancelled::default())
}

/// A dish that its store turns down.
fn rejected(reason: &str) -> Story {
    let reason = reason.to_owned();
    let story = match reason.as_str() {
        "BY_STORE" => placed(text(9)).tell(ORDER, &TicketReceived::default()),
        _ => placed(text(9)),
    };
    let rejected = TicketRejected { reason, ..Default::default() };
    story.tell(ORDER, &rejected).tell(ORDER, &OrderCancelled::default())
}

/// A dish that was called off before its store had heard of it.
fn unheard() -> Story {
    let story = placed(text(9)).tell(ORDER, &TicketCancelled::default());
    story.tell(ORDER, &OrderCancelled::default())
}

#[test]
fn a_clean_history_passes() {
    for story in [
        flowers(),
        dish(),
        unwanted(),
        unwanted().without("DeliveryStarted"),
        rejected("BY_STORE"),
        rejected("STORE_NOT_FOUND"),
        unheard(),
        flowers().tell(ORDER, &OrderCancelRefused::default()),
    ] {
        story.keeps::<Orders>();
    }
}

#[test]
fn it_may_wait_for_a_person() {
    for event in ["TicketAccepted", "CookingStarted", "CookingFinished", "DeliveryPickedUp"] {
        dish().until(event).keeps::<Orders>();
    }
    dish().until("DeliveryCompleted").keeps::<Orders>();
    flowers().until("DeliveryPickedUp").keeps::<Orders>();
    flowers().until("DeliveryCompleted").keeps::<Orders>();
}

#[test]
fn each_corruption_of_a_state_is_found_by_its_name() {
    for (name, story) in [
        (ORDER_STEPS, flowers().twice("OrderPlaced")),
        (ORDER_STEPS, dish().late("OrderPreparing")),
        (ORDER_STEPS, flowers().twice("OrderDelivered")),
        (ORDER_STEPS, flowers().tell(ORDER, &OrderCancelled::default())),
        (ORDER_STEPS, unheard().tell(ORDER, &OrderPreparing::default())),
        (ORDER_STEPS, unheard().tell(ORDER, &OrderCancelRefused::default())),
        (TICKET_STEPS, dish().twice("TicketReceived")),
        (TICKET_STEPS, dish().without("CookingStarted")),
        (TICKET_STEPS, unheard().tell(ORDER, &TicketReceived::default())),
        (TICKET_STEPS, dish().tell(ORDER, &TicketCancelled::default())),
        (TICKET_STEPS, rejected("BY_STORE").without("TicketReceived")),
        (DELIVERY_STEPS, flowers().twice("DeliveryStarted")),
        (DELIVERY_STEPS, unwanted().tell(ORDER, &picked_up())),
        (DELIVERY_STEPS, flowers().without("DeliveryPickedUp")),
        (DELIVERY_STEPS, flowers().tell(ORDER, &DeliveryCancelled::default())),
    ] {
        story.breaks::<Orders>(name);
    }
}

#[test]
fn each_corruption_between_them_is_found_by_its_name() {
    for (name, story) in [
        (REASON, dish().without("OrderPlaced")),
        (REASON, dish().altered(|placed: &mut OrderPlaced| placed.store_id.clear())),
        (REASON, dish().without("CookingFinished")),
        (REASON, dish().late("TicketAccepted")),
        (REASON, flowers().late("DeliveryCompleted")),
        (TOO_LATE, unwanted().without("DeliveryCancelled")),
        (TOO_LATE, dish().until("CookingFinished").tell(ORDER, &OrderCancelled::default())),
        (TOO_LATE, unwanted().tell(ORDER, &picked_up())),
        (COURIER, flowers().altered(|it: &mut DeliveryCompleted| it.courier.clear())),
        (AT_REST, placed(String::new())),
        (AT_REST, placed(text(9))),
        (AT_REST, dish().without("OrderPreparing").until("CookingFinished")),
        (AT_REST, flowers().without("OrderDelivered")),
        (AT_REST, dish().until("DeliveryStarted")),
        (AT_REST, unwanted().without("OrderCancelled")),
        (AT_REST, unheard().without("OrderCancelled")),
    ] {
        story.breaks::<Orders>(name);
    }
}
