//! A payment in every state, told everything.

use jangteo_kit::execute::Aggregate;
use proptest::prelude::*;

use super::{
    ask::{away, cancelled},
    *,
};

const KEY: &str = "rentals/R/payments/1";

fn order() -> Order {
    Order { payer: "JangHyemi".to_owned(), payee: "YoungEunSong".to_owned(), amount_krw: 100 }
}

fn payment(state: State) -> Payment {
    Payment { id: Payment::id_of(KEY), key: KEY.to_owned(), order: order(), state }
}

fn approve() -> Command {
    Command::Approve { key: KEY.to_owned(), order: order() }
}

fn cancel() -> Command {
    Command::Cancel { key: KEY.to_owned(), order: order(), refund: true, at: 1 }
}

fn undo() -> Command {
    Command::Cancel { key: KEY.to_owned(), order: order(), refund: false, at: 1 }
}

fn charged(heard: Heard<()>) -> Command {
    Command::Charged { heard, at: 1 }
}

fn refunded(heard: Heard<()>) -> Command {
    Command::Refunded { heard, at: 1 }
}

fn charging(why: No) -> State {
    State::Cancelling { step: Step::Charging, why }
}

fn refunding(counted: bool, why: No) -> State {
    State::Cancelling { step: Step::Refunding { counted }, why }
}

/// What a command makes of a state, and how many events it tells.
fn after(state: State, command: Command) -> (State, usize) {
    let (next, events) = Payment::decide(Some(payment(state)), command).unwrap();
    (next.state, events.len())
}

fn no() -> No {
    No { code: 9, reason: "X".to_owned(), message: "too much".to_owned(), retry_after_ms: None }
}

#[test]
fn the_namespace_is_the_one_of_payments() {
    assert_eq!(NAMESPACE, Uuid::new_v5(&Uuid::NAMESPACE_DNS, b"payment.jangteo.dev"));
}

/// B-F6, B-N1
#[test]
fn the_provider_decides() {
    assert_eq!(after(State::Approving, charged(Heard::Yes(()))), (State::Approved, 1));
    let (state, told) = after(State::Approving, charged(Heard::No(no())));
    let State::Declined { why } = state else { panic!("{state:?}") };
    assert_eq!((why.reason.as_str(), told), ("PAYMENT_DECLINED", 1));
    assert!(why.message.contains("too much"));
}

#[test]
fn what_never_left_took_nothing() {
    let declined = State::Declined { why: away() };
    assert_eq!(after(State::Approving, charged(Heard::NotSent)), (declined, 1));
}

/// B.14, 7: nothing is forgotten that may have been taken.
#[test]
fn silence_is_found_out_about_before_anything_goes_back() {
    assert_eq!(after(State::Approving, charged(Heard::Nothing)), (charging(away()), 0));
    let back = after(charging(away()), charged(Heard::Yes(())));
    assert_eq!(back, (refunding(false, away()), 0));
    let undone = State::Cancelled { refunded: false, why: away() };
    assert_eq!(after(refunding(false, away()), refunded(Heard::Yes(()))), (undone.clone(), 1));
    assert_eq!(after(charging(away()), charged(Heard::No(no()))), (undone, 1));
}

/// B-F7
#[test]
fn what_was_approved_goes_back() {
    assert_eq!(after(State::Approved, cancel()), (refunding(true, cancelled()), 0));
    let back = State::Cancelled { refunded: true, why: cancelled() };
    assert_eq!(after(refunding(true, cancelled()), refunded(Heard::Yes(()))), (back, 1));
}

/// Whoever gave up has told nobody that it was paid, so nobody is told that it goes back.
#[test]
fn what_nobody_was_told_of_goes_back_as_quietly() {
    assert_eq!(after(State::Approved, undo()), (refunding(false, cancelled()), 0));
    let back = State::Cancelled { refunded: false, why: cancelled() };
    assert_eq!(after(refunding(false, cancelled()), refunded(Heard::Yes(()))), (back, 1));
}

#[test]
fn a_cancel_while_the_provider_is_asked_waits_for_its_answer() {
    assert_eq!(after(State::Approving, cancel()), (charging(cancelled()), 0));
}

#[test]
fn a_cancel_that_comes_first_kills_the_key() {
    let (dead, events) = Payment::decide(None, cancel()).unwrap();
    assert_eq!(dead.state, State::Cancelled { refunded: false, why: cancelled() });
    assert_eq!(events.len(), 1);
    let (late, events) = Payment::decide(Some(dead.clone()), approve()).unwrap();
    assert_eq!((&late, events.len()), (&dead, 0));
    assert_eq!(late.outcome(), Err(cancelled().into()));
}

#[test]
fn the_same_key_is_the_same_payment() {
    let (asked, _) = Payment::decide(None, approve()).unwrap();
    assert_eq!(asked, payment(State::Approving));
    assert_eq!(Payment::decide(Some(asked.clone()), approve()), Ok((asked.clone(), vec![])));
    let order = Order { amount_krw: 99, ..order() };
    let other = Command::Approve { key: KEY.to_owned(), order };
    assert_eq!(Payment::decide(Some(asked), other), Err(Rejection::KeyReused));
}

#[test]
fn a_key_names_what_it_pays_for() {
    assert_eq!(payment(State::Approved).resource(), "rentals/R");
}

#[test]
fn only_what_is_open_waits_and_asks_under_its_key() {
    for (state, path) in [
        (State::Approving, Some("/jangteo.provider.v1.ProviderService/ChargePayer")),
        (charging(away()), Some("/jangteo.provider.v1.ProviderService/ChargePayer")),
        (refunding(true, away()), Some("/jangteo.provider.v1.ProviderService/RefundPayer")),
        (State::Approved, None),
        (State::Declined { why: away() }, None),
        (State::Cancelled { refunded: true, why: away() }, None),
    ] {
        let waits = payment(state).pending();
        assert_eq!(waits.as_ref().map(|waits| waits.question.path.as_str()), path);
        assert!(waits.is_none_or(|waits| waits.key == KEY));
    }
}

fn any_command() -> impl Strategy<Value = Command> {
    let heard = || {
        prop_oneof![
            Just(Heard::Yes(())),
            Just(Heard::No(no())),
            Just(Heard::NotSent),
            Just(Heard::Nothing)
        ]
    };
    prop_oneof![
        Just(approve()),
        Just(cancel()),
        Just(undo()),
        heard().prop_map(charged),
        heard().prop_map(refunded),
    ]
}

proptest! {
    #[test]
    fn what_is_final_stays_and_what_is_told_is_told_once(commands in proptest::collection::vec(any_command(), 0..40)) {
        let (mut now, mut told) = (None, vec![]);
        for command in commands {
            let Ok((next, events)) = Payment::decide(now.clone(), command) else { continue };
            if let Some(State::Declined { .. } | State::Cancelled { .. }) = now.map(|now: Payment| now.state) {
                prop_assert!(events.is_empty());
            }
            told.extend(events);
            now = Some(next);
        }
        let count = |is: fn(&Event) -> bool| told.iter().filter(|event| is(event)).count();
        let approved = count(|event| matches!(event, Event::PaymentApproved(_)));
        let cancelled = count(|event| matches!(event, Event::PaymentCancelled(_)));
        let refunded = count(|event| matches!(event, Event::PaymentCancelled(it) if it.refunded));
        prop_assert!(approved <= 1 && cancelled <= 1 && refunded <= approved);
    }
}
