//! Each arrow, each refusal, and what holds whatever comes.

mod always;
mod cancelling;
mod delivering;
mod lines;
mod meeting;
mod placing;

use jangteo_kit::{
    decide::{Heard, Pending, Question, Unanswered},
    execute::Aggregate,
    status::{Kind, Reject},
};
use prost::{Message, Name};

use super::{samples::*, *};

/// What was heard of a question, with a yes in bytes.
type Answer = Heard<Vec<u8>>;

const NOW: i64 = 1_727_136_000_000;
const KEY: &str = "orders/00000000-0000-0000-0000-000000000007";

fn customer() -> Actor {
    Actor("customer01".to_owned())
}

fn cancel() -> Command {
    Command::Cancel { by: customer() }
}

fn cancel_answered(heard: Heard<()>) -> Command {
    Command::CancelAnswered { heard, at: NOW }
}

fn picked_up() -> Command {
    Command::PickedUp { at: NOW }
}

fn arrived() -> Command {
    Command::Arrived { at: NOW }
}

fn preparing() -> Command {
    Command::Preparing { at: NOW }
}

fn called_off(why: Why) -> Command {
    Command::CalledOff { why, at: NOW }
}

fn delivery_cancelled() -> Command {
    called_off(Why::DeliveryCancelled)
}

const WHYS: [Why; 4] =
    [Why::ByCustomer, Why::StoreRejected, Why::StoreCancelled, Why::DeliveryCancelled];

fn failed(rank: Rank, why: No) -> Standing {
    Standing::Reached { rank, failed: Some(why) }
}

fn cancelling(from: Rank, again: bool) -> Standing {
    Standing::Cancelling { from, again }
}

fn cancelled(why: Why) -> Standing {
    Standing::Cancelled { why }
}

/// What a command makes of a state, and what told of it.
fn after(state: State, command: Command) -> Result<(State, Vec<Event>), Rejection> {
    Order::decide(Some(order(state)), command).map(|(order, events)| (order.state, events))
}

/// The same of an order that is paid, where the command cannot be refused.
fn stands(standing: Standing, command: Command) -> (Standing, Vec<Event>) {
    stands_of(&sold(), standing, command)
}

/// The same of an order of this.
fn stands_of(sold: &Sold, standing: Standing, command: Command) -> (Standing, Vec<Event>) {
    let purchase = Purchase { sold: sold.clone(), payment: PAYMENT };
    let state = State::Bought(purchase, standing);
    let (state, events) = after(state, command).expect("cannot be refused");
    let State::Bought(purchase, standing) = state else { panic!("{state:?}") };
    assert_eq!(purchase.sold, *sold, "what was bought stays as it was");
    (standing, events)
}

/// What the order waits for.
fn question(order: &Order) -> Pending<Command> {
    order.pending().expect("it waits")
}

/// The order once it has heard this, and what told of it.
fn hears(order: &Order, heard: Answer) -> (Order, Vec<Event>) {
    let command = question(order).heard(heard, NOW);
    Order::decide(Some(order.clone()), command).expect("an answer is never refused")
}

/// The same, where nothing is told of it.
fn silently(order: &Order, heard: Answer) -> Order {
    let (order, events) = hears(order, heard);
    assert_eq!(events, []);
    order
}

fn yes(message: &impl Message) -> Answer {
    Heard::Yes(message.encode_to_vec())
}

/// Asserts that the order asks just this, under this key.
fn asks(order: &Order, rpc: &str, request: &impl Name, key: &str, unanswered: Unanswered) {
    let asked = question(order);
    assert_eq!(asked.question, Question::of(rpc, request));
    assert_eq!((asked.key.as_str(), asked.unanswered), (key, unanswered));
}

/// Asserts that whoever asked is told that something is away, and of what else.
fn is_away(order: &Order, reason: &str) -> No {
    let Err(Rejection::Peer(why)) = order.outcome() else { panic!("{order:?}") };
    assert_eq!((why.reason.as_str(), why.kind()), (reason, Kind::Unavailable));
    assert!(why.retry_after().is_some());
    why
}

#[test]
fn only_customer_and_seller_see_an_order_and_nobody_one_that_did_not_come_about() {
    for state in seen() {
        assert!(order(state.clone()).is_seen_by("customer01"));
        assert!(order(state.clone()).is_seen_by("seller02"));
        assert!(!order(state).is_seen_by("stranger01"));
    }
    for state in unseen() {
        for person in ["customer01", "seller02", "stranger01"] {
            assert!(!order(state.clone()).is_seen_by(person));
        }
    }
}

#[test]
fn an_order_is_placed_before_anything_else_happens_to_it() {
    let words = [preparing(), picked_up(), arrived(), cancel_answered(Heard::Nothing)];
    for command in words.into_iter().chain(WHYS.map(called_off)).chain([cancel()]) {
        assert_eq!(Order::decide(None, command), Err(Rejection::NotFound));
    }
}

#[test]
fn each_refusal_is_of_its_kind() {
    for (refusal, kind, field) in [
        (Rejection::NotFound, Kind::NotFound, None),
        (Rejection::Exists, Kind::Exists, None),
        (Rejection::NoLines, Kind::Invalid, Some("lines")),
        (Rejection::TooMany, Kind::Invalid, Some("lines")),
        (Rejection::CustomerOnly, Kind::Forbidden, None),
        (Rejection::Delivering, Kind::Precondition, None),
        (Rejection::Delivered, Kind::Precondition, None),
        (no().into(), Kind::Precondition, None),
    ] {
        assert_eq!((refusal.kind(), refusal.field()), (kind, field), "{refusal}");
    }
}
