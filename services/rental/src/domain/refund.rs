//! Calling off: the item is withheld before money goes back.

use jangteo::rental::v1::RentalPaymentCancelled;
use jangteo_kit::{
    decide::{Heard, No},
    event::timestamp,
    execute::Decision,
};

use super::{
    Event, Refund, Rejection, Rental, Standing, State, TO_PAY, Then, Why, ask::item_away,
    decide::told, pay::busy_or,
};

impl Rental {
    pub(super) fn cancel_payment(self) -> Decision<Self> {
        match &self.state {
            State::Requested => Err(Rejection::NotConfirmed),
            State::Refused { .. } => Err(Rejection::Refused),
            State::Cancelled { .. } => Err(Rejection::Cancelled),
            State::Kept(_, Standing::Paid { payment, .. }) => {
                let refund = Refund { payment: *payment, then: Then::Keep };
                Ok((self.withholding(refund), vec![]))
            }
            State::Kept(_, standing) => Err(busy_or(standing)),
        }
    }

    pub(super) fn cancel(self, at: i64) -> Decision<Self> {
        match &self.state {
            State::Requested | State::Kept(_, Standing::Confirmed { .. }) => {
                Ok(self.cancelled(Why::ByRenter, String::new(), at))
            }
            State::Cancelled { .. } => Ok((self, vec![])),
            State::Refused { .. } => Err(Rejection::Refused),
            State::Kept(_, Standing::Paid { payment, .. }) => {
                let refund = Refund { payment: *payment, then: Then::Cancel };
                Ok((self.withholding(refund), vec![]))
            }
            State::Kept(_, standing) => Err(busy_or(standing)),
        }
    }

    fn withholding(self, refund: Refund) -> Self {
        let withholds = self.withholds + 1;
        Self { withholds, ..self }.now(Standing::Withholding(refund))
    }

    pub(super) fn item_withheld(self, heard: Heard<()>) -> Self {
        let State::Kept(_, Standing::Withholding(refund)) = self.state else { return self };
        let standing = match heard {
            Heard::Yes(()) => Standing::Refunding { refund, again: false },
            Heard::No(why) => Standing::Rearming(refund, why),
            Heard::NotSent => paid(refund, item_away()),
            Heard::Nothing => Standing::Rearming(refund, item_away()),
        };
        self.now(standing)
    }

    pub(super) fn item_rearmed(self, heard: &Heard<()>) -> Self {
        match &self.state {
            State::Kept(_, Standing::Rearming(refund, why)) if *heard == Heard::Yes(()) => {
                let standing = paid(*refund, why.clone());
                self.now(standing)
            }
            _ => self,
        }
    }

    /// What was promised back goes back, however long it takes.
    pub(super) fn refunded(self, heard: &Heard<()>, at: i64) -> (Self, Vec<Event>) {
        let State::Kept(terms, Standing::Refunding { refund, .. }) = &self.state else {
            return (self, vec![]);
        };
        let refund = *refund;
        match (heard, refund.then) {
            (Heard::Yes(()), Then::Cancel) => {
                let key = self.payment_key();
                self.cancelled(Why::ByRenter, key, at)
            }
            (Heard::Yes(()), Then::Keep) => {
                let pay_by = at.saturating_add(TO_PAY);
                let event = told!(
                    RentalPaymentCancelled, self, terms, at,
                    attempt: self.payments, payment_id: refund.payment.to_string(),
                    pay_by: Some(timestamp(pay_by))
                );
                (self.now(Standing::Confirmed { pay_by, failed: None }), vec![event])
            }
            // Payment never says no to it.
            (Heard::No(_) | Heard::NotSent | Heard::Nothing, _) => {
                (self.now(Standing::Refunding { refund, again: true }), vec![])
            }
        }
    }
}

fn paid(refund: Refund, why: No) -> Standing {
    Standing::Paid { payment: refund.payment, failed: Some(why) }
}
