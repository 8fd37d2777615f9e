//! What an order answers to each command.

use jangteo::order::v1::OrderCancelled;
use jangteo_kit::{
    decide::Pending,
    execute::{Aggregate, Decision},
};

use super::{Command, Event, Order, Rejection, Standing, State, Why, lines::merged};

/// An event that names the order and both sides.
macro_rules! told {
    ($event:ident, $order:expr, $sold:expr, $at:expr $(, $field:ident: $value:expr)*) => {
        $crate::domain::Event::from($event {
            order_id: $order.id.to_string(),
            customer: $order.customer.clone(),
            seller: $sold.seller.clone(),
            $($field: $value,)*
            time: Some(jangteo_kit::event::timestamp($at)),
        })
    };
}
pub(super) use told;

impl Aggregate for Order {
    const KIND: &'static str = "order";
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: Option<Self>, command: Command) -> Decision<Self> {
        let Some(order) = state else {
            let Command::Place { id, customer, lines, destination, expected_total_krw } = command
            else {
                return Err(Rejection::NotFound);
            };
            let (wanted, cancels, state) = (merged(lines)?, 0, State::Holding);
            let order =
                Self { id, customer, wanted, destination, expected_total_krw, cancels, state };
            return Ok((order, vec![]));
        };
        match command {
            Command::Place { .. } => Err(Rejection::Exists),
            Command::StockAnswered { heard } => Ok((order.stock_answered(heard), vec![])),
            Command::PaymentAnswered { heard, at } => Ok(order.payment_answered(heard, at)),
            Command::StockUndone { heard } => Ok((order.stock_undone(&heard), vec![])),
            Command::PaymentUndone { heard } => Ok((order.payment_undone(&heard), vec![])),
            Command::Cancel { by } => order.cancel(&by),
            Command::CancelAnswered { heard, at } => Ok(order.cancel_answered(heard, at)),
            Command::Preparing { at } => Ok(order.preparing(at)),
            Command::PickedUp { at } => Ok(order.picked_up(at)),
            Command::Arrived { at } => Ok(order.arrived(at)),
            Command::CalledOff { why, at } => Ok(order.called_off(why, at)),
        }
    }

    fn pending(&self) -> Option<Pending<Command>> {
        self.question()
    }

    fn outcome(&self) -> Result<(), Rejection> {
        match &self.state {
            State::Abandoning { why, .. }
            | State::Abandoned { why }
            | State::Bought(_, Standing::Reached { failed: Some(why), .. }) => {
                Err(why.clone().into())
            }
            State::Holding | State::Paying(_) | State::Bought(..) => Ok(()),
        }
    }
}

/// Steps that several commands take.
impl Order {
    /// The same purchase, standing elsewhere.
    pub(super) fn now(self, standing: Standing) -> Self {
        match self.state {
            State::Bought(purchase, _) => Self { state: State::Bought(purchase, standing), ..self },
            state => Self { state, ..self },
        }
    }

    /// Called off: stock, payment, store and delivery hear of it, and let go (E.13-1).
    pub(super) fn cancelled(self, why: Why, at: i64) -> (Self, Vec<Event>) {
        let State::Bought(purchase, _) = &self.state else { return (self, vec![]) };
        let event = told!(
            OrderCancelled, self, purchase.sold, at,
            lines: purchase.sold.told(), total_krw: purchase.sold.total_krw(),
            payment_key: self.payment_key(), reason: why.reason().to_owned()
        );
        (self.now(Standing::Cancelled { why }), vec![event])
    }
}
