//! Payments that come, go back, and come late.

use super::*;

/// All of these in their order; each is a fact or a question that is not refused.
fn then(state: State, commands: &[Command]) -> State {
    let tell = |state, command: &Command| told(state, command.clone()).0;
    commands.iter().fold(state, tell)
}

#[test]
fn the_highest_of_each_is_kept_and_nothing_is_told() {
    for (state, command, then) in [
        (reserved(0, 0), paid(1, 1), reserved(1, 0)),
        (reserved(2, 0), paid(1, 1), reserved(2, 0)),
        (reserved(1, 0), withhold(1, 1), reserved(1, 1)),
        (reserved(2, 2), withhold(1, 1), reserved(2, 2)),
        (reserved(2, 2), undo_withhold(1, 2), reserved(2, 1)),
        (reserved(2, 1), undo_withhold(1, 3), reserved(2, 1)),
    ] {
        assert_eq!(told(state, command), (then, None));
    }
}

#[test]
fn payments_of_another_rental_and_after_the_item_left_count_nothing() {
    for state in states() {
        for command in [paid(2, 5), undo_withhold(2, 1)] {
            assert_eq!(told(state.clone(), command), (state.clone(), None));
        }
        if !matches!(state, State::Reserved(..)) {
            for command in [paid(1, 5), undo_withhold(1, 1)] {
                assert_eq!(told(state.clone(), command), (state.clone(), None));
            }
        }
    }
}

/// B-F7, B-F9: nothing goes back of what is lent.
#[test]
fn only_what_is_kept_for_the_rental_is_withheld() {
    for state in states() {
        let (own, other) = match state {
            State::Reserved(..) => (None, Rejection::NotReservedForRental),
            State::Lent(_) => (Some(Rejection::Lent), Rejection::NotReservedForRental),
            _ => (Some(Rejection::NotReservedForRental), Rejection::NotReservedForRental),
        };
        assert_eq!(after(state.clone(), withhold(1, 2)).err(), own, "{state:?}");
        assert_eq!(after(state.clone(), withhold(2, 2)).err(), Some(other), "{state:?}");
    }
}

/// The race of owner and renter: lent first, the money stays.
#[test]
fn what_is_lent_is_not_withheld() {
    let (lent, _) = after(reserved(1, 0), lend(owner(), 1)).unwrap();
    assert_eq!(after(lent.clone(), withhold(1, 1)), Err(Rejection::Lent));
    assert_eq!(told(lent.clone(), release(1)), (lent, None));
}

/// The same race the other way round: the money goes back, and nothing is lent.
#[test]
fn what_is_withheld_is_not_lent() {
    let withheld = then(reserved(1, 0), &[withhold(1, 1)]);
    assert_eq!(after(withheld.clone(), lend(owner(), 1)), Err(Rejection::NotPaid));
    assert_eq!(then(withheld, &[release(1)]), State::Rentable);
}

/// The payment was given up before the word of it came.
#[test]
fn word_of_a_payment_that_went_back_comes_too_late() {
    let late = then(reserved(0, 0), &[withhold(1, 1), paid(1, 1)]);
    assert_eq!(after(late.clone(), lend(owner(), 1)), Err(Rejection::NotPaid));
    let next = then(late, &[paid(1, 2), paid(1, 1)]);
    assert_eq!(after(next, lend(owner(), 1)).unwrap().0, State::Lent(hold(1)));
}

/// B-T11: paid again, after the money went back once.
#[test]
fn what_is_paid_again_is_lent() {
    let again = then(reserved(1, 0), &[withhold(1, 1), paid(1, 2)]);
    assert_eq!(after(again, lend(owner(), 1)).unwrap().0, State::Lent(hold(1)));
}

#[test]
fn what_stays_paid_after_all_is_lent_and_what_went_back_before_is_not() {
    let first_back = then(reserved(1, 0), &[withhold(1, 1)]);
    let second_stays = [withhold(1, 2), undo_withhold(1, 2)];
    let unpaid = then(first_back.clone(), &second_stays);
    assert_eq!(after(unpaid, lend(owner(), 1)), Err(Rejection::NotPaid));
    let paid = then(then(first_back, &[paid(1, 2)]), &second_stays);
    assert_eq!(after(paid, lend(owner(), 1)).unwrap().0, State::Lent(hold(1)));
}

#[test]
fn the_payments_of_one_rental_are_not_the_next_ones() {
    let next = then(reserved(3, 0), &[release(1), reserve(2)]);
    assert_eq!(next, State::Reserved(hold(2), Payments::default()));
    assert_eq!(after(next, lend(owner(), 2)), Err(Rejection::NotPaid));
}
