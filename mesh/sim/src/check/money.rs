//! Charges, payments, and what was paid for.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jangteo::{
    order::v1::OrderPlaced,
    payment::v1::{PaymentApproved, PaymentCancelled, PaymentDeclined},
    provider::v1::{ChargeMade, ChargeRefunded},
    rental::v1::RentalPaid,
};
use jangteo_kit::event::Event;
use uuid::Uuid;

use super::{Broken, Rules, named, told::Told};

/// I2: each payment is captured at most once.
pub(super) const CHARGED_ONCE: &str = "I2 each key is charged at most once";
/// I2: a refund is not more than its capture; S.3.5: money is refunded once.
pub(super) const BACK_ONCE: &str = "I2 a charge goes back at most once, and whole";
/// I14: no capture after a cancel; where payment has said no, nothing is taken.
pub(super) const DEAD_KEY: &str = "I14 nothing is taken under a key that was declined or cancelled";
/// S.3.9: a payment that was declined or cancelled stays so.
pub(super) const ENDS_ONCE: &str = "S.3.9 a payment is approved once and ends once";
/// I1: a payment is approved, declined and cancelled as its provider has taken and given back.
pub(super) const AGREES: &str = "I1 a payment says what its provider has done";
/// S.3.3: the paid amount is the server-side price.
pub(super) const PRICE: &str = "S.3.3 what is paid is the price of what is bought";
/// S.3.3: exactly one live payment per order or rental, whatever the retries.
pub(super) const ONE_LIVE: &str = "S.3.3 an order or rental has one live payment";
/// S.3.5: after a cancel the money is refunded once.
pub(super) const GIVEN_BACK: &str = "S.3.5 what was called off gives back what was paid for it";
/// I1: captured is what stands, plus what was refunded.
pub(super) const STANDING: &str = "I1 charges that stand are those of what is paid for";

/// Everything that money was asked for.
#[derive(Debug, Default)]
pub(super) struct Money {
    charges: BTreeMap<String, Charge>,
    payments: BTreeMap<String, Payment>,
    /// What was paid and stands, by order or rental.
    live: BTreeMap<Uuid, Live>,
    /// The keys of what was called off after it was paid.
    back: BTreeSet<String>,
}

/// What the provider has told under a key.
#[derive(Debug)]
struct Charge {
    sum: Sum,
    refunded: bool,
}

/// Who pays how much.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sum {
    payer: String,
    krw: i64,
}

/// What payment has told under a key.
#[derive(Debug, Default)]
struct Payment {
    approved: Option<Approved>,
    ended: Option<End>,
}

/// A payment that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Approved {
    id: String,
    payee: String,
    sum: Sum,
}

/// How a payment has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Declined,
    Undone,
    Refunded,
}

/// What somebody has paid for.
#[derive(Debug)]
struct Live {
    key: String,
    sum: Sum,
}

impl Rules for Money {
    fn see(&mut self, event: &Event, told: &Told, broken: &mut Broken) {
        let of = event.aggregate_id;
        match told {
            Told::ChargeMade(made) => self.charged(event, made, broken),
            Told::ChargeRefunded(back) => self.went_back(event, back, broken),
            Told::PaymentApproved(approved) => self.approved(event, approved, broken),
            Told::PaymentDeclined(declined) => self.declined(event, declined, broken),
            Told::PaymentCancelled(cancelled) => self.cancelled(event, cancelled, broken),
            Told::OrderPlaced(placed) => self.ordered(event, placed, broken),
            Told::RentalPaid(paid) => self.rented(event, paid, broken),
            Told::OrderCancelled(cancelled) => {
                self.called_off(event, &cancelled.payment_key, broken);
            }
            Told::RentalCancelled(cancelled) => {
                self.called_off(event, &cancelled.payment_key, broken);
            }
            Told::RentalPaymentCancelled(back) => {
                self.called_off(event, &rental_key(of, back.attempt), broken);
            }
            _ => {}
        }
    }

    fn at_rest(&self, broken: &mut Broken) {
        for (key, charge) in &self.charges {
            let stands = self.payments.get(key).is_some_and(Payment::stands);
            let ended = self.payments.get(key).is_some_and(|payment| payment.ended.is_some());
            broken.unless(stands != charge.refunded && ended == charge.refunded, AGREES, || {
                format!("{key} is {charge:?}, but {:?}", self.payments.get(key))
            });
        }
        self.paid_for(broken);
        for key in &self.back {
            let refunded = self.charges.get(key).is_some_and(|charge| charge.refunded);
            let told = self.payments.get(key).and_then(|payment| payment.ended);
            broken.unless(refunded && told == Some(End::Refunded), GIVEN_BACK, || {
                format!("{key} was called off, and is {:?}", self.charges.get(key))
            });
        }
        for (key, payment) in &self.payments {
            let counted = payment.ended == Some(End::Refunded);
            broken.unless(!counted || self.back.contains(key), GIVEN_BACK, || {
                format!("{key} went back, though nothing was called off")
            });
        }
    }
}

/// What the provider tells.
impl Money {
    fn charged(&mut self, event: &Event, made: &ChargeMade, broken: &mut Broken) {
        let ended = self.payments.get(&made.key).and_then(|payment| payment.ended);
        broken.unless(ended.is_none(), DEAD_KEY, || {
            format!("{}: {} is {ended:?}", named(event), made.key)
        });
        let sum = Sum { payer: made.payer.clone(), krw: made.amount_krw };
        let before = self.charges.insert(made.key.clone(), Charge { sum, refunded: false });
        broken.unless(before.is_none(), CHARGED_ONCE, || {
            format!("{}: {} was {before:?}", named(event), made.key)
        });
    }

    fn went_back(&mut self, event: &Event, back: &ChargeRefunded, broken: &mut Broken) {
        let sum = Sum { payer: back.payer.clone(), krw: back.amount_krw };
        let charge = self.charges.get(&back.key);
        let right = charge.is_some_and(|it| !it.refunded && it.sum == sum);
        broken.unless(right, BACK_ONCE, || {
            format!("{}: {sum:?} of {} for {charge:?}", named(event), back.key)
        });
        if let Some(charge) = self.charges.get_mut(&back.key) {
            charge.refunded = true;
        }
    }
}

/// What payment tells: after its provider has done it.
impl Money {
    fn approved(&mut self, event: &Event, told: &PaymentApproved, broken: &mut Broken) {
        let sum = Sum { payer: told.payer.clone(), krw: told.amount_krw };
        let charge = self.charges.get(&told.key);
        let taken = charge.is_some_and(|charge| !charge.refunded && charge.sum == sum);
        broken.unless(taken, AGREES, || format!("{}: the charge is {charge:?}", named(event)));
        let payment = self.payments.entry(told.key.clone()).or_default();
        let fresh = payment.approved.is_none() && payment.ended.is_none();
        broken.unless(fresh, ENDS_ONCE, || format!("{}: it was {payment:?}", named(event)));
        let (id, payee) = (told.payment_id.clone(), told.payee.clone());
        payment.approved = Some(Approved { id, payee, sum });
    }

    fn declined(&mut self, event: &Event, told: &PaymentDeclined, broken: &mut Broken) {
        let charge = self.charges.get(&told.key);
        broken.unless(charge.is_none(), AGREES, || {
            format!("{}: the charge is {charge:?}", named(event))
        });
        let payment = self.payments.entry(told.key.clone()).or_default();
        let fresh = payment.approved.is_none() && payment.ended.is_none();
        broken.unless(fresh, ENDS_ONCE, || format!("{}: it was {payment:?}", named(event)));
        payment.ended = Some(End::Declined);
    }

    /// One that had counted as paid was approved, and whatever was taken is back.
    fn cancelled(&mut self, event: &Event, told: &PaymentCancelled, broken: &mut Broken) {
        let charge = self.charges.get(&told.key);
        let back = charge.is_none_or(|charge| charge.refunded && charge.sum.krw == told.amount_krw);
        let had = charge.is_some() || !told.refunded;
        broken
            .unless(back && had, AGREES, || format!("{}: the charge is {charge:?}", named(event)));
        let payment = self.payments.entry(told.key.clone()).or_default();
        let fresh = payment.ended.is_none() && (payment.approved.is_some() || !told.refunded);
        broken.unless(fresh, ENDS_ONCE, || format!("{}: it was {payment:?}", named(event)));
        payment.ended = Some(if told.refunded { End::Refunded } else { End::Undone });
    }
}

/// What is paid for: after payment has approved it.
impl Money {
    fn ordered(&mut self, event: &Event, placed: &OrderPlaced, broken: &mut Broken) {
        let lines = placed.lines.iter();
        let total = lines.map(|line| line.price_krw * line.quantity).sum::<i64>();
        broken.unless(total == placed.total_krw, PRICE, || {
            format!("{}: {} won for {:?}", named(event), placed.total_krw, placed.lines)
        });
        let payment = Approved {
            id: placed.payment_id.clone(),
            payee: placed.seller.clone(),
            sum: Sum { payer: placed.customer.clone(), krw: placed.total_krw },
        };
        self.paid(event, format!("orders/{}/payments/1", event.aggregate_id), payment, broken);
    }

    fn rented(&mut self, event: &Event, paid: &RentalPaid, broken: &mut Broken) {
        let payment = Approved {
            id: paid.payment_id.clone(),
            payee: paid.owner.clone(),
            sum: Sum { payer: paid.renter.clone(), krw: paid.price_krw },
        };
        self.paid(event, rental_key(event.aggregate_id, paid.attempt), payment, broken);
    }

    fn paid(&mut self, event: &Event, key: String, by: Approved, broken: &mut Broken) {
        let payment = self.payments.get(&key);
        let same = payment.is_some_and(|it| it.stands() && it.approved.as_ref() == Some(&by));
        broken.unless(same, PRICE, || {
            format!("{}: {by:?} is wanted, the payment is {payment:?}", named(event))
        });
        let again = self.back.contains(&key);
        let before = self.live.insert(event.aggregate_id, Live { key, sum: by.sum });
        broken.unless(before.is_none() && !again, ONE_LIVE, || {
            format!("{}: it was paid by {before:?}", named(event))
        });
    }

    /// What was paid names its payment, and what was not names none.
    fn called_off(&mut self, event: &Event, key: &str, broken: &mut Broken) {
        let live = self.live.remove(&event.aggregate_id);
        let paid = live.as_ref().map_or("", |live| live.key.as_str());
        broken.unless(paid == key, GIVEN_BACK, || {
            format!("{}: gives back {key:?}, paid by {paid:?}", named(event))
        });
        if let Some(live) = live {
            self.back.insert(live.key);
        }
    }

    fn paid_for(&self, broken: &mut Broken) {
        let live: BTreeMap<&str, &Sum> =
            self.live.values().map(|live| (live.key.as_str(), &live.sum)).collect();
        let standing: BTreeMap<&str, &Sum> = self
            .charges
            .iter()
            .filter(|(_, charge)| !charge.refunded)
            .map(|(key, charge)| (key.as_str(), &charge.sum))
            .collect();
        for key in live.keys().chain(standing.keys()).collect::<BTreeSet<_>>() {
            let (live, standing) = (live.get(key), standing.get(key));
            broken.unless(live == standing, STANDING, || {
                format!("{key}: {live:?} is paid for, {standing:?} stays taken")
            });
        }
    }
}

impl Payment {
    /// It was made, and not undone.
    fn stands(&self) -> bool {
        self.approved.is_some() && self.ended.is_none()
    }
}

fn rental_key(rental: Uuid, attempt: i64) -> String {
    format!("rentals/{rental}/payments/{attempt}")
}
