//! The rules of a deal. Pure: time, ids and the answers of other contexts arrive inside the command.

mod ask;
mod command;
mod decide;
mod from_offer;
mod of_product;
mod rejection;
#[cfg(test)]
mod tests;

use jangteo::deal::v1::{DealCancelled, DealEnded, DealRefused, DealRescheduled, DealReserved};
use jangteo_kit::decide::No;
use uuid::Uuid;

pub(crate) use self::{
    command::{Actor, Command},
    rejection::Rejection,
};

/// The handing over of goods from a seller to a buyer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Deal {
    /// The deal.
    pub(crate) id: Uuid,
    /// What was asked for.
    pub(crate) subject: Subject,
    /// Who asked for it: from an offer whoever sells, of a product whoever buys. That he may, the
    /// others know.
    pub(crate) asker: String,
    /// When and where the two meet.
    pub(crate) meeting: Meeting,
    /// Where it stands.
    pub(crate) state: State,
}

/// What a deal was asked for about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// An offer on a post (A-F3).
    Offer(Uuid),
    /// Some pieces of a product (C-F2).
    Product {
        /// The product.
        id: Uuid,
        /// Pieces of it, at least one.
        quantity: i64,
    },
}

/// When and where seller and buyer meet, as far as that is settled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Meeting {
    /// When, in ms since 1970.
    pub(crate) time: Option<i64>,
    /// Where; empty: not settled.
    pub(crate) place: String,
}

/// What an offer says once it is taken: it knows what is sold to whom and for how much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offered {
    /// The post it is about.
    pub(crate) post: Uuid,
    /// Who buys.
    pub(crate) buyer: String,
    /// The price agreed on, in whole won.
    pub(crate) price_krw: i64,
}

/// What the stock says once it holds the pieces: it knows who sells them and for how much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    /// Who sells.
    pub(crate) owner: String,
    /// The price of all pieces, in whole won.
    pub(crate) price_krw: i64,
}

/// What the two have agreed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    /// The post it is about; none of a product.
    pub(crate) post: Option<Uuid>,
    /// Who sells.
    pub(crate) seller: String,
    /// Who buys.
    pub(crate) buyer: String,
    /// The price of it all, in whole won.
    pub(crate) price_krw: i64,
}

/// Where a deal stands. Nobody sees it before it is reserved or refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Being made: what it needs is asked for, one after the other.
    Reserving(Step),
    /// It will not come about: what may have been taken is let go, the last first.
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
    /// The stock does not have it (C-F7); whoever asked may read it. Final.
    Refused {
        /// What the stock said.
        why: No,
    },
    /// Agreed on, not handed over yet (거래진행중).
    Reserved(Terms),
    /// Handed over (거래완료). Final.
    Ended(Terms),
    /// Called off. Final.
    Cancelled(Terms),
}

/// What a deal in the making is asking for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The offer.
    Taking,
    /// The post; the offer is taken.
    Holding(Offered),
    /// The pieces of a product.
    Stocking,
}

/// What an abandoned deal lets go of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Undo {
    /// The post, and the offer afterwards.
    Post(Offered),
    /// The offer.
    Offer,
    /// The pieces of a product.
    Stock,
}

impl Deal {
    /// What was agreed on, if that came about.
    pub(crate) fn terms(&self) -> Option<&Terms> {
        match &self.state {
            State::Reserved(terms) | State::Ended(terms) | State::Cancelled(terms) => Some(terms),
            State::Reserving(_)
            | State::Abandoning { .. }
            | State::Abandoned { .. }
            | State::Refused { .. } => None,
        }
    }

    /// Whether this person may know of it: seller and buyer do, and of a refusal whoever is refused.
    pub(crate) fn is_seen_by(&self, person: &str) -> bool {
        match self.terms() {
            Some(terms) => terms.seller == person || terms.buyer == person,
            None => matches!(self.state, State::Refused { .. }) && self.asker == person,
        }
    }
}

jangteo_kit::events! {
    /// What happens to deals.
    pub(crate) enum Event { DealReserved, DealRefused, DealRescheduled, DealEnded, DealCancelled }
}
