//! What a rental answers to each command in each state.

use jangteo::rental::v1::{
    RentalCancelled, RentalConfirmed, RentalLent, RentalRefused, RentalRequested, RentalReturned,
};
use jangteo_kit::{
    decide::Pending,
    event::timestamp,
    execute::{Aggregate, Decision},
};
use uuid::Uuid;

use super::{
    Actor, Command, Event, Rejection, Rental, Standing, State, TO_PAY, Terms, Why, ask::item_lent,
};

/// An event that names the rental, its item, both sides and the price.
macro_rules! told {
    ($event:ident, $rental:expr, $terms:expr, $at:expr $(, $field:ident: $value:expr)*) => {
        Event::from($event {
            rental_id: $rental.id.to_string(),
            item_id: $rental.item.to_string(),
            renter: $rental.renter.clone(),
            owner: $terms.owner.clone(),
            item_name: $terms.item_name.clone(),
            price_krw: $terms.price_krw,
            $($field: $value,)*
            time: Some(timestamp($at)),
        })
    };
}
pub(super) use told;

impl Aggregate for Rental {
    const KIND: &'static str = "rental";
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: Option<Self>, command: Command) -> Decision<Self> {
        let Some(rental) = state else {
            let Command::Reserve { id, item, renter, at } = command else {
                return Err(Rejection::NotFound);
            };
            return Ok(Self::requested(id, item, renter, at));
        };
        match command {
            Command::Reserve { .. } => Err(Rejection::Exists),
            Command::Confirm { terms, at } => Ok(rental.confirm(terms, at)),
            Command::Refuse { reason, at } => Ok(rental.refuse(reason, at)),
            Command::Pay { by } => rental.of_renter(&by)?.pay(),
            Command::PaymentAnswered { heard, at } => Ok(rental.payment_answered(heard, at)),
            Command::PaymentUndone { heard } => Ok((rental.payment_undone(&heard), vec![])),
            Command::CancelPayment { by } => rental.of_renter(&by)?.cancel_payment(),
            Command::Cancel { by, at } => rental.of_renter(&by)?.cancel(at),
            Command::ItemWithheld { heard } => Ok((rental.item_withheld(heard), vec![])),
            Command::ItemRearmed { heard } => Ok((rental.item_rearmed(&heard), vec![])),
            Command::Refunded { heard, at } => Ok(rental.refunded(&heard, at)),
            Command::Expire { at } => Ok(rental.expire(at)),
            Command::Lent { at } => Ok(rental.lent(at)),
            Command::Returned { at } => Ok(rental.returned(at)),
        }
    }

    fn pending(&self) -> Option<Pending<Command>> {
        self.question()
    }

    fn due(&self) -> Option<(i64, Command)> {
        match self.state {
            State::Kept(_, Standing::Confirmed { pay_by, .. }) => {
                Some((pay_by, Command::Expire { at: pay_by }))
            }
            _ => None,
        }
    }

    fn outcome(&self) -> Result<(), Rejection> {
        let State::Kept(_, standing) = &self.state else { return Ok(()) };
        match standing {
            Standing::Confirmed { failed: Some(why), .. }
            | Standing::Unpaying { why, .. }
            | Standing::Paid { failed: Some(why), .. }
            | Standing::Rearming(_, why)
            | Standing::Lent { failed: Some(why) } => Err(why.clone().into()),
            Standing::Confirmed { .. }
            | Standing::Paying { .. }
            | Standing::Paid { .. }
            | Standing::Withholding(_)
            | Standing::Refunding { .. }
            | Standing::Lent { .. }
            | Standing::Returned => Ok(()),
        }
    }
}

/// What the item says, and what time does.
impl Rental {
    fn requested(id: Uuid, item: Uuid, renter: String, at: i64) -> (Self, Vec<Event>) {
        let event = RentalRequested {
            rental_id: id.to_string(),
            item_id: item.to_string(),
            renter: renter.clone(),
            time: Some(timestamp(at)),
        };
        let state = State::Requested;
        (Self { id, item, renter, payments: 0, withholds: 0, state }, vec![event.into()])
    }

    fn confirm(self, terms: Terms, at: i64) -> (Self, Vec<Event>) {
        if self.state != State::Requested {
            return (self, vec![]);
        }
        let pay_by = at.saturating_add(TO_PAY);
        let event = told!(RentalConfirmed, self, terms, at, pay_by: Some(timestamp(pay_by)));
        let standing = Standing::Confirmed { pay_by, failed: None };
        (self.kept(terms, standing), vec![event])
    }

    fn refuse(self, reason: String, at: i64) -> (Self, Vec<Event>) {
        if self.state != State::Requested {
            return (self, vec![]);
        }
        let event = RentalRefused {
            rental_id: self.id.to_string(),
            item_id: self.item.to_string(),
            renter: self.renter.clone(),
            reason: reason.clone(),
            time: Some(timestamp(at)),
        };
        (Self { state: State::Refused { reason }, ..self }, vec![event.into()])
    }

    /// The clock is stopped while a payment is being made, and not set back by it.
    fn expire(self, at: i64) -> (Self, Vec<Event>) {
        match &self.state {
            State::Kept(_, Standing::Confirmed { pay_by, .. }) if *pay_by <= at => {
                self.cancelled(Why::NotPaid, String::new(), at)
            }
            _ => (self, vec![]),
        }
    }

    /// The item knows best: whatever was asked of it meanwhile came too late.
    fn lent(self, at: i64) -> (Self, Vec<Event>) {
        let State::Kept(terms, standing) = &self.state else { return (self, vec![]) };
        let failed = match standing {
            Standing::Paid { .. } => None,
            Standing::Withholding(_) => Some(item_lent()),
            Standing::Rearming(_, why) => Some(why.clone()),
            Standing::Confirmed { .. }
            | Standing::Paying { .. }
            | Standing::Unpaying { .. }
            | Standing::Refunding { .. }
            | Standing::Lent { .. }
            | Standing::Returned => return (self, vec![]),
        };
        let event = told!(RentalLent, self, terms, at);
        (self.now(Standing::Lent { failed }), vec![event])
    }

    fn returned(self, at: i64) -> (Self, Vec<Event>) {
        let State::Kept(terms, Standing::Lent { .. }) = &self.state else {
            return (self, vec![]);
        };
        let event = told!(RentalReturned, self, terms, at);
        (self.now(Standing::Returned), vec![event])
    }
}

/// Steps that several commands take.
impl Rental {
    /// Somebody else's rental looks like none at all; the owner of its item sees it, and may not.
    fn of_renter(self, by: &Actor) -> Result<Self, Rejection> {
        match self.renter == by.0 {
            true => Ok(self),
            false if self.is_seen_by(&by.0) => Err(Rejection::RenterOnly),
            false => Err(Rejection::NotFound),
        }
    }

    pub(super) fn kept(self, terms: Terms, standing: Standing) -> Self {
        Self { state: State::Kept(terms, standing), ..self }
    }

    /// The same terms, standing elsewhere.
    pub(super) fn now(self, standing: Standing) -> Self {
        match self.state {
            State::Kept(terms, _) => Self { state: State::Kept(terms, standing), ..self },
            state => Self { state, ..self },
        }
    }

    /// Called off; `payment_key` is that of the money that went back.
    pub(super) fn cancelled(self, why: Why, payment_key: String, at: i64) -> (Self, Vec<Event>) {
        let terms = self.terms().cloned();
        let event = RentalCancelled {
            rental_id: self.id.to_string(),
            item_id: self.item.to_string(),
            renter: self.renter.clone(),
            owner: terms.as_ref().map(|terms| terms.owner.clone()).unwrap_or_default(),
            item_name: terms.as_ref().map(|terms| terms.item_name.clone()).unwrap_or_default(),
            price_krw: terms.as_ref().map_or(0, |terms| terms.price_krw),
            reason: why.reason().to_owned(),
            payment_key,
            time: Some(timestamp(at)),
        };
        (Self { state: State::Cancelled { terms, why }, ..self }, vec![event.into()])
    }
}
