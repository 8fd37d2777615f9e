//! A charge, told everything.

use super::*;

fn make(amount_krw: i64, decline_from_krw: i64) -> Command {
    Command::Make {
        key: "rentals/R/payments/1".to_owned(),
        payer: "JangHyemi".to_owned(),
        amount_krw,
        rule: Rule { decline_from_krw },
        at: 1,
    }
}

fn made() -> Charge {
    Charge::decide(None, make(100, 0)).unwrap().0
}

#[test]
fn the_namespace_is_the_one_of_the_provider() {
    assert_eq!(NAMESPACE, Uuid::new_v5(&Uuid::NAMESPACE_DNS, b"provider.jangteo.dev"));
}

#[test]
fn it_charges_once_under_a_key() {
    let (charge, events) = Charge::decide(None, make(100, 0)).unwrap();
    assert_eq!((charge.amount_krw, charge.refunded, events.len()), (100, false, 1));
    assert_eq!(Charge::decide(Some(charge.clone()), make(100, 0)), Ok((charge.clone(), vec![])));
    assert_eq!(Charge::decide(Some(charge), make(99, 0)), Err(Rejection::KeyReused));
}

#[test]
fn it_declines_from_its_limit_on() {
    assert_eq!(Charge::decide(None, make(100, 100)), Err(Rejection::Declined));
    assert!(Charge::decide(None, make(99, 100)).is_ok());
    let taken = Charge::decide(Some(made()), make(100, 100)).unwrap();
    assert_eq!(taken, (made(), vec![]), "asked again, it gives the same answer");
}

#[test]
fn it_refunds_once() {
    let (back, events) = Charge::decide(Some(made()), Command::Refund { at: 2 }).unwrap();
    assert_eq!((back.refunded, events.len()), (true, 1));
    let again = Charge::decide(Some(back.clone()), Command::Refund { at: 3 });
    assert_eq!(again, Ok((back, vec![])));
}
