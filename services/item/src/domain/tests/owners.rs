//! What owners do with their items.

use jangteo_kit::status::Reject;

use super::*;

/// B-F1, B-T1
#[test]
fn a_new_item_is_rentable_and_told_of() {
    let (new, events) = Item::decide(None, register()).unwrap();
    assert_eq!(new, item(State::Rentable));
    let [Event::ItemRegistered(told)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(
        (told.name.as_str(), told.price_krw, told.owner.as_str()),
        ("Camera", 100, "owner01")
    );
    assert_eq!(after(State::Rentable, register()), Err(Rejection::Exists));
}

#[test]
fn an_owner_edits_his_item_while_nobody_rents_it() {
    let (edited, events) = Item::decide(Some(item(State::Rentable)), update(owner())).unwrap();
    assert_eq!((edited.listing.name.as_str(), edited.listing.price_krw), ("Camera", 90));
    let [Event::ItemChanged(told)] = &events[..] else { panic!("{events:?}") };
    assert_eq!((told.name.as_str(), told.price_krw), ("Camera", 90));
    let (_, again) = Item::decide(Some(edited), update(owner())).unwrap();
    assert_eq!(again, []);
}

/// B-F2
#[test]
fn an_owner_deletes_his_item_while_nobody_rents_it() {
    let (state, event) = after(State::Rentable, delete(owner())).unwrap();
    assert_eq!(state, State::Deleted);
    assert!(matches!(event, Some(Event::ItemDeleted(_))), "{event:?}");
}

/// B.14: the original deletes items under a running rental.
#[test]
fn an_item_that_is_held_or_gone_is_neither_edited_nor_deleted() {
    let retired = || State::Reserved(last(1), Payments::default());
    for (state, no_edit, no_delete) in [
        (reserved(1, 0), Rejection::Reserved, Rejection::InUse),
        (retired(), Rejection::Retired, Rejection::InUse),
        (State::Lent(hold(1)), Rejection::Lent, Rejection::InUse),
        (State::Lent(last(1)), Rejection::Retired, Rejection::InUse),
        (State::Retired, Rejection::Retired, Rejection::Retired),
        (State::Deleted, Rejection::Deleted, Rejection::Deleted),
        (State::Unknown, Rejection::NotFound, Rejection::NotFound),
    ] {
        assert_eq!(after(state.clone(), update(owner())), Err(no_edit), "{state:?}");
        assert_eq!(after(state.clone(), delete(owner())), Err(no_delete), "{state:?}");
    }
}

/// B-F8, B-T5
#[test]
fn an_owner_lends_what_is_paid() {
    let (state, event) = after(reserved(1, 0), lend(owner(), 1)).unwrap();
    assert_eq!(state, State::Lent(hold(1)));
    let Some(Event::ItemLent(told)) = event else { panic!("{event:?}") };
    assert_eq!((told.rental_id, told.renter), (rental(1).to_string(), "renter01".to_owned()));
    assert_eq!(after(state.clone(), lend(owner(), 1)), Ok((state, None)));
}

/// B.14: the original lends what is neither paid nor reserved.
#[test]
fn what_is_not_paid_or_not_reserved_for_the_rental_is_not_lent() {
    assert_eq!(after(reserved(0, 0), lend(owner(), 1)), Err(Rejection::NotPaid));
    for state in states().into_iter().filter(|state| *state != State::Unknown) {
        let refused = after(state.clone(), lend(owner(), 2));
        assert_eq!(refused, Err(Rejection::NotReservedForRental), "{state:?}");
    }
}

/// B-F10, B-T6, B-T7
#[test]
fn an_item_that_is_back_can_be_rented_again() {
    let (state, event) = after(State::Lent(hold(1)), take_back(owner(), 1)).unwrap();
    assert_eq!(state, State::Rentable);
    let Some(Event::ItemReturned(told)) = event else { panic!("{event:?}") };
    assert_eq!((told.rental_id, told.name), (rental(1).to_string(), "Camera".to_owned()));
}

#[test]
fn only_what_is_lent_for_the_rental_comes_back() {
    for state in states().into_iter().filter(|state| *state != State::Unknown) {
        let refused = after(state.clone(), take_back(owner(), 2));
        assert_eq!(refused, Err(Rejection::NotLent), "{state:?}");
    }
    assert_eq!(after(reserved(1, 0), take_back(owner(), 1)), Err(Rejection::NotLent));
}

#[test]
fn a_stranger_finds_no_item_and_nobody_one_that_is_not_there() {
    for by in [Actor("renter01".to_owned()), Actor(String::new())] {
        for command in
            [update(by.clone()), delete(by.clone()), lend(by.clone(), 1), take_back(by.clone(), 1)]
        {
            for state in states() {
                assert_eq!(after(state, command.clone()), Err(Rejection::NotFound));
            }
            assert_eq!(Item::decide(None, command.clone()), Err(Rejection::NotFound));
        }
    }
}

#[test]
fn everybody_sees_an_item_until_it_is_deleted() {
    for state in states() {
        let item = item(state);
        let (owner, others) = match item.state {
            State::Deleted => (true, false),
            State::Unknown => (false, false),
            _ => (true, true),
        };
        assert_eq!(item.is_seen_by(Some("owner01")), owner, "{item:?}");
        for other in [None, Some(""), Some("renter01")] {
            assert_eq!(item.is_seen_by(other), others, "{item:?}");
        }
    }
}

#[test]
fn trying_again_helps_where_something_is_on_its_way() {
    for (rejection, helps) in [
        (Rejection::Reserved, true),
        (Rejection::NotPaid, true),
        (Rejection::InUse, false),
        (Rejection::Retired, false),
    ] {
        assert_eq!(rejection.retry_after().is_some(), helps, "{rejection}");
    }
}
