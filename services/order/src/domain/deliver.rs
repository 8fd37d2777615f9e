//! What an order hears of its store and its delivery.

use jangteo::order::v1::{OrderDelivered, OrderDelivering, OrderPreparing};

use super::{Event, Order, Rank, Standing, State, Why, decide::told};

impl Order {
    /// Whichever word of its store comes first.
    pub(super) fn preparing(self, at: i64) -> (Self, Vec<Event>) {
        let State::Bought(purchase, standing) = &self.state else { return (self, vec![]) };
        let Some(further) = standing.raised(Rank::Preparing) else { return (self, vec![]) };
        let event = told!(OrderPreparing, self, purchase.sold, at);
        (self.now(further), vec![event])
    }

    pub(super) fn picked_up(self, at: i64) -> (Self, Vec<Event>) {
        let State::Bought(purchase, standing) = &self.state else { return (self, vec![]) };
        let Some(further) = standing.raised(Rank::Delivering) else { return (self, vec![]) };
        let event = told!(OrderDelivering, self, purchase.sold, at);
        (self.now(further), vec![event])
    }

    pub(super) fn arrived(self, at: i64) -> (Self, Vec<Event>) {
        let State::Bought(purchase, standing) = &self.state else { return (self, vec![]) };
        let Some(further) = standing.raised(Rank::Delivered) else { return (self, vec![]) };
        let event = told!(
            OrderDelivered, self, purchase.sold, at,
            lines: purchase.sold.told(), total_krw: purchase.sold.total_krw()
        );
        (self.now(further), vec![event])
    }

    /// It may be the first word of what the customer has asked for: then he has called it off.
    pub(super) fn called_off(self, why: Why, at: i64) -> (Self, Vec<Event>) {
        let State::Bought(_, standing) = &self.state else { return (self, vec![]) };
        let (rank, why) = match standing {
            Standing::Reached { rank, .. } => (*rank, why),
            Standing::Cancelling { from, .. } => (*from, Why::ByCustomer),
            Standing::Cancelled { .. } => return (self, vec![]),
        };
        match rank {
            Rank::Placed | Rank::Preparing | Rank::Delivering => self.cancelled(why, at),
            // What has arrived was not called off.
            Rank::Delivered => (self, vec![]),
        }
    }
}

impl Standing {
    /// The same, further on; nothing if it has come so far, or goes nowhere any more. While it is asked
    /// whether it can be called off it is that to which it may go back that goes on.
    fn raised(&self, to: Rank) -> Option<Self> {
        match self {
            Self::Reached { rank, .. } if *rank < to => {
                Some(Self::Reached { rank: to, failed: None })
            }
            Self::Cancelling { from, again } if *from < to => {
                Some(Self::Cancelling { from: to, again: *again })
            }
            Self::Reached { .. } | Self::Cancelling { .. } | Self::Cancelled { .. } => None,
        }
    }
}
