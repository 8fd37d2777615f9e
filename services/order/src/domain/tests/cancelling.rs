//! Calling an order off: its store decides, or its delivery.

use jangteo::{
    delivery::v1::{CancelDeliveryRequest, Delivery},
    order::v1::OrderedLine,
    store::v1::{CancelTicketRequest, Ticket},
};
use jangteo_kit::event::timestamp;

use super::*;
use crate::domain::ask::{cancel_away, delivered};

fn picked_up_already() -> No {
    No { reason: "DELIVERY_PICKED_UP".to_owned(), ..no() }
}

/// What the customer is told who has called it off.
fn outcome(standing: Standing) -> Option<String> {
    let no = order(bought(standing)).outcome().err()?;
    Some(no.reason().to_owned())
}

/// E-F5, E-T5, E.13-1: whoever has taken something for it hears that it is off, and how much goes back.
#[test]
fn an_order_is_called_off_once_its_delivery_is() {
    let placed = order(bought(reached(Rank::Placed)));
    let (order, events) = Order::decide(Some(placed), cancel()).unwrap();
    assert_eq!((order.cancels, events), (2, vec![]), "a try of its own");
    let key = format!("{KEY}/cancels/2");
    let request = CancelDeliveryRequest {
        id: ID.to_string(),
        customer: "customer01".to_owned(),
        seller: "seller02".to_owned(),
        call_key: key.clone(),
    };
    asks(&order, "DeliveryService/CancelDelivery", &request, &key, Unanswered::Undo);
    assert_eq!(question(&order).limit.as_millis(), 610);

    let (order, events) = hears(&order, yes(&Delivery::default()));
    assert_eq!(order.state, bought(cancelled(Why::ByCustomer)));
    assert!(order.pending().is_none() && order.outcome().is_ok());
    let lines = sold().lines;
    let line = |line: Line| OrderedLine {
        product_id: line.product.to_string(),
        name: line.name,
        quantity: line.quantity,
        price_krw: line.price_krw,
    };
    let told = OrderCancelled {
        order_id: ID.to_string(),
        customer: "customer01".to_owned(),
        seller: "seller02".to_owned(),
        lines: lines.into_iter().map(line).collect(),
        total_krw: 152_000,
        payment_key: format!("{KEY}/payments/1"),
        reason: "BY_CUSTOMER".to_owned(),
        time: Some(timestamp(NOW)),
    };
    assert_eq!(events, [told.into()]);
}

/// D-F4: the kitchen knows whether it is cooked; no delivery knows of it yet.
#[test]
fn what_a_store_makes_is_called_off_once_its_ticket_is() {
    for from in [Rank::Placed, Rank::Preparing] {
        let standing = order(cooked(reached(from)));
        let (order, events) = Order::decide(Some(standing), cancel()).unwrap();
        assert_eq!((&order.state, events), (&cooked(cancelling(from, false)), vec![]));
        let key = format!("{KEY}/cancels/2");
        let request = CancelTicketRequest {
            id: ID.to_string(),
            store_id: STORE.to_string(),
            customer: "customer01".to_owned(),
            seller: "seller02".to_owned(),
            call_key: key.clone(),
        };
        asks(&order, "TicketService/CancelTicket", &request, &key, Unanswered::Undo);
        assert_eq!(question(&order).limit.as_millis(), 610);
        let (order, events) = hears(&order, yes(&Ticket::default()));
        assert_eq!(order.state, cooked(cancelled(Why::ByCustomer)));
        let [Event::OrderCancelled(told)] = &events[..] else { panic!("{events:?}") };
        assert_eq!(told.reason, "BY_CUSTOMER");
    }
}

/// D-F4: it is too late once it is being cooked.
#[test]
fn what_is_being_cooked_is_not_called_off() {
    let cooking = No { reason: "TICKET_COOKING".to_owned(), ..no() };
    let asked = order(cooked(cancelling(Rank::Preparing, false)));
    let (order, events) = hears(&asked, Heard::No(cooking.clone()));
    assert_eq!(order.state, cooked(failed(Rank::Preparing, cooking.clone())));
    assert_eq!(order.outcome(), Err(Rejection::Peer(cooking)));
    let [Event::OrderCancelRefused(told)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(told.reason, "TICKET_COOKING");
}

/// D-T5
#[test]
fn an_order_whose_store_was_not_asked_stands() {
    let asked = order(cooked(cancelling(Rank::Preparing, false)));
    let order = silently(&asked, Heard::NotSent);
    let why = is_away(&order, "STORE_UNAVAILABLE");
    assert_eq!(order.state, cooked(failed(Rank::Preparing, why)));
    let order = silently(&asked, Heard::Nothing);
    assert_eq!(order.state, cooked(cancelling(Rank::Preparing, true)));
    assert_eq!(question(&order).unanswered, Unanswered::Finish);
    assert_eq!(question(&order).question, question(&asked).question);
    assert_eq!(silently(&order, Heard::NotSent), order, "it is asked until it answers");
}

#[test]
fn an_order_that_its_courier_has_goes_back_to_what_it_was() {
    for from in [Rank::Placed, Rank::Preparing, Rank::Delivering, Rank::Delivered] {
        for again in [false, true] {
            let no = cancel_answered(Heard::No(picked_up_already()));
            let (standing, events) = stands(cancelling(from, again), no);
            assert_eq!(standing, failed(from, picked_up_already()));
            let [Event::OrderCancelRefused(told)] = &events[..] else { panic!("{events:?}") };
            assert_eq!(told.reason, "DELIVERY_PICKED_UP");
            assert_eq!(outcome(standing).as_deref(), Some("DELIVERY_PICKED_UP"));
        }
    }
}

#[test]
fn an_order_whose_delivery_was_not_asked_stands() {
    let asked = order(bought(cancelling(Rank::Placed, false)));
    let order = silently(&asked, Heard::NotSent);
    let why = is_away(&order, "DELIVERY_UNAVAILABLE");
    assert_eq!(order.state, bought(failed(Rank::Placed, why)));
    assert!(order.pending().is_none());
}

/// E.13-1: nobody is left in the dark; it goes on until the delivery has answered.
#[test]
fn a_delivery_that_does_not_answer_is_asked_until_it_does() {
    let asked = order(bought(cancelling(Rank::Placed, false)));
    let order = silently(&asked, Heard::Nothing);
    assert_eq!(order.state, bought(cancelling(Rank::Placed, true)));
    assert_eq!(order.outcome(), Ok(()), "it is being called off");
    let again = question(&order);
    assert_eq!((&again.key, again.unanswered), (&question(&asked).key, Unanswered::Finish));
    assert_eq!(again.question, question(&asked).question);
    for heard in [Heard::Nothing, Heard::NotSent] {
        assert_eq!(silently(&order, heard), order);
    }
    let (order, events) = hears(&order, yes(&Delivery::default()));
    assert_eq!(order.state, bought(cancelled(Why::ByCustomer)));
    assert_eq!(events.len(), 1);
}

#[test]
fn it_can_be_tried_again_with_a_key_of_its_own() {
    for why in [picked_up_already(), cancel_away(None)] {
        let (again, _) =
            Order::decide(Some(order(bought(failed(Rank::Placed, why)))), cancel()).unwrap();
        assert_eq!(again.state, bought(cancelling(Rank::Placed, false)));
        assert_eq!(question(&again).key, format!("{KEY}/cancels/2"));
        assert_eq!(again.outcome(), Ok(()), "it begins anew");
    }
}

#[test]
fn while_it_is_being_called_off_it_is_asked_once() {
    for again in [false, true] {
        let asked = order(bought(cancelling(Rank::Placed, again)));
        assert_eq!(Order::decide(Some(asked.clone()), cancel()), Ok((asked, vec![])));
    }
    for why in WHYS {
        let off = bought(cancelled(why));
        assert_eq!(after(off.clone(), cancel()), Ok((off, vec![])));
    }
}

#[test]
fn an_order_that_is_on_its_way_is_not_called_off() {
    for (rank, refusal) in
        [(Rank::Delivering, Rejection::Delivering), (Rank::Delivered, Rejection::Delivered)]
    {
        assert_eq!(after(bought(reached(rank)), cancel()), Err(refusal.clone()));
        assert_eq!(after(bought(failed(rank, no())), cancel()), Err(refusal));
    }
}

/// No delivery says so; if one did, the customer would have both.
#[test]
fn what_has_arrived_is_not_paid_back() {
    let asked = cancelling(Rank::Delivered, true);
    let (standing, events) = stands(asked, cancel_answered(Heard::Yes(())));
    assert_eq!(standing, failed(Rank::Delivered, delivered()));
    assert!(matches!(&events[..], [Event::OrderCancelRefused(_)]), "{events:?}");
}

#[test]
fn the_seller_sees_and_does_not_act_and_a_stranger_sees_nothing() {
    let by = |person: &str| Command::Cancel { by: Actor(person.to_owned()) };
    for state in seen() {
        assert_eq!(after(state.clone(), by("seller02")), Err(Rejection::CustomerOnly));
        assert_eq!(after(state, by("stranger01")), Err(Rejection::NotFound));
    }
    for state in unseen() {
        for person in ["customer01", "seller02", "stranger01"] {
            assert_eq!(after(state.clone(), by(person)), Err(Rejection::NotFound));
        }
    }
}
