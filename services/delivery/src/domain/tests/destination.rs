//! Where a delivery goes: asked of the order, told nobody, and forgotten at the end.

use jangteo::order::v1::{Destination as Told, GetDestinationRequest};
use jangteo_kit::decide::{Question, Unanswered};
use prost::Message;

use super::*;

const KEY: &str = "deliveries/00000000-0000-0000-0000-000000000007";

/// A delivery after a command that is not refused.
fn then(delivery: Delivery, command: Command) -> Delivery {
    Delivery::decide(Some(delivery), command).expect("not refused").0
}

/// E.13: in the original the courier has nobody to call.
#[test]
fn the_order_is_asked_where_it_goes_as_long_as_it_is_on_its_way() {
    let request = GetDestinationRequest { id: ID.to_string(), call_key: KEY.to_owned() };
    let question = Question::of("OrderService/GetDestination", &request);
    for state in [State::Started, picked_up()] {
        let pending = delivery(state.clone()).pending().expect("it asks");
        assert_eq!((pending.key.as_str(), &pending.question), (KEY, &question));
        assert_eq!((pending.unanswered, pending.limit.as_secs()), (Unanswered::Finish, 2));
        assert!(bound(state).pending().is_none(), "it knows");
    }
    for state in [delivered(), State::Cancelled] {
        assert!(delivery(state).pending().is_none(), "nobody has to know");
    }
}

#[test]
fn an_answer_that_can_be_read_says_where_it_goes() {
    let pending = delivery(State::Started).pending().expect("it asks");
    let Destination { address, phone_number } = destination();
    let yes = Told { address, phone_number }.encode_to_vec();
    let [known, ..] = heards().map(answered);
    assert_eq!(pending.heard(Heard::Yes(yes), NOW), known);
    assert_eq!(pending.heard(Heard::Yes(vec![0xff]), NOW), answered(Heard::Nothing));
}

#[test]
fn only_a_yes_is_kept_and_no_event_says_it() {
    let [yes, rest @ ..] = heards();
    for state in [State::Started, picked_up()] {
        let heard = Delivery::decide(Some(delivery(state.clone())), answered(yes.clone()));
        assert_eq!(heard, Ok((bound(state.clone()), vec![])));
        for heard in rest.clone() {
            let still = Delivery::decide(Some(delivery(state.clone())), answered(heard));
            assert_eq!(still, Ok((delivery(state.clone()), vec![])), "it is asked again");
        }
    }
}

#[test]
fn an_answer_that_nothing_waits_for_changes_nothing() {
    let elsewhere = Destination { address: "서초동 2".to_owned(), ..destination() };
    for heard in heards().into_iter().chain([Heard::Yes(elsewhere)]) {
        for state in [State::Started, picked_up()] {
            assert_eq!(then(bound(state.clone()), answered(heard.clone())), bound(state));
        }
        for state in [delivered(), State::Cancelled] {
            assert_eq!(then(delivery(state.clone()), answered(heard.clone())), delivery(state));
        }
    }
}

/// The question stays as it is: a courier is answered at once, and the order's answer still counts.
#[test]
fn picking_up_waits_for_no_answer() {
    let started = delivery(State::Started);
    let taken = then(started.clone(), pick_up(courier()));
    assert_eq!(taken, delivery(picked_up()));
    let [before, now] = [started, taken].map(|it| it.pending().expect("it asks"));
    assert!(before.is(&now), "{now:?}");
}

/// Whoever has brought it has no use for it any more.
#[test]
fn at_its_end_it_forgets_where_it_went() {
    for before in [delivery, bound] {
        assert_eq!(then(before(picked_up()), complete(courier())), delivery(delivered()));
        for command in [cancel(), call_off()] {
            assert_eq!(then(before(State::Started), command), delivery(State::Cancelled));
        }
    }
}
