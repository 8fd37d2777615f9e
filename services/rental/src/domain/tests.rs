//! A rental in every state, told everything.

mod money;

use jangteo_kit::{
    decide::{Heard, Unanswered},
    execute::Aggregate,
};
use proptest::prelude::*;

use super::{
    ask::{item_away, item_lent, payment_away},
    *,
};

const PAY_BY: i64 = 1_000_000;
const PAYMENT: Uuid = Uuid::from_u128(8);

fn renter() -> Actor {
    Actor("JangHyemi".to_owned())
}

fn terms() -> Terms {
    Terms { owner: "YoungEunSong".to_owned(), item_name: "Camera".to_owned(), price_krw: 100 }
}

fn rental(state: State) -> Rental {
    let (id, item) = (Uuid::from_u128(1), Uuid::from_u128(2));
    Rental { id, item, renter: renter().0, payments: 1, withholds: 1, state }
}

fn kept(standing: Standing) -> State {
    State::Kept(terms(), standing)
}

fn confirmed() -> State {
    kept(Standing::Confirmed { pay_by: PAY_BY, failed: None })
}

fn paying() -> State {
    kept(Standing::Paying { pay_by: PAY_BY })
}

fn unpaying(why: No) -> State {
    kept(Standing::Unpaying { pay_by: PAY_BY, why })
}

fn paid(failed: Option<No>) -> State {
    kept(Standing::Paid { payment: PAYMENT, failed })
}

fn refund(then: Then) -> Refund {
    Refund { payment: PAYMENT, then }
}

fn withholding(then: Then) -> State {
    kept(Standing::Withholding(refund(then)))
}

fn rearming(why: No) -> State {
    kept(Standing::Rearming(refund(Then::Cancel), why))
}

fn refunding(then: Then, again: bool) -> State {
    kept(Standing::Refunding { refund: refund(then), again })
}

fn lent(failed: Option<No>) -> State {
    kept(Standing::Lent { failed })
}

fn cancelled(terms: Option<Terms>, why: Why) -> State {
    State::Cancelled { terms, why }
}

fn refused() -> State {
    State::Refused { reason: "ITEM_RESERVED".to_owned() }
}

/// Every state, once.
fn states() -> Vec<State> {
    vec![
        State::Requested,
        confirmed(),
        paying(),
        unpaying(payment_away()),
        paid(None),
        withholding(Then::Cancel),
        rearming(item_away()),
        refunding(Then::Keep, false),
        refunding(Then::Cancel, true),
        lent(None),
        kept(Standing::Returned),
        cancelled(Some(terms()), Why::ByRenter),
        refused(),
    ]
}

fn pay() -> Command {
    Command::Pay { by: renter() }
}

fn cancel_payment() -> Command {
    Command::CancelPayment { by: renter() }
}

fn cancel() -> Command {
    Command::Cancel { by: renter(), at: 1 }
}

fn answered(heard: Heard<Uuid>) -> Command {
    Command::PaymentAnswered { heard, at: 1 }
}

fn confirm() -> Command {
    Command::Confirm { terms: terms(), at: PAY_BY - TO_PAY }
}

fn refuse() -> Command {
    Command::Refuse { reason: "ITEM_RESERVED".to_owned(), at: 1 }
}

/// What a command makes of a state, and how many events it tells.
fn after(state: State, command: Command) -> Result<(State, usize), Rejection> {
    let (next, events) = Rental::decide(Some(rental(state)), command)?;
    Ok((next.state, events.len()))
}

fn outcome(state: State) -> Option<String> {
    let no = rental(state).outcome().err()?;
    Some(jangteo_kit::status::Reject::reason(&no).to_owned())
}

/// B-F3, B-N2: nobody is asked.
#[test]
fn a_reservation_is_always_accepted() {
    let (id, item) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let reserve = Command::Reserve { id, item, renter: renter().0, at: 1 };
    let (reserved, events) = Rental::decide(None, reserve.clone()).unwrap();
    assert_eq!((&reserved.state, events.len()), (&State::Requested, 1));
    assert!(reserved.pending().is_none());
    assert_eq!(Rental::decide(Some(reserved), reserve), Err(Rejection::Exists));
}

/// B-F5
#[test]
fn the_item_confirms_or_refuses_once() {
    assert_eq!(after(State::Requested, confirm()), Ok((confirmed(), 1)));
    assert_eq!(after(State::Requested, refuse()), Ok((refused(), 1)));
    for state in states().into_iter().skip(1) {
        for command in [confirm(), refuse()] {
            assert_eq!(after(state.clone(), command), Ok((state.clone(), 0)));
        }
    }
}

/// B-F6, B-N1
#[test]
fn it_is_paid_by_a_yes_alone() {
    assert_eq!(after(confirmed(), pay()), Ok((paying(), 0)));
    assert_eq!(after(paying(), answered(Heard::Yes(PAYMENT))), Ok((paid(None), 1)));
    let declined = No { reason: "PAYMENT_DECLINED".to_owned(), ..item_lent() };
    let no = after(paying(), answered(Heard::No(declined.clone())));
    assert_eq!(no, Ok((unpaying(declined), 0)));
    assert_eq!(after(paying(), answered(Heard::Nothing)), Ok((unpaying(payment_away()), 0)));
}

/// B-T8: what never left is payable again at once.
#[test]
fn a_payment_that_came_to_nothing_can_be_tried_again() {
    let again = kept(Standing::Confirmed { pay_by: PAY_BY, failed: Some(payment_away()) });
    assert_eq!(after(paying(), answered(Heard::NotSent)), Ok((again.clone(), 0)));
    let undone = Command::PaymentUndone { heard: Heard::Yes(()) };
    assert_eq!(after(unpaying(payment_away()), undone), Ok((again.clone(), 0)));
    assert_eq!(outcome(again.clone()).as_deref(), Some("PAYMENT_UNAVAILABLE"));
    assert_eq!(after(again, pay()), Ok((paying(), 0)));
}

#[test]
fn each_payment_has_a_key_of_its_own() {
    let (first, _) = Rental::decide(Some(rental(confirmed())), pay()).unwrap();
    let (second, _) = Rental::decide(Some(first.clone()), answered(Heard::NotSent)).unwrap();
    let (second, _) = Rental::decide(Some(second), pay()).unwrap();
    let key = |rental: &Rental| rental.pending().unwrap().key;
    assert!(key(&first).ends_with("/payments/2"));
    assert!(key(&second).ends_with("/payments/3"));
}

#[test]
fn only_a_confirmed_rental_is_paid() {
    assert_eq!(after(State::Requested, pay()), Err(Rejection::NotConfirmed));
    assert_eq!(after(refused(), pay()), Err(Rejection::Refused));
    assert_eq!(after(cancelled(None, Why::NotPaid), pay()), Err(Rejection::Cancelled));
    assert_eq!(after(lent(None), pay()), Err(Rejection::Lent));
    assert_eq!(after(kept(Standing::Returned), pay()), Err(Rejection::Returned));
    assert_eq!(after(paid(Some(item_lent())), pay()), Ok((paid(None), 0)), "it is paid");
}

#[test]
fn nothing_else_is_done_while_a_question_is_out() {
    for state in [
        paying(),
        unpaying(payment_away()),
        withholding(Then::Keep),
        rearming(item_away()),
        refunding(Then::Cancel, false),
        refunding(Then::Cancel, true),
    ] {
        assert!(rental(state.clone()).pending().is_some());
        assert!(rental(state.clone()).due().is_none());
        for command in [pay(), cancel(), cancel_payment()] {
            assert_eq!(after(state.clone(), command), Err(Rejection::Busy));
        }
    }
}

/// B-F4, B-F9, B-T10
#[test]
fn an_unpaid_rental_is_called_off_at_once() {
    let off = cancelled(None, Why::ByRenter);
    assert_eq!(after(State::Requested, cancel()), Ok((off.clone(), 1)));
    let known = cancelled(Some(terms()), Why::ByRenter);
    assert_eq!(after(confirmed(), cancel()), Ok((known.clone(), 1)));
    assert_eq!(after(known.clone(), cancel()), Ok((known, 0)));
    assert_eq!(after(confirmed(), cancel_payment()), Err(Rejection::NotPaid));
}

/// B.14, 6: the item is asked before money goes back.
#[test]
fn a_paid_rental_is_called_off_once_the_item_is_withheld() {
    assert_eq!(after(paid(None), cancel()), Ok((withholding(Then::Cancel), 0)));
    let withheld = |heard| Command::ItemWithheld { heard };
    let back = refunding(Then::Cancel, false);
    assert_eq!(after(withholding(Then::Cancel), withheld(Heard::Yes(()))), Ok((back.clone(), 0)));
    let refunded = Command::Refunded { heard: Heard::Yes(()), at: 1 };
    let off = cancelled(Some(terms()), Why::ByRenter);
    assert_eq!(after(back, refunded), Ok((off, 1)));
    let lent = after(withholding(Then::Cancel), withheld(Heard::No(item_lent())));
    assert_eq!(lent, Ok((rearming(item_lent()), 0)));
    let silent = after(withholding(Then::Cancel), withheld(Heard::Nothing));
    assert_eq!(silent, Ok((rearming(item_away()), 0)));
    let away = after(withholding(Then::Cancel), withheld(Heard::NotSent));
    assert_eq!(away, Ok((paid(Some(item_away())), 0)));
    let rearmed = Command::ItemRearmed { heard: Heard::Yes(()) };
    assert_eq!(after(rearming(item_away()), rearmed), Ok((paid(Some(item_away())), 0)));
}

/// B-F7, B-T11
#[test]
fn the_money_alone_goes_back_and_the_clock_starts_again() {
    assert_eq!(after(paid(None), cancel_payment()), Ok((withholding(Then::Keep), 0)));
    let refunded = |heard| Command::Refunded { heard, at: PAY_BY - TO_PAY };
    let back = refunding(Then::Keep, false);
    assert_eq!(after(back.clone(), refunded(Heard::Yes(()))), Ok((confirmed(), 1)));
    let longer = refunding(Then::Keep, true);
    assert_eq!(after(back, refunded(Heard::Nothing)), Ok((longer.clone(), 0)));
    assert_eq!(rental(longer.clone()).pending().unwrap().unanswered, Unanswered::Finish);
    assert_eq!(outcome(longer), None, "it will go back");
}

/// Lend against cancel, in both orders: the item decides.
#[test]
fn what_is_lent_meanwhile_is_lent() {
    let handed = Command::Lent { at: 1 };
    assert_eq!(after(paid(None), handed.clone()), Ok((lent(None), 1)));
    let late = lent(Some(item_lent()));
    assert_eq!(after(withholding(Then::Cancel), handed.clone()), Ok((late.clone(), 1)));
    assert_eq!(outcome(late).as_deref(), Some("ITEM_LENT"));
    let rearmed = after(rearming(item_away()), handed.clone());
    assert_eq!(rearmed, Ok((lent(Some(item_away())), 1)));
    assert_eq!(after(lent(None), cancel()), Err(Rejection::Lent));
    for state in [confirmed(), refunding(Then::Cancel, false), cancelled(None, Why::ByRenter)] {
        assert_eq!(after(state.clone(), handed.clone()), Ok((state, 0)));
    }
}

/// B-F10
#[test]
fn what_is_lent_comes_back_once() {
    let back = Command::Returned { at: 1 };
    let returned = kept(Standing::Returned);
    assert_eq!(after(lent(None), back.clone()), Ok((returned.clone(), 1)));
    assert_eq!(after(returned.clone(), back.clone()), Ok((returned, 0)));
    assert_eq!(after(paid(None), back), Ok((paid(None), 0)));
}

/// The clock and the payment, in both orders.
#[test]
fn what_is_not_paid_in_time_is_called_off() {
    let (time, expire) = rental(confirmed()).due().unwrap();
    assert_eq!(time, PAY_BY);
    let off = cancelled(Some(terms()), Why::NotPaid);
    assert_eq!(after(confirmed(), expire.clone()), Ok((off.clone(), 1)));
    assert_eq!(after(off, pay()), Err(Rejection::Cancelled));
    assert_eq!(after(paying(), expire.clone()), Ok((paying(), 0)));
    assert_eq!(after(paid(None), expire), Ok((paid(None), 0)));
    let failed = kept(Standing::Confirmed { pay_by: PAY_BY, failed: Some(payment_away()) });
    assert_eq!(rental(failed).due().unwrap().0, PAY_BY, "a failed payment gives no more time");
}

#[test]
fn the_owner_sees_and_does_not_act_and_a_stranger_sees_nothing() {
    let command = |by: &str| {
        let by = || Actor(by.to_owned());
        [
            Command::Pay { by: by() },
            Command::Cancel { by: by(), at: 1 },
            Command::CancelPayment { by: by() },
        ]
    };
    for it in command("YoungEunSong") {
        assert_eq!(after(confirmed(), it.clone()), Err(Rejection::RenterOnly));
        assert_eq!(after(State::Requested, it), Err(Rejection::NotFound));
    }
    for it in command("somebody") {
        assert_eq!(after(confirmed(), it), Err(Rejection::NotFound));
    }
}
