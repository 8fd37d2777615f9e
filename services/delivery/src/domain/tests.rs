//! Each arrow, each refusal, and what holds whatever comes.

mod always;
mod destination;
mod orders;

use jangteo_kit::{
    decide::{Heard, No},
    event::timestamp,
    execute::Aggregate,
    status::{Kind, Reject},
};

use super::{samples::*, *};

const NOW: i64 = 1_727_136_000_000;

/// An event of the delivery of all tests.
macro_rules! told {
    ($event:ident $(, $courier:expr)?) => {
        Event::from($event {
            order_id: ID.to_string(),
            customer: "customer01".to_owned(),
            seller: "seller01".to_owned(),
            $(courier: $courier.to_owned(),)?
            time: Some(timestamp(NOW)),
        })
    };
}

fn courier() -> Actor {
    Actor(COURIER.to_owned())
}

fn other() -> Actor {
    Actor("courier02".to_owned())
}

fn start() -> Command {
    let Delivery { id, customer, seller, .. } = delivery(State::Started);
    Command::Start { id, customer, seller, at: NOW }
}

fn cancel() -> Command {
    let Delivery { id, customer, seller, .. } = delivery(State::Started);
    Command::Cancel { id, customer, seller, at: NOW }
}

fn call_off() -> Command {
    Command::CallOff { at: NOW }
}

fn pick_up(by: Actor) -> Command {
    Command::PickUp { by, at: NOW }
}

fn complete(by: Actor) -> Command {
    Command::Complete { by, at: NOW }
}

fn answered(heard: Heard<Destination>) -> Command {
    Command::DestinationKnown { heard }
}

/// All that may be heard of a question.
fn heards() -> [Heard<Destination>; 4] {
    let no = No {
        code: 5,
        reason: "ORDER_NOT_FOUND".to_owned(),
        message: "there is no such order".to_owned(),
        retry_after_ms: None,
    };
    [Heard::Yes(destination()), Heard::No(no), Heard::NotSent, Heard::Nothing]
}

fn is_final(state: &State) -> bool {
    matches!(state, State::Delivered { .. } | State::Cancelled)
}

/// How many of these events say that a courier has it, that it has arrived, that it is called off.
fn counted(told: &[Event]) -> (usize, usize, usize) {
    let count = |is: fn(&Event) -> bool| told.iter().filter(|event| is(event)).count();
    (
        count(|event| matches!(event, Event::DeliveryPickedUp(_))),
        count(|event| matches!(event, Event::DeliveryCompleted(_))),
        count(|event| matches!(event, Event::DeliveryCancelled(_))),
    )
}

/// The state after the command, and what told of it.
fn after(state: State, command: Command) -> Result<(State, Vec<Event>), Rejection> {
    Delivery::decide(Some(bound(state)), command).map(|(delivery, events)| (delivery.state, events))
}

/// E-F3, E-T2
#[test]
fn a_paid_order_waits_for_a_courier() {
    let born = Delivery::decide(None, start());
    assert_eq!(born, Ok((delivery(State::Started), vec![told!(DeliveryStarted)])));
    for state in states() {
        let again = Delivery::decide(Some(delivery(state.clone())), start());
        assert_eq!(again, Ok((delivery(state), vec![])));
    }
}

/// E-F4, E-T7; E.13: the original knows no completion.
#[test]
fn a_courier_brings_it_and_its_customer_has_it() {
    let taken = (picked_up(), vec![told!(DeliveryPickedUp, COURIER)]);
    assert_eq!(after(State::Started, pick_up(courier())), Ok(taken));
    let arrived = (delivered(), vec![told!(DeliveryCompleted, COURIER)]);
    assert_eq!(after(picked_up(), complete(courier())), Ok(arrived));
}

#[test]
fn what_is_said_twice_is_no_news() {
    assert_eq!(after(picked_up(), pick_up(courier())), Ok((picked_up(), vec![])));
    assert_eq!(after(delivered(), complete(courier())), Ok((delivered(), vec![])));
    for command in [cancel(), call_off()] {
        assert_eq!(after(State::Cancelled, command), Ok((State::Cancelled, vec![])));
    }
}

#[test]
fn one_courier_has_it() {
    assert_eq!(after(picked_up(), pick_up(other())), Err(Rejection::PickedUp));
    for by in [courier(), other()] {
        assert_eq!(after(delivered(), pick_up(by.clone())), Err(Rejection::Delivered));
        assert_eq!(after(State::Cancelled, pick_up(by)), Err(Rejection::Cancelled));
    }
}

/// E-F4
#[test]
fn only_the_courier_who_has_it_says_that_it_has_arrived() {
    for state in [picked_up(), delivered()] {
        assert_eq!(after(state, complete(other())), Err(Rejection::NotFound));
    }
    for by in [courier(), other()] {
        assert_eq!(after(State::Started, complete(by.clone())), Err(Rejection::NotPickedUp));
        assert_eq!(after(State::Cancelled, complete(by)), Err(Rejection::Cancelled));
    }
}

/// E-F5, E-T5
#[test]
fn what_no_courier_has_is_called_off() {
    for command in [cancel(), call_off()] {
        let off = (State::Cancelled, vec![told!(DeliveryCancelled)]);
        assert_eq!(after(State::Started, command), Ok(off));
    }
}

#[test]
fn what_a_courier_has_is_not_called_off() {
    assert_eq!(after(picked_up(), cancel()), Err(Rejection::PickedUp));
    assert_eq!(after(delivered(), cancel()), Err(Rejection::Delivered));
    for state in [picked_up(), delivered()] {
        assert_eq!(after(state.clone(), call_off()), Ok((state, vec![])));
    }
}

/// E-T5: its first event names its people all the same.
#[test]
fn what_is_called_off_before_it_begins_never_begins() {
    let dead = Delivery::decide(None, cancel());
    assert_eq!(dead, Ok((delivery(State::Cancelled), vec![told!(DeliveryCancelled)])));
    let late = Delivery::decide(Some(delivery(State::Cancelled)), start());
    assert_eq!(late, Ok((delivery(State::Cancelled), vec![])));
}

#[test]
fn where_there_is_none_there_is_nothing_to_do() {
    let mut commands = vec![call_off(), pick_up(courier()), complete(courier())];
    commands.extend(heards().map(answered));
    for command in commands {
        assert_eq!(Delivery::decide(None, command), Err(Rejection::NotFound));
    }
}

#[test]
fn it_concerns_its_customer_its_seller_and_its_courier() {
    for (person, expected) in [
        ("customer01", [true; 4]),
        ("seller01", [true; 4]),
        (COURIER, [false, true, true, false]),
        ("courier02", [false; 4]),
        ("Customer01", [false; 4]),
        ("", [false; 4]),
    ] {
        let seen = states().map(|state| delivery(state).is_seen_by(person));
        assert_eq!(seen, expected, "{person}");
    }
}

#[test]
fn every_refusal_has_a_name() {
    assert_eq!(Rejection::NotFound.kind(), Kind::NotFound);
    assert_eq!(Rejection::NotFound.reason(), "DELIVERY_NOT_FOUND");
    for (refused, reason) in [
        (Rejection::PickedUp, "DELIVERY_PICKED_UP"),
        (Rejection::NotPickedUp, "DELIVERY_NOT_PICKED_UP"),
        (Rejection::Delivered, "DELIVERY_DELIVERED"),
        (Rejection::Cancelled, "DELIVERY_CANCELLED"),
    ] {
        assert_eq!((refused.kind(), refused.reason()), (Kind::Precondition, reason));
        // Nothing that is so passes by itself.
        assert_eq!(refused.retry_after(), None);
    }
}
