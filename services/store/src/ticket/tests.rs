//! Each arrow, each refusal, and what holds whatever comes.

mod always;
mod arriving;
mod cancelling;
mod orders;

use jangteo_kit::{
    decide::{Heard, No},
    event::timestamp,
    execute::Aggregate,
    status::{Kind, Reject},
};

use super::{samples::*, *};

const NOW: i64 = 1_727_136_000_000;

const BY_STORE: State = State::Rejected { why: Why::ByStore };
const NO_STORE: State = State::Rejected { why: Why::StoreNotFound };

/// An event of the ticket of all tests.
macro_rules! told {
    ($event:ident $(, $reason:expr)?) => {
        Event::from($event {
            order_id: ID.to_string(),
            store_id: STORE.to_string(),
            customer: "customer01".to_owned(),
            seller: "seller01".to_owned(),
            $(reason: $reason.to_owned(),)?
            time: Some(timestamp(NOW)),
        })
    };
}
use told;

fn seller() -> Actor {
    Actor("seller01".to_owned())
}

fn customer() -> Actor {
    Actor("customer01".to_owned())
}

fn stranger() -> Actor {
    Actor("seller02".to_owned())
}

fn receive() -> Command {
    let Ticket { id, store, customer, seller, lines, .. } = ticket(State::Arriving);
    Command::Receive { id, store, customer, seller, lines }
}

fn cancel() -> Command {
    let Ticket { id, store, customer, seller, .. } = ticket(State::Arriving);
    Command::Cancel { id, store, customer, seller, at: NOW }
}

fn call_off() -> Command {
    Command::CallOff { at: NOW }
}

fn accept(by: Actor) -> Command {
    Command::Accept { by, at: NOW }
}

fn reject(by: Actor) -> Command {
    Command::Reject { by, at: NOW }
}

fn start(by: Actor) -> Command {
    Command::StartCooking { by, at: NOW }
}

fn finish(by: Actor) -> Command {
    Command::FinishCooking { by, at: NOW }
}

/// All that a person does with a ticket.
fn done(by: &Actor) -> [Command; 4] {
    [accept(by.clone()), reject(by.clone()), start(by.clone()), finish(by.clone())]
}

fn checked(heard: Heard<()>) -> Command {
    Command::StoreChecked { heard, at: NOW }
}

/// All that may be heard of a question.
fn heards() -> [Heard<()>; 4] {
    let no = No {
        code: 5,
        reason: "STORE_NOT_FOUND".to_owned(),
        message: "there is no such store".to_owned(),
        retry_after_ms: None,
    };
    [Heard::Yes(()), Heard::No(no), Heard::NotSent, Heard::Nothing]
}

fn is_final(state: State) -> bool {
    matches!(state, State::Cooked | State::Rejected { .. } | State::Cancelled)
}

/// The state after the command, and what told of it.
fn after(state: State, command: Command) -> Result<(State, Vec<Event>), Rejection> {
    Ticket::decide(Some(ticket(state)), command).map(|(now, events)| (now.state, events))
}

/// D-F3, D-P3, D-T3
#[test]
fn a_store_accepts_cooks_and_is_done() {
    let accepted = (State::Accepted, vec![told!(TicketAccepted)]);
    assert_eq!(after(State::Received, accept(seller())), Ok(accepted));
    let started = (State::Cooking, vec![told!(CookingStarted)]);
    assert_eq!(after(State::Accepted, start(seller())), Ok(started));
    let finished = (State::Cooked, vec![told!(CookingFinished)]);
    assert_eq!(after(State::Cooking, finish(seller())), Ok(finished));
}

/// D-F3
#[test]
fn a_store_may_turn_it_down_until_it_cooks() {
    for state in [State::Received, State::Accepted] {
        let rejected = (BY_STORE, vec![told!(TicketRejected, "BY_STORE")]);
        assert_eq!(after(state, reject(seller())), Ok(rejected));
    }
}

#[test]
fn what_is_said_twice_is_no_news() {
    for (state, command) in [
        (State::Accepted, accept(seller())),
        (State::Cooking, start(seller())),
        (State::Cooked, finish(seller())),
        (BY_STORE, reject(seller())),
        (NO_STORE, reject(seller())),
    ] {
        assert_eq!(after(state, command), Ok((state, vec![])));
    }
    for state in STATES {
        assert_eq!(after(state, receive()), Ok((state, vec![])));
    }
}

#[test]
fn one_step_comes_after_the_other() {
    assert_eq!(after(State::Received, start(seller())), Err(Rejection::NotAccepted));
    for state in [State::Received, State::Accepted] {
        assert_eq!(after(state, finish(seller())), Err(Rejection::NotCooking));
    }
    for command in [accept(seller()), reject(seller())] {
        assert_eq!(after(State::Cooking, command), Err(Rejection::Cooking));
    }
    for command in [accept(seller()), reject(seller()), start(seller())] {
        assert_eq!(after(State::Cooked, command), Err(Rejection::Cooked));
    }
}

#[test]
fn what_is_not_made_stays_so() {
    for state in [BY_STORE, NO_STORE] {
        for command in [accept(seller()), start(seller()), finish(seller())] {
            assert_eq!(after(state, command), Err(Rejection::Rejected));
        }
    }
    for command in done(&seller()) {
        assert_eq!(after(State::Cancelled, command), Err(Rejection::Cancelled));
    }
}

#[test]
fn only_whoever_has_the_store_does_anything() {
    for state in STATES.into_iter().filter(|state| *state != State::Arriving) {
        for command in done(&customer()) {
            assert_eq!(after(state, command), Err(Rejection::SellerOnly));
        }
        for command in done(&stranger()) {
            assert_eq!(after(state, command), Err(Rejection::NotFound));
        }
    }
}

#[test]
fn where_there_is_none_there_is_nothing_to_do() {
    let mut commands = vec![call_off()];
    commands.extend(done(&seller()));
    commands.extend(heards().map(checked));
    for command in commands {
        assert_eq!(Ticket::decide(None, command), Err(Rejection::NotFound));
    }
}

/// D-F2, D-P2
#[test]
fn its_customer_and_its_seller_see_it_once_it_has_arrived() {
    for person in ["customer01", "seller01"] {
        for state in STATES {
            assert_eq!(ticket(state).is_seen_by(person), state != State::Arriving, "{person}");
        }
    }
    for person in ["seller02", "Seller01", ""] {
        assert!(STATES.iter().all(|state| !ticket(*state).is_seen_by(person)), "{person}");
    }
}

#[test]
fn every_refusal_has_a_name() {
    for (refused, kind, reason) in [
        (Rejection::NotFound, Kind::NotFound, "TICKET_NOT_FOUND"),
        (Rejection::SellerOnly, Kind::Forbidden, "SELLER_ONLY"),
        (Rejection::NotAccepted, Kind::Precondition, "TICKET_NOT_ACCEPTED"),
        (Rejection::NotCooking, Kind::Precondition, "TICKET_NOT_COOKING"),
        (Rejection::Cooking, Kind::Precondition, "TICKET_COOKING"),
        (Rejection::Cooked, Kind::Precondition, "TICKET_COOKED"),
        (Rejection::Rejected, Kind::Precondition, "TICKET_REJECTED"),
        (Rejection::Cancelled, Kind::Precondition, "TICKET_CANCELLED"),
    ] {
        assert_eq!((refused.kind(), refused.reason()), (kind, reason));
        // Nothing that is so passes by itself.
        assert_eq!(refused.retry_after(), None);
    }
}
