//! Who sees which deliveries, and where they go.

use super::*;
use crate::{
    domain::{
        Destination, State,
        samples::{COURIER as BRINGER, ID, bound, delivered, delivery, picked_up, states},
    },
    grpc::shown,
    store::tests::stored,
};

fn person(subject: &str) -> Caller {
    Caller::User { subject: subject.to_owned(), roles: vec![] }
}

fn courier(subject: &str) -> Caller {
    Caller::User { subject: subject.to_owned(), roles: vec![COURIER.to_owned()] }
}

/// A delivery with a destination, whole.
fn whole(state: State) -> Shown {
    shown(&stored(ID, bound(state)))
}

#[test]
fn what_waits_is_seen_by_every_courier_and_the_rest_by_its_people() {
    for (reader, expected) in [
        (person("customer01"), [true; 4]),
        (person("seller01"), [true; 4]),
        (courier(BRINGER), [true, true, true, false]),
        (courier("courier02"), [true, false, false, false]),
        (person("customer02"), [false; 4]),
        (Caller::Service { context: "customer01".to_owned() }, [false; 4]),
        (Caller::Anonymous, [false; 4]),
    ] {
        let seen = states().map(|state| is_seen_by(&delivery(state), &reader));
        assert_eq!(seen, expected, "{reader:?}");
    }
}

/// E.13: the original gives the courier an address and nobody to call.
#[test]
fn where_it_goes_its_customer_sees_and_the_courier_who_has_it() {
    for (person, state, all) in [
        ("customer01", State::Started, true),
        ("customer01", picked_up(), true),
        (BRINGER, picked_up(), true),
        (BRINGER, State::Started, false),
        ("courier02", picked_up(), false),
        ("seller01", State::Started, false),
        ("seller01", picked_up(), false),
    ] {
        let seen = seen_by(whole(state.clone()), person);
        let expected = if all { whole(state) } else { unaddressed(whole(state)) };
        assert_eq!(seen, expected, "{person}");
    }
}

#[test]
fn nothing_but_where_it_goes_is_kept_back() {
    let (all, rest) = (whole(picked_up()), unaddressed(whole(picked_up())));
    let Destination { address, phone_number } = bound(picked_up()).destination.unwrap();
    assert_eq!((&all.address, &all.phone_number), (&address, &phone_number));
    assert_eq!((rest.address.as_str(), rest.phone_number.as_str()), ("", ""));
    assert_eq!(all, Shown { address, phone_number, ..rest });
}

#[test]
fn what_is_not_known_is_empty() {
    for state in [State::Started, picked_up(), delivered(), State::Cancelled] {
        let shown = shown(&stored(ID, delivery(state)));
        assert_eq!(seen_by(shown.clone(), "customer01"), unaddressed(shown));
    }
}
