//! Paying: one question to payment, and what is undone where it comes to nothing.

use jangteo::rental::v1::RentalPaid;
use jangteo_kit::{
    decide::{Heard, No},
    event::timestamp,
    execute::Decision,
};
use uuid::Uuid;

use super::{Event, Rejection, Rental, Standing, State, ask::payment_away, decide::told};

impl Rental {
    pub(super) fn pay(self) -> Decision<Self> {
        match &self.state {
            State::Requested => Err(Rejection::NotConfirmed),
            State::Refused { .. } => Err(Rejection::Refused),
            State::Cancelled { .. } => Err(Rejection::Cancelled),
            State::Kept(_, standing) => match standing {
                Standing::Confirmed { pay_by, .. } => {
                    let paying = Standing::Paying { pay_by: *pay_by };
                    let payments = self.payments + 1;
                    Ok((Self { payments, ..self }.now(paying), vec![]))
                }
                Standing::Paid { payment, .. } => {
                    let paid = Standing::Paid { payment: *payment, failed: None };
                    Ok((self.now(paid), vec![]))
                }
                standing => Err(busy_or(standing)),
            },
        }
    }

    /// Only a yes makes it paid (B-N1).
    pub(super) fn payment_answered(self, heard: Heard<Uuid>, at: i64) -> (Self, Vec<Event>) {
        let State::Kept(terms, Standing::Paying { pay_by }) = &self.state else {
            return (self, vec![]);
        };
        let pay_by = *pay_by;
        let undone = |why: No| Standing::Unpaying { pay_by, why };
        let standing = match heard {
            Heard::Yes(payment) => {
                let event = told!(
                    RentalPaid, self, terms, at,
                    attempt: self.payments, payment_id: payment.to_string()
                );
                return (self.now(Standing::Paid { payment, failed: None }), vec![event]);
            }
            Heard::No(why) => undone(why),
            Heard::NotSent => Standing::Confirmed { pay_by, failed: Some(payment_away()) },
            Heard::Nothing => undone(payment_away()),
        };
        (self.now(standing), vec![])
    }

    /// Payable again, as soon as nothing can be left of the last try.
    pub(super) fn payment_undone(self, heard: &Heard<()>) -> Self {
        match &self.state {
            State::Kept(_, Standing::Unpaying { pay_by, why }) if *heard == Heard::Yes(()) => {
                let (pay_by, failed) = (*pay_by, Some(why.clone()));
                self.now(Standing::Confirmed { pay_by, failed })
            }
            _ => self,
        }
    }
}

/// Why a rental that stands so cannot be acted on now.
pub(super) fn busy_or(standing: &Standing) -> Rejection {
    match standing {
        Standing::Paying { .. }
        | Standing::Unpaying { .. }
        | Standing::Withholding(_)
        | Standing::Rearming(..)
        | Standing::Refunding { .. } => Rejection::Busy,
        Standing::Confirmed { .. } => Rejection::NotPaid,
        Standing::Paid { .. } => Rejection::Paid,
        Standing::Lent { .. } => Rejection::Lent,
        Standing::Returned => Rejection::Returned,
    }
}
