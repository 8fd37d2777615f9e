//! Calling off: the store that makes it, or else the delivery, alone knows whether it is too late.

use jangteo::order::v1::OrderCancelRefused;
use jangteo_kit::{
    decide::{Heard, No},
    execute::Decision,
};

use super::{
    Actor, Event, Order, Rank, Rejection, Standing, State, Why,
    ask::{cancel_away, delivered},
    decide::told,
};

impl Order {
    /// While it is asked whether it is too late, it is asked once for everybody.
    pub(super) fn cancel(self, by: &Actor) -> Decision<Self> {
        let order = self.of_customer(by)?;
        let State::Bought(_, standing) = &order.state else { return Err(Rejection::NotFound) };
        match standing {
            Standing::Reached { rank: from @ (Rank::Placed | Rank::Preparing), .. } => {
                let cancels = order.cancels + 1;
                let asked = Standing::Cancelling { from: *from, again: false };
                Ok((Self { cancels, ..order }.now(asked), vec![]))
            }
            Standing::Reached { rank: Rank::Delivering, .. } => Err(Rejection::Delivering),
            Standing::Reached { rank: Rank::Delivered, .. } => Err(Rejection::Delivered),
            Standing::Cancelling { .. } | Standing::Cancelled { .. } => Ok((order, vec![])),
        }
    }

    /// Somebody else's order, and one that never came about, look like none at all; whoever sells sees
    /// it, and may not.
    fn of_customer(self, by: &Actor) -> Result<Self, Rejection> {
        if !self.is_seen_by(&by.0) {
            return Err(Rejection::NotFound);
        }
        if self.customer == by.0 { Ok(self) } else { Err(Rejection::CustomerOnly) }
    }

    /// Once an answer was waited for in vain, it is asked for until it comes.
    pub(super) fn cancel_answered(self, heard: Heard<()>, at: i64) -> (Self, Vec<Event>) {
        let State::Bought(purchase, Standing::Cancelling { from, again }) = &self.state else {
            return (self, vec![]);
        };
        let (store, from, again) = (purchase.sold.store, *from, *again);
        match heard {
            Heard::Yes(()) if from < Rank::Delivered => self.cancelled(Why::ByCustomer, at),
            // Nobody says so of what has arrived; whoever has the goods keeps them.
            Heard::Yes(()) => self.cancel_refused(from, delivered(), at),
            Heard::No(why) => self.cancel_refused(from, why, at),
            Heard::NotSent if !again => {
                let failed = Some(cancel_away(store));
                (self.now(Standing::Reached { rank: from, failed }), vec![])
            }
            Heard::NotSent | Heard::Nothing => {
                (self.now(Standing::Cancelling { from, again: true }), vec![])
            }
        }
    }

    fn cancel_refused(self, rank: Rank, why: No, at: i64) -> (Self, Vec<Event>) {
        let State::Bought(purchase, _) = &self.state else { return (self, vec![]) };
        let event = told!(OrderCancelRefused, self, purchase.sold, at, reason: why.reason.clone());
        (self.now(Standing::Reached { rank, failed: Some(why) }), vec![event])
    }
}
