//! The rules of an order. Pure: time, ids and the answers of other contexts arrive inside the command.

mod ask;
mod cancel;
mod command;
mod decide;
mod deliver;
mod lines;
mod place;
mod rejection;
#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

use jangteo::order::v1::{
    OrderCancelRefused, OrderCancelled, OrderDelivered, OrderDelivering, OrderPlaced,
    OrderPreparing,
};
use jangteo_kit::decide::No;
use uuid::Uuid;

pub(crate) use self::{
    command::{Actor, Command},
    rejection::Rejection,
};

/// Some pieces of some products, to be brought to whoever buys them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    /// The order.
    pub(crate) id: Uuid,
    /// Who buys.
    pub(crate) customer: String,
    /// What he asks for, each product once, in the order in which he named them.
    pub(crate) wanted: Vec<Wanted>,
    /// Where it goes.
    pub(crate) destination: Destination,
    /// What he believes it costs, in whole won, if he says so.
    pub(crate) expected_total_krw: Option<i64>,
    /// How often it was tried to call it off.
    pub(crate) cancels: i64,
    /// Where it stands.
    pub(crate) state: State,
}

/// Some pieces of a product, as they were asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// The product.
    pub(crate) product: Uuid,
    /// Pieces of it, at least one.
    pub(crate) quantity: i64,
}

/// Where an order goes. Nobody but its customer and its courier may know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Destination {
    /// Where it goes.
    pub(crate) address: String,
    /// Whom the courier calls.
    pub(crate) phone_number: String,
}

/// What the stock says once it holds what was asked for: it knows who sells it and for how much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sold {
    /// Who sells all of it.
    pub(crate) seller: String,
    /// The store that makes all of it; none: it is there, and only has to be brought.
    pub(crate) store: Option<Uuid>,
    /// What is sold, line by line as it was asked for.
    pub(crate) lines: Vec<Line>,
}

/// Some pieces of a product, as they are sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// The product.
    pub(crate) product: Uuid,
    /// What it is called.
    pub(crate) name: String,
    /// Pieces of it.
    pub(crate) quantity: i64,
    /// The price of one piece, in whole won.
    pub(crate) price_krw: i64,
}

/// What was bought, and paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Purchase {
    /// What was sold.
    pub(crate) sold: Sold,
    /// The payment.
    pub(crate) payment: Uuid,
}

/// Where an order stands. Nobody sees it before it is bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// The stock is asked for it.
    Holding,
    /// The stock holds it, and payment is asked.
    Paying(Sold),
    /// It will not come about: what may have been taken is let go.
    Abandoning {
        /// What is being let go.
        undo: Undo,
        /// Why it will not.
        why: No,
    },
    /// It did not come about, and nothing is left of it. Final.
    Abandoned {
        /// Why it did not.
        why: No,
    },
    /// It is paid.
    Bought(Purchase, Standing),
}

/// What an abandoned order lets go of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Undo {
    /// The stock; nobody was asked for money.
    Stock,
    /// The stock, and the payment afterwards.
    StockThenPayment(Sold),
    /// The payment.
    Payment(Sold),
}

/// Where an order stands that is paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It goes its way. Final once it is delivered.
    Reached {
        /// How far it has come.
        rank: Rank,
        /// Why the last try to call it off came to nothing.
        failed: Option<No>,
    },
    /// Its store, or its delivery if it is not made, is asked whether it is too late to call it off.
    Cancelling {
        /// What it goes back to if it is.
        from: Rank,
        /// Whoever is asked has not answered in time, and is asked until he does.
        again: bool,
    },
    /// Called off. Final.
    Cancelled {
        /// Why.
        why: Why,
    },
}

/// How far an order has come; it only goes on, and may skip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    /// It is paid (주문됨).
    Placed,
    /// Its store has taken it on (상점 접수).
    Preparing,
    /// A courier has it.
    Delivering,
    /// Its customer has it (배송 완료).
    Delivered,
}

/// Why an order was called off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// Its customer wants it no more.
    ByCustomer,
    /// Its store does not make it.
    StoreRejected,
    /// Its store was told that nobody wants it.
    StoreCancelled,
    /// No courier brings it.
    DeliveryCancelled,
}

impl Sold {
    /// The store that makes it as contracts name it; empty: it is there.
    pub(crate) fn store_id(&self) -> String {
        self.store.map(|store| store.to_string()).unwrap_or_default()
    }
}

impl Order {
    /// What was bought, if that came about.
    pub(crate) fn purchase(&self) -> Option<&Purchase> {
        match &self.state {
            State::Bought(purchase, _) => Some(purchase),
            State::Holding
            | State::Paying(_)
            | State::Abandoning { .. }
            | State::Abandoned { .. } => None,
        }
    }

    /// Whether this person may know of it: customer and seller do, once it is bought.
    pub(crate) fn is_seen_by(&self, person: &str) -> bool {
        self.purchase()
            .is_some_and(|purchase| self.customer == person || purchase.sold.seller == person)
    }
}

impl Why {
    /// Its name in `UPPER_SNAKE`.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::ByCustomer => "BY_CUSTOMER",
            Self::StoreRejected => "STORE_REJECTED",
            Self::StoreCancelled => "STORE_CANCELLED",
            Self::DeliveryCancelled => "DELIVERY_CANCELLED",
        }
    }
}

jangteo_kit::events! {
    /// What happens to orders.
    pub(crate) enum Event {
        OrderPlaced, OrderPreparing, OrderDelivering, OrderDelivered, OrderCancelRefused,
        OrderCancelled,
    }
}
