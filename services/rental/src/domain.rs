//! The rules of a rental. Pure: time, ids and the answers of other contexts arrive inside the command.

mod ask;
mod command;
mod decide;
mod pay;
mod refund;
mod rejection;
#[cfg(test)]
mod tests;

use jangteo::rental::v1::{
    RentalCancelled, RentalConfirmed, RentalLent, RentalPaid, RentalPaymentCancelled,
    RentalRefused, RentalRequested, RentalReturned,
};
use jangteo_kit::decide::No;
use uuid::Uuid;

pub(crate) use self::{
    command::{Actor, Command},
    rejection::Rejection,
};

/// How long a confirmed rental may stay unpaid, in ms.
pub(crate) const TO_PAY: i64 = 15 * 60 * 1000;

/// The renting of an item by one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rental {
    /// The rental.
    pub(crate) id: Uuid,
    /// The item.
    pub(crate) item: Uuid,
    /// Who rents.
    pub(crate) renter: String,
    /// How often it was tried to pay it.
    pub(crate) payments: i64,
    /// How often the item was asked not to be lent.
    pub(crate) withholds: i64,
    /// Where it stands.
    pub(crate) state: State,
}

/// What is rented from whom for how much, as the item said: no client says any of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    /// Who rents it out.
    pub(crate) owner: String,
    /// What it is.
    pub(crate) item_name: String,
    /// The price in whole won.
    pub(crate) price_krw: i64,
}

/// Where a rental stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// The item has not answered.
    Requested,
    /// The item is not to be had. Final.
    Refused {
        /// Why, as the item said.
        reason: String,
    },
    /// Called off. Final.
    Cancelled {
        /// What was agreed on, if it had come so far.
        terms: Option<Terms>,
        /// Why.
        why: Why,
    },
    /// The item is kept for it.
    Kept(Terms, Standing),
}

/// Why a rental was called off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// Its renter wants it no more.
    ByRenter,
    /// It was not paid in time.
    NotPaid,
}

/// Where a rental stands that its item is kept for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It can be paid.
    Confirmed {
        /// Until when, in ms since 1970.
        pay_by: i64,
        /// Why the last payment came to nothing.
        failed: Option<No>,
    },
    /// Payment is asked.
    Paying {
        /// Until when it has to be paid.
        pay_by: i64,
    },
    /// The payment comes to nothing, and what may be left of it is undone.
    Unpaying {
        /// Until when it has to be paid.
        pay_by: i64,
        /// Why it comes to nothing.
        why: No,
    },
    /// It is paid.
    Paid {
        /// The payment.
        payment: Uuid,
        /// Why the money could not go back.
        failed: Option<No>,
    },
    /// The item is asked not to be lent, before money goes back.
    Withholding(Refund),
    /// The money does not go back, and the item may be lent again.
    Rearming(Refund, No),
    /// The money goes back.
    Refunding {
        /// What goes back and why.
        refund: Refund,
        /// Payment has not answered in time, and is asked until it does.
        again: bool,
    },
    /// The renter has the item.
    Lent {
        /// Why the money could not go back.
        failed: Option<No>,
    },
    /// The item is back. Final.
    Returned,
}

/// Money on its way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refund {
    /// The payment that goes back.
    pub(crate) payment: Uuid,
    /// What becomes of the rental.
    pub(crate) then: Then,
}

/// What becomes of a rental whose money went back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// It is called off (B-F4).
    Cancel,
    /// It is kept, and can be paid again (B-F7).
    Keep,
}

impl Rental {
    /// What was agreed on, as soon as the item has said it.
    pub(crate) fn terms(&self) -> Option<&Terms> {
        match &self.state {
            State::Requested | State::Refused { .. } => None,
            State::Cancelled { terms, .. } => terms.as_ref(),
            State::Kept(terms, _) => Some(terms),
        }
    }

    /// Whether this person may know of it: renter and owner do.
    pub(crate) fn is_seen_by(&self, person: &str) -> bool {
        self.renter == person || self.terms().is_some_and(|terms| terms.owner == person)
    }

    /// Names the last payment.
    pub(crate) fn payment_key(&self) -> String {
        format!("rentals/{}/payments/{}", self.id, self.payments)
    }
}

impl Why {
    /// Its name in `UPPER_SNAKE`.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::ByRenter => "BY_RENTER",
            Self::NotPaid => "NOT_PAID",
        }
    }
}

jangteo_kit::events! {
    /// What happens to rentals.
    pub(crate) enum Event {
        RentalRequested, RentalConfirmed, RentalRefused, RentalPaid, RentalPaymentCancelled,
        RentalCancelled, RentalLent, RentalReturned,
    }
}
