//! Calling off: the ticket alone knows whether it is too late.

use super::*;

/// D-F4, D-T5
#[test]
fn what_nobody_cooks_is_called_off() {
    for state in [State::Arriving, State::Received, State::Accepted] {
        for command in [cancel(), call_off()] {
            let off = (State::Cancelled, vec![told!(TicketCancelled)]);
            assert_eq!(after(state, command), Ok(off));
        }
    }
}

#[test]
fn what_is_being_cooked_is_not_called_off() {
    assert_eq!(after(State::Cooking, cancel()), Err(Rejection::Cooking));
    assert_eq!(after(State::Cooked, cancel()), Err(Rejection::Cooked));
    for state in [State::Cooking, State::Cooked] {
        assert_eq!(after(state, call_off()), Ok((state, vec![])));
    }
}

#[test]
fn what_is_not_made_anyhow_is_called_off_without_a_word() {
    for state in [BY_STORE, NO_STORE, State::Cancelled] {
        for command in [cancel(), call_off()] {
            assert_eq!(after(state, command), Ok((state, vec![])));
        }
    }
}

/// D-T5, D-T6: its first event names its people all the same.
#[test]
fn what_is_called_off_before_it_comes_never_comes() {
    let dead = Ticket::decide(None, cancel());
    assert_eq!(dead, Ok((never_came(), vec![told!(TicketCancelled)])));
    let late = Ticket::decide(Some(never_came()), receive());
    assert_eq!(late, Ok((never_came(), vec![])));
}
