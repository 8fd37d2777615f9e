//! What a payment answers to each command in each state.

use jangteo::payment::v1::{PaymentApproved, PaymentCancelled, PaymentDeclined};
use jangteo_kit::{
    decide::{Heard, No, Pending},
    event::timestamp,
    execute::{Aggregate, Decision},
};

use super::{
    Command, Event, Order, Payment, Rejection, State, Step,
    ask::{away, cancelled, declined},
};

/// An event that names the payment, its key, both sides and the amount.
macro_rules! told {
    ($event:ident, $payment:expr, $at:expr $(, $field:ident: $value:expr)?) => {
        Event::from($event {
            payment_id: $payment.id.to_string(),
            key: $payment.key.clone(),
            payer: $payment.order.payer.clone(),
            payee: $payment.order.payee.clone(),
            amount_krw: $payment.order.amount_krw,
            $($field: $value,)?
            time: Some(timestamp($at)),
        })
    };
}

impl Aggregate for Payment {
    const KIND: &'static str = "payment";
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: Option<Self>, command: Command) -> Decision<Self> {
        match (state, command) {
            (None, Command::Approve { key, order }) => {
                Ok((Self::new(key, order, State::Approving), vec![]))
            }
            (None, Command::Cancel { key, order, at, .. }) => {
                let payment = Self::new(key, order, State::Approving);
                Ok(payment.cancelled(false, cancelled(), at))
            }
            (None, Command::Charged { .. } | Command::Refunded { .. }) => Err(Rejection::NotFound),
            (Some(payment), Command::Approve { order, .. }) => payment.approve_again(&order),
            (Some(payment), Command::Cancel { refund, .. }) => Ok((payment.cancel(refund), vec![])),
            (Some(payment), Command::Charged { heard, at }) => Ok(payment.charged(heard, at)),
            (Some(payment), Command::Refunded { heard, at }) => Ok(payment.refunded(&heard, at)),
        }
    }

    fn pending(&self) -> Option<Pending<Command>> {
        self.question()
    }

    fn outcome(&self) -> Result<(), Rejection> {
        match &self.state {
            State::Approving | State::Approved => Ok(()),
            State::Declined { why }
            | State::Cancelling { why, .. }
            | State::Cancelled { why, .. } => Err(why.clone().into()),
        }
    }
}

impl Payment {
    fn new(key: String, order: Order, state: State) -> Self {
        Self { id: Self::id_of(&key), key, order, state }
    }

    /// The same key is the same payment, so it has to be the same question.
    fn approve_again(self, order: &Order) -> Decision<Self> {
        if self.order == *order { Ok((self, vec![])) } else { Err(Rejection::KeyReused) }
    }

    /// Nothing that is still asked for is given back: first it is found out whether it was taken.
    fn cancel(self, refund: bool) -> Self {
        let step = match self.state {
            State::Approving => Step::Charging,
            State::Approved => Step::Refunding { counted: refund },
            State::Declined { .. } | State::Cancelling { .. } | State::Cancelled { .. } => {
                return self;
            }
        };
        Self { state: State::Cancelling { step, why: cancelled() }, ..self }
    }

    fn charged(self, heard: Heard<()>, at: i64) -> (Self, Vec<Event>) {
        match &self.state {
            State::Approving => self.approved(heard, at),
            State::Cancelling { step: Step::Charging, why } => {
                let why = why.clone();
                self.found_out(&heard, why, at)
            }
            State::Approved
            | State::Declined { .. }
            | State::Cancelling { .. }
            | State::Cancelled { .. } => (self, vec![]),
        }
    }

    fn approved(self, heard: Heard<()>, at: i64) -> (Self, Vec<Event>) {
        match heard {
            Heard::Yes(()) => {
                let event = told!(PaymentApproved, self, at);
                (Self { state: State::Approved, ..self }, vec![event])
            }
            Heard::No(no) => self.declined(declined(&no), at),
            Heard::NotSent => self.declined(away(), at),
            Heard::Nothing => {
                let state = State::Cancelling { step: Step::Charging, why: away() };
                (Self { state, ..self }, vec![])
            }
        }
    }

    fn declined(self, why: No, at: i64) -> (Self, Vec<Event>) {
        let event = told!(PaymentDeclined, self, at, reason: why.reason.clone());
        (Self { state: State::Declined { why }, ..self }, vec![event])
    }

    /// Whether anything was taken that nobody waits for any more.
    fn found_out(self, heard: &Heard<()>, why: No, at: i64) -> (Self, Vec<Event>) {
        match heard {
            Heard::Yes(()) => {
                let state = State::Cancelling { step: Step::Refunding { counted: false }, why };
                (Self { state, ..self }, vec![])
            }
            Heard::No(_) => self.cancelled(false, why, at),
            // It is asked until it is answered.
            Heard::NotSent | Heard::Nothing => (self, vec![]),
        }
    }

    fn refunded(self, heard: &Heard<()>, at: i64) -> (Self, Vec<Event>) {
        match &self.state {
            State::Cancelling { step: Step::Refunding { counted }, why }
                if *heard == Heard::Yes(()) =>
            {
                let (counted, why) = (*counted, why.clone());
                self.cancelled(counted, why, at)
            }
            _ => (self, vec![]),
        }
    }

    fn cancelled(self, refunded: bool, why: No, at: i64) -> (Self, Vec<Event>) {
        let event = told!(PaymentCancelled, self, at, refunded: refunded);
        (Self { state: State::Cancelled { refunded, why }, ..self }, vec![event])
    }
}
