//! The rules of a ticket. Pure: time and what was heard of the store arrive inside the command.

mod ask;
mod command;
mod decide;
mod policy;
mod rejection;
#[cfg(test)]
pub(crate) mod samples;
pub(crate) mod table;
#[cfg(test)]
mod tests;

use jangteo::store::v1::{
    CookingFinished, CookingStarted, TicketAccepted, TicketCancelled, TicketReceived,
    TicketRejected,
};
use uuid::Uuid;

pub(crate) use self::{
    command::{Actor, Command},
    rejection::Rejection,
};

/// What a kitchen has to make for one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ticket {
    /// The ticket, and the order.
    pub(crate) id: Uuid,
    /// Which store makes it.
    pub(crate) store: Uuid,
    /// Who eats.
    pub(crate) customer: String,
    /// Whose store it is.
    pub(crate) seller: String,
    /// What to cook; nothing: it was called off before it came.
    pub(crate) lines: Vec<Line>,
    /// Where it stands.
    pub(crate) state: State,
}

/// Some portions of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// The product.
    pub(crate) product: Uuid,
    /// What it is called.
    pub(crate) name: String,
    /// Portions.
    pub(crate) quantity: i64,
}

/// Where a ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Nobody sees it before it is known whether its seller has the store.
    Arriving,
    /// The store has it.
    Received,
    /// The store will make it (상점 접수).
    Accepted,
    /// It is being cooked.
    Cooking,
    /// It is done (조리 완료). Final.
    Cooked,
    /// It is not made (상점 거절). Final.
    Rejected {
        /// Why not.
        why: Why,
    },
    /// Called off before it was cooked. Final.
    Cancelled,
}

/// Why a ticket is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The store does not want to.
    ByStore,
    /// There is no such store, or it is not its seller's.
    StoreNotFound,
}

impl Why {
    /// As events say it, and the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ByStore => "BY_STORE",
            Self::StoreNotFound => "STORE_NOT_FOUND",
        }
    }
}

impl Ticket {
    /// Whether this person may know of it: its customer and its seller may, once it has arrived.
    pub(crate) fn is_seen_by(&self, person: &str) -> bool {
        let concerned = self.customer == person || self.seller == person;
        concerned && self.state != State::Arriving
    }
}

jangteo_kit::events! {
    /// What happens to tickets.
    pub(crate) enum Event {
        TicketReceived, TicketAccepted, TicketRejected, CookingStarted, CookingFinished,
        TicketCancelled,
    }
}
