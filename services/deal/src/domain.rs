//! The rules of a deal. Pure: time, ids and the answers of other contexts arrive inside the command.

mod ask;
mod command;
mod decide;
mod rejection;
#[cfg(test)]
mod tests;

use jangteo::deal::v1::{DealCancelled, DealEnded, DealRescheduled, DealReserved};
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
    /// The offer it comes from.
    pub(crate) offer: Uuid,
    /// Who sells: whoever asked for the deal. That he may, the offer and the post know.
    pub(crate) seller: String,
    /// When and where the two meet.
    pub(crate) meeting: Meeting,
    /// Where it stands.
    pub(crate) state: State,
}

/// When and where seller and buyer meet, as far as that is settled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Meeting {
    /// When, in ms since 1970.
    pub(crate) time: Option<i64>,
    /// Where; empty: not settled.
    pub(crate) place: String,
}

/// What is sold to whom and for how much: known once the offer is taken, since it is the offer that
/// says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    /// The post it is about.
    pub(crate) post: Uuid,
    /// Who buys.
    pub(crate) buyer: String,
    /// The price agreed on, in whole won.
    pub(crate) price_krw: i64,
}

/// Where a deal stands. Nobody sees it before it is reserved.
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
    Holding(Terms),
}

/// What an abandoned deal lets go of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Undo {
    /// The post, and the offer afterwards.
    Post(Terms),
    /// The offer.
    Offer,
}

impl Deal {
    /// Its terms, once there is a deal to be seen.
    pub(crate) fn visible(&self) -> Option<&Terms> {
        match &self.state {
            State::Reserving(_) | State::Abandoning { .. } | State::Abandoned { .. } => None,
            State::Reserved(terms) | State::Ended(terms) | State::Cancelled(terms) => Some(terms),
        }
    }

    /// Whether this person may know of it: seller and buyer do.
    pub(crate) fn is_seen_by(&self, person: &str) -> bool {
        self.visible().is_some_and(|terms| self.seller == person || terms.buyer == person)
    }
}

jangteo_kit::events! {
    /// What happens to deals.
    pub(crate) enum Event { DealReserved, DealRescheduled, DealEnded, DealCancelled }
}
