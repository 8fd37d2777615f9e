//! What rentals and their reviews do with an item: each of it in each state.

use super::*;

fn why(event: Option<Event>) -> String {
    let Some(Event::ItemReservationRefused(told)) = event else { panic!("{event:?}") };
    assert_eq!((told.rental_id, told.renter), (rental(2).to_string(), "renter02".to_owned()));
    told.reason
}

/// B-F3, B-F5, B-T3; B.14: name and price are the item's, not the renter's.
#[test]
fn a_rental_reserves_an_item_at_its_price() {
    let (state, event) = told(State::Rentable, reserve(1));
    assert_eq!(state, reserved(0, 0));
    let Some(Event::ItemReserved(told)) = event else { panic!("{event:?}") };
    assert_eq!(
        (told.name.as_str(), told.price_krw, told.owner.as_str()),
        ("Camera", 100, "owner01")
    );
    assert_eq!((told.rental_id, told.renter), (rental(1).to_string(), "renter01".to_owned()));
}

/// B.14: two renters reserve the same item, or one that is not there.
#[test]
fn a_rental_is_told_why_it_cannot_have_the_item() {
    for (state, reason) in [
        (reserved(1, 0), "ITEM_RESERVED"),
        (State::Reserved(last(1), Payments::default()), "ITEM_RETIRED"),
        (State::Lent(hold(1)), "ITEM_LENT"),
        (State::Lent(last(1)), "ITEM_RETIRED"),
        (State::Retired, "ITEM_RETIRED"),
        (State::Deleted, "ITEM_DELETED"),
        (State::Unknown, "ITEM_NOT_FOUND"),
    ] {
        let (same, event) = told(state.clone(), reserve(2));
        assert_eq!((same, why(event).as_str()), (state, reason));
    }
}

#[test]
fn nobody_rents_from_himself() {
    let Actor(renter) = owner();
    let own = Command::Reserve { id: ID, rental: rental(2), renter, at: 1 };
    let (state, event) = told(State::Rentable, own);
    assert_eq!(state, State::Rentable);
    let Some(Event::ItemReservationRefused(told)) = event else { panic!("{event:?}") };
    assert_eq!(told.reason, "OWN_ITEM");
}

#[test]
fn an_item_that_is_not_there_refuses_and_stays_away() {
    let (unknown, events) = Item::decide(None, reserve(2)).unwrap();
    assert_eq!(unknown, item(State::Unknown));
    assert_eq!(why(events.into_iter().next()), "ITEM_NOT_FOUND");
    assert_eq!(Item::decide(Some(unknown), register()), Err(Rejection::Exists));
}

#[test]
fn whoever_holds_an_item_has_his_answer_already() {
    for state in [reserved(1, 0), State::Lent(hold(1)), State::Lent(last(1))] {
        assert_eq!(told(state.clone(), reserve(1)), (state, None));
    }
}

/// B-F9, B-T10
#[test]
fn a_rental_that_falls_through_lets_its_item_go() {
    let retired = State::Reserved(last(1), Payments::default());
    for (state, then) in [(reserved(1, 1), State::Rentable), (retired, State::Retired)] {
        let (state, event) = told(state, release(1));
        assert_eq!(state, then);
        let Some(Event::ItemReleased(told)) = event else { panic!("{event:?}") };
        assert_eq!((told.rental_id, told.renter), (rental(1).to_string(), "renter01".to_owned()));
    }
}

/// B.14: the original cancels while the item is out.
#[test]
fn nothing_is_let_go_that_is_not_kept_for_the_rental() {
    for state in states() {
        assert_eq!(told(state.clone(), release(2)), (state.clone(), None));
        if !matches!(state, State::Reserved(..)) {
            assert_eq!(told(state.clone(), release(1)), (state, None));
        }
    }
}

/// B-F13, B-T12
#[test]
fn a_reviewed_item_is_retired_and_told_of_once() {
    for (state, then) in [
        (State::Rentable, State::Retired),
        (reserved(2, 1), State::Reserved(last(1), Payments { paid: 2, withheld: 1 })),
        (State::Lent(hold(1)), State::Lent(last(1))),
    ] {
        let (state, event) = told(state, retire(9));
        assert_eq!(state, then);
        assert!(item(state.clone()).is_retired());
        let Some(Event::ItemRetired(told_of)) = event else { panic!("{event:?}") };
        assert_eq!(told_of.rental_id, rental(9).to_string());
        assert_eq!(told(state.clone(), retire(9)), (state, None));
    }
}

#[test]
fn what_is_gone_is_not_retired() {
    for state in ENDS {
        assert_eq!(told(state.clone(), retire(9)), (state, None));
    }
    assert_eq!(Item::decide(None, retire(9)), Err(Rejection::NotFound));
}

/// B-F13: the next renter, who came before the review, has the item to the end of his rental.
#[test]
fn a_retired_item_under_a_rental_is_paid_lent_and_returned_before_it_goes() {
    let (reserved, _) = told(State::Rentable, reserve(1));
    let (retired, _) = told(reserved, retire(9));
    let (paid, _) = told(retired, paid(1, 1));
    let (lent, event) = after(paid, lend(owner(), 1)).unwrap();
    assert!(matches!(event, Some(Event::ItemLent(_))), "{event:?}");
    let (_, refused) = told(lent.clone(), reserve(2));
    assert_eq!(why(refused), "ITEM_RETIRED");
    let (gone, event) = after(lent, take_back(owner(), 1)).unwrap();
    assert!(matches!(event, Some(Event::ItemReturned(_))), "{event:?}");
    assert_eq!(gone, State::Retired);
}
