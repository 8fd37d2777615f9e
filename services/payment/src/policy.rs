//! What becomes of a payment when what it paid for is called off.

use jangteo::{order::v1::OrderCancelled, rental::v1::RentalCancelled};
use jangteo_kit::{
    event::{Event, Unfit},
    execute::{Follows, Orders, Target},
    store::Never,
};

use crate::domain::{Command, Order, Payment};

impl Follows for Payment {
    type Index = Never;
    const SOURCES: &'static [&'static str] = &["order", "rental"];

    /// A rental has asked for it already, before it was called off; whoever comes first does it.
    fn policy(event: &Event) -> Result<Orders<Self>, Unfit> {
        if let Some(cancelled) = event.message::<RentalCancelled>()? {
            let RentalCancelled { renter, owner, price_krw, payment_key, .. } = cancelled;
            let order = Order { payer: renter, payee: owner, amount_krw: price_krw };
            return Ok(given_back(payment_key, order, event.time));
        }
        if let Some(cancelled) = event.message::<OrderCancelled>()? {
            let OrderCancelled { customer, seller, total_krw, payment_key, .. } = cancelled;
            let order = Order { payer: customer, payee: seller, amount_krw: total_krw };
            return Ok(given_back(payment_key, order, event.time));
        }
        Ok(vec![])
    }
}

/// What was never paid has nothing to give back.
fn given_back(key: String, order: Order, at: i64) -> Orders<Payment> {
    if key.is_empty() {
        return vec![];
    }
    let id = Payment::id_of(&key);
    vec![(Target::Born(id), Command::Cancel { key, order, refund: true, at })]
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

    /// E-F5, E-T5
    #[test]
    fn a_cancelled_order_gives_its_payment_back() {
        let key = "orders/O/payments/1".to_owned();
        let message = OrderCancelled {
            customer: "customer01".to_owned(),
            seller: "florist01".to_owned(),
            total_krw: 150_000,
            payment_key: key.clone(),
            ..OrderCancelled::default()
        };
        let order = Order {
            payer: "customer01".to_owned(),
            payee: "florist01".to_owned(),
            amount_krw: 150_000,
        };
        let cancel = Command::Cancel { key: key.clone(), order, refund: true, at: 5 };
        let event = jangteo_testing::event(Uuid::from_u128(7), 2, &message, 5);
        let orders = Payment::policy(&event).unwrap();
        assert_eq!(orders, [(Target::Born(Payment::id_of(&key)), cancel)]);
    }

    #[test]
    fn one_that_was_never_paid_has_nothing_to_give_back() {
        assert_eq!(Payment::policy(&cancelled("")).unwrap(), []);
    }
}
