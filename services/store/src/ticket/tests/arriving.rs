//! Before anybody sees a ticket, it asks whether its seller has the store.

use jangteo::store::v1::{CheckStoreRequest, Store};
use jangteo_kit::decide::{Question, Unanswered};
use prost::Message;

use super::*;

const KEY: &str = "tickets/00000000-0000-0000-0000-000000000007";

/// D-F2: nothing is told before it is known whose the store is.
#[test]
fn a_paid_order_arrives_unseen() {
    let born = Ticket::decide(None, receive());
    assert_eq!(born, Ok((ticket(State::Arriving), vec![])));
    for command in done(&seller()).into_iter().chain(done(&customer())) {
        assert_eq!(after(State::Arriving, command), Err(Rejection::NotFound));
    }
}

/// D-T6: asked until it is answered.
#[test]
fn it_asks_whether_its_seller_has_the_store() {
    let request = CheckStoreRequest {
        id: STORE.to_string(),
        owner: "seller01".to_owned(),
        call_key: KEY.to_owned(),
    };
    let question = Question::of("StoreService/CheckStore", &request);
    assert_eq!(question.peer, "store");
    let pending = ticket(State::Arriving).pending().expect("it asks");
    assert_eq!((pending.key.as_str(), &pending.question), (KEY, &question));
    assert_eq!((pending.unanswered, pending.limit.as_secs()), (Unanswered::Finish, 2));
    for state in STATES.into_iter().filter(|state| *state != State::Arriving) {
        assert!(ticket(state).pending().is_none(), "{state:?}");
    }
}

#[test]
fn an_answer_that_can_be_read_is_a_yes() {
    let pending = ticket(State::Arriving).pending().expect("it asks");
    let yes = Store { id: STORE.to_string(), ..Store::default() }.encode_to_vec();
    assert_eq!(pending.heard(Heard::Yes(yes), NOW), checked(Heard::Yes(())));
    assert_eq!(pending.heard(Heard::Yes(vec![0xff]), NOW), checked(Heard::Nothing));
}

/// D-F2, D-T1
#[test]
fn a_yes_brings_it_to_its_store() {
    let received = (State::Received, vec![told!(TicketReceived)]);
    assert_eq!(after(State::Arriving, checked(Heard::Yes(()))), Ok(received));
}

#[test]
fn an_order_of_no_store_is_not_made() {
    let [_, no, ..] = heards();
    let rejected = (NO_STORE, vec![told!(TicketRejected, "STORE_NOT_FOUND")]);
    assert_eq!(after(State::Arriving, checked(no)), Ok(rejected));
}

#[test]
fn where_no_answer_has_come_it_still_asks() {
    for heard in [Heard::NotSent, Heard::Nothing] {
        assert_eq!(after(State::Arriving, checked(heard)), Ok((State::Arriving, vec![])));
    }
}

#[test]
fn a_late_answer_changes_nothing() {
    for state in STATES.into_iter().filter(|state| *state != State::Arriving) {
        for heard in heards() {
            assert_eq!(after(state, checked(heard)), Ok((state, vec![])));
        }
    }
}
