//! An order goes on as its store and its delivery do.

use super::*;

const RANKS: [Rank; 4] = [Rank::Placed, Rank::Preparing, Rank::Delivering, Rank::Delivered];

/// Who calls an order off without its customer.
const OTHERS: [Why; 3] = [Why::StoreRejected, Why::StoreCancelled, Why::DeliveryCancelled];

fn telling(events: &[Event]) -> Vec<&'static str> {
    let name = |event: &Event| match event {
        Event::OrderPlaced(_) => "placed",
        Event::OrderPreparing(_) => "preparing",
        Event::OrderDelivering(_) => "delivering",
        Event::OrderDelivered(_) => "delivered",
        Event::OrderCancelRefused(_) => "refused",
        Event::OrderCancelled(_) => "cancelled",
    };
    events.iter().map(name).collect()
}

/// D-F3, D-F5, E-F4
#[test]
fn an_order_goes_on_and_may_skip() {
    for (from, command, to, told) in [
        (Rank::Placed, preparing(), Rank::Preparing, &["preparing"][..]),
        (Rank::Placed, picked_up(), Rank::Delivering, &["delivering"]),
        (Rank::Placed, arrived(), Rank::Delivered, &["delivered"]),
        (Rank::Preparing, preparing(), Rank::Preparing, &[]),
        (Rank::Preparing, picked_up(), Rank::Delivering, &["delivering"]),
        (Rank::Preparing, arrived(), Rank::Delivered, &["delivered"]),
        (Rank::Delivering, preparing(), Rank::Delivering, &[]),
        (Rank::Delivering, picked_up(), Rank::Delivering, &[]),
        (Rank::Delivering, arrived(), Rank::Delivered, &["delivered"]),
        (Rank::Delivered, preparing(), Rank::Delivered, &[]),
        (Rank::Delivered, picked_up(), Rank::Delivered, &[]),
        (Rank::Delivered, arrived(), Rank::Delivered, &[]),
    ] {
        let (standing, events) = stands(reached(from), command);
        assert_eq!((standing, telling(&events)), (reached(to), told.to_vec()), "{from:?}");
    }
}

/// What failed before is over once it goes on.
#[test]
fn what_goes_on_forgets_that_it_was_to_be_called_off() {
    let (standing, _) = stands(failed(Rank::Placed, no()), picked_up());
    assert_eq!(standing, reached(Rank::Delivering));
    let same = stands(failed(Rank::Delivering, no()), picked_up());
    assert_eq!(same, (failed(Rank::Delivering, no()), vec![]));
}

/// The store may take on what its customer has just called off: both are told.
#[test]
fn what_is_being_called_off_may_be_taken_on_meanwhile() {
    let asked = order(cooked(cancelling(Rank::Placed, false)));
    let (order, events) = Order::decide(Some(asked.clone()), preparing()).unwrap();
    assert_eq!(order.state, cooked(cancelling(Rank::Preparing, false)));
    let [Event::OrderPreparing(told)] = &events[..] else { panic!("{events:?}") };
    assert_eq!((told.order_id.as_str(), told.customer.as_str()), (&*ID.to_string(), "customer01"));
    assert_eq!(told.seller, "seller02");
    assert!(question(&order).is(&question(&asked)));
}

/// No word of the delivery is lost, and the question stays the same.
#[test]
fn what_is_being_called_off_goes_on_behind_it() {
    for again in [false, true] {
        let asked = order(bought(cancelling(Rank::Placed, again)));
        let (order, events) = Order::decide(Some(asked.clone()), picked_up()).unwrap();
        assert_eq!(order.state, bought(cancelling(Rank::Delivering, again)));
        assert_eq!(telling(&events), ["delivering"]);
        assert!(question(&order).is(&question(&asked)));
        let (order, events) = Order::decide(Some(order), arrived()).unwrap();
        assert_eq!(order.state, bought(cancelling(Rank::Delivered, again)));
        assert_eq!(telling(&events), ["delivered"]);
    }
}

/// D-F3, E-T5: whoever says it.
#[test]
fn an_order_that_nobody_makes_or_brings_is_off() {
    for (why, reason) in
        OTHERS.into_iter().zip(["STORE_REJECTED", "STORE_CANCELLED", "DELIVERY_CANCELLED"])
    {
        for from in [Rank::Placed, Rank::Preparing, Rank::Delivering] {
            for standing in [reached(from), failed(from, no())] {
                let (standing, events) = stands(standing, called_off(why));
                assert_eq!(standing, cancelled(why));
                let [Event::OrderCancelled(told)] = &events[..] else { panic!("{events:?}") };
                assert_eq!(told.reason, reason);
                assert_eq!(told.payment_key, format!("{KEY}/payments/1"));
            }
        }
    }
}

/// The event of what the customer has asked for may be here before the answer.
#[test]
fn the_event_may_overtake_the_answer() {
    for (from, again) in [Rank::Placed, Rank::Preparing, Rank::Delivering]
        .into_iter()
        .flat_map(|from| [(from, false), (from, true)])
    {
        for why in OTHERS {
            let (standing, events) = stands(cancelling(from, again), called_off(why));
            assert_eq!(standing, cancelled(Why::ByCustomer));
            let [Event::OrderCancelled(told)] = &events[..] else { panic!("{events:?}") };
            assert_eq!(told.reason, "BY_CUSTOMER");
            let late = stands(standing.clone(), cancel_answered(Heard::Yes(())));
            assert_eq!(late, (standing, vec![]));
        }
    }
}

#[test]
fn what_has_arrived_is_not_called_off() {
    for standing in [
        reached(Rank::Delivered),
        failed(Rank::Delivered, no()),
        cancelling(Rank::Delivered, false),
        cancelling(Rank::Delivered, true),
    ] {
        for why in OTHERS {
            let same = stands(standing.clone(), called_off(why));
            assert_eq!(same, (standing.clone(), vec![]));
        }
    }
}

#[test]
fn what_is_off_hears_nothing_more() {
    for why in WHYS {
        let words = [preparing(), picked_up(), arrived()];
        for command in words.into_iter().chain(OTHERS.map(called_off)) {
            assert_eq!(stands(cancelled(why), command), (cancelled(why), vec![]));
        }
    }
}

#[test]
fn nothing_happens_to_an_order_that_did_not_come_about() {
    for state in unseen() {
        let words = [preparing(), picked_up(), arrived()];
        for command in words.into_iter().chain(OTHERS.map(called_off)) {
            assert_eq!(after(state.clone(), command), Ok((state.clone(), vec![])));
        }
    }
}

/// An answer that nobody waits for any more.
#[test]
fn a_late_answer_changes_nothing() {
    for rank in RANKS {
        for heard in [Heard::Yes(()), Heard::No(no()), Heard::NotSent, Heard::Nothing] {
            let same = stands(reached(rank), cancel_answered(heard));
            assert_eq!(same, (reached(rank), vec![]));
        }
    }
}
