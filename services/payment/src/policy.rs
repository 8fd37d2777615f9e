//! What becomes of a payment when what it paid for is called off.

use jangteo::rental::v1::RentalCancelled;
use jangteo_kit::{
    event::{Event, Unfit},
    execute::{Follows, Orders, Target},
    store::Never,
};
use sea_orm::Condition;

use crate::domain::{Command, Order, Payment};

impl Follows for Payment {
    type Index = Never;
    const SOURCES: &'static [&'static str] = &["rental"];

    /// The rental has asked for it already, before it was called off; whoever comes first does it.
    fn policy(event: &Event) -> Result<Orders<Self>, Unfit> {
        let Some(cancelled) = event.message::<RentalCancelled>()? else { return Ok(vec![]) };
        if cancelled.payment_key.is_empty() {
            return Ok(vec![]);
        }
        let key = cancelled.payment_key;
        let order = Order {
            payer: cancelled.renter,
            payee: cancelled.owner,
            amount_krw: cancelled.price_krw,
        };
        let id = Self::id_of(&key);
        Ok(vec![(Target::Born(id), Command::Cancel { key, order, refund: true, at: event.time })])
    }

    fn select(index: &Never) -> Condition {
        match *index {}
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn cancelled(payment_key: &str) -> Event {
        let message = RentalCancelled {
            renter: "JangHyemi".to_owned(),
            owner: "YoungEunSong".to_owned(),
            price_krw: 100,
            payment_key: payment_key.to_owned(),
            ..RentalCancelled::default()
        };
        jangteo_testing::event(Uuid::from_u128(7), 4, &message, 5)
    }

    #[test]
    fn a_cancelled_rental_gives_its_payment_back() {
        let key = "rentals/R/payments/2".to_owned();
        let order = Order {
            payer: "JangHyemi".to_owned(),
            payee: "YoungEunSong".to_owned(),
            amount_krw: 100,
        };
        let cancel = Command::Cancel { key: key.clone(), order, refund: true, at: 5 };
        let orders = Payment::policy(&cancelled(&key)).unwrap();
        assert_eq!(orders, [(Target::Born(Payment::id_of(&key)), cancel)]);
    }

    #[test]
    fn one_that_was_never_paid_has_nothing_to_give_back() {
        assert_eq!(Payment::policy(&cancelled("")).unwrap(), []);
    }
}
