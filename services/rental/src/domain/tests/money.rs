//! Whatever happens in whatever order, money and history agree.

use super::*;

fn heard<M: Clone + std::fmt::Debug + 'static>(yes: M) -> impl Strategy<Value = Heard<M>> {
    prop_oneof![
        3 => Just(Heard::Yes(yes)),
        1 => Just(Heard::No(item_lent())),
        1 => Just(Heard::NotSent),
        1 => Just(Heard::Nothing),
    ]
}

fn any_command() -> impl Strategy<Value = Command> {
    prop_oneof![
        2 => Just(confirm()),
        1 => Just(refuse()),
        4 => Just(pay()),
        4 => heard(PAYMENT).prop_map(answered),
        3 => heard(()).prop_map(|heard| Command::PaymentUndone { heard }),
        2 => Just(cancel_payment()),
        1 => Just(cancel()),
        3 => heard(()).prop_map(|heard| Command::ItemWithheld { heard }),
        2 => heard(()).prop_map(|heard| Command::ItemRearmed { heard }),
        3 => heard(()).prop_map(|heard| Command::Refunded { heard, at: 1 }),
        1 => Just(Command::Expire { at: PAY_BY }),
        1 => Just(Command::Lent { at: 1 }),
        1 => Just(Command::Returned { at: 1 }),
    ]
}

/// Payments that stand, as the events tell it.
fn standing(events: &[Event]) -> i64 {
    events.iter().fold(0, |sum, event| match event {
        Event::RentalPaid(_) => sum + 1,
        Event::RentalPaymentCancelled(_) => sum - 1,
        Event::RentalCancelled(it) if !it.payment_key.is_empty() => sum - 1,
        _ => sum,
    })
}

/// Whether a payment stands, as the state says it.
fn is_paid(state: &State) -> bool {
    let State::Kept(_, standing) = state else { return false };
    !matches!(
        standing,
        Standing::Confirmed { .. } | Standing::Paying { .. } | Standing::Unpaying { .. }
    )
}

fn is_final(state: &State) -> bool {
    matches!(
        state,
        State::Refused { .. } | State::Cancelled { .. } | State::Kept(_, Standing::Returned)
    )
}

proptest! {
    #[test]
    fn no_paid_rental_without_its_payment_and_no_payment_without_its_rental(
        commands in proptest::collection::vec(any_command(), 0..80)
    ) {
        let mut now = rental(State::Requested);
        let mut told = vec![];
        for command in commands {
            let before = now.clone();
            let Ok((next, events)) = Rental::decide(Some(now.clone()), command) else { continue };
            prop_assert!(!is_final(&before.state) || (before == next && events.is_empty()));
            told.extend(events);
            prop_assert_eq!(standing(&told), i64::from(is_paid(&next.state)));
            now = next;
        }
    }

    #[test]
    fn a_command_given_twice_in_a_row_tells_nothing_new(
        commands in proptest::collection::vec(any_command(), 0..80)
    ) {
        let mut now = rental(State::Requested);
        for command in commands {
            let Ok((next, _)) = Rental::decide(Some(now.clone()), command.clone()) else { continue };
            if let Ok((_, again)) = Rental::decide(Some(next.clone()), command) {
                prop_assert!(again.is_empty());
            }
            now = next;
        }
    }
}
