//! The rules of an offer. Pure: time, ids and what post answers arrive inside the command.

mod ask;
mod command;
mod decide;
mod end;
mod rejection;
#[cfg(test)]
pub(crate) mod samples;
mod taken;
#[cfg(test)]
mod tests;

use jangteo::offer::v1::{
    DealOffered, OfferAccepted, OfferAutoCancelled, OfferCompleted, OfferExpired, OfferRefused,
    OfferReopened, OfferWithdrawn, PriceProposed,
};
use jangteo_kit::decide::No;
use uuid::Uuid;

pub(crate) use self::{
    command::{Actor, Command, Gone},
    rejection::Rejection,
};

/// One that nobody plans a deal on is open for this long.
const OPEN_FOR_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// One buyer's wish to buy one post: a request at its price, or a proposal of another price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    /// The offer.
    pub(crate) id: Uuid,
    /// The post it is for.
    pub(crate) post: Uuid,
    /// Who offers.
    pub(crate) buyer: String,
    /// The price that he proposes, in whole won; none: the post's own.
    pub(crate) proposed_krw: Option<i64>,
    /// Since when it is open, or was last asked for, in ms since 1970.
    pub(crate) open_since: i64,
    /// How often its post has been asked about; numbers the questions.
    pub(crate) checks: i64,
    /// Where it stands.
    pub(crate) state: State,
}

/// Where an offer stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Its post is asked about: nothing is known of it yet. Nobody sees it.
    Asking,
    /// Nothing came of it, and why. Nobody sees it. Final.
    Abandoned(No),
    /// Its post can be bought, or could when it was made.
    Made(Terms, Standing),
}

/// What is known of the post, from when the offer was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    /// Who sells.
    pub(crate) seller: String,
    /// Its price in whole won.
    pub(crate) list_price_krw: i64,
}

/// Where an offer stands that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The seller can answer it, and plan a deal on it.
    Open(Open),
    /// Its deal fell through: the post is asked about again before it is open again.
    AskingAgain(Open),
    /// A deal is planned on it; what it was before.
    InDeal { deal: Uuid, was: Open },
    /// The seller said no (제안 거절). Final.
    Refused,
    /// The buyer took it back. Final.
    Withdrawn,
    /// Its deal was completed (거래완료). Final.
    Completed { deal: Uuid },
    /// The post went to somebody else, or away (거래완료로 자동 취소). Final.
    AutoCancelled,
    /// Nobody planned a deal on it in time. Final.
    Expired,
}

/// What the seller has said to an open offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Open {
    /// Nothing yet.
    Pending,
    /// Yes (제안 수락).
    Accepted,
}

impl Offer {
    /// The price that the buyer would pay, in whole won.
    pub(crate) fn price_krw(&self, terms: &Terms) -> i64 {
        self.proposed_krw.unwrap_or(terms.list_price_krw)
    }

    /// When it expires, if it is still open then, in ms since 1970.
    pub(crate) fn expires(&self) -> i64 {
        self.open_since.saturating_add(OPEN_FOR_MS)
    }

    /// Whether it closes when its post goes: it is open, or asks about it.
    pub(crate) fn closes_with_post(&self) -> bool {
        match &self.state {
            State::Asking => true,
            State::Abandoned(_) => false,
            State::Made(_, standing) => {
                matches!(standing, Standing::Open(_) | Standing::AskingAgain(_))
            }
        }
    }

    /// The post whose one accepted offer this is.
    pub(crate) fn accepted_post(&self) -> Option<Uuid> {
        match &self.state {
            State::Made(_, standing) => standing.is_accepted().then_some(self.post),
            State::Asking | State::Abandoned(_) => None,
        }
    }
}

impl Standing {
    /// Whether no other offer for the post can be accepted.
    fn is_accepted(self) -> bool {
        match self {
            Self::Open(open) | Self::AskingAgain(open) => open == Open::Accepted,
            Self::InDeal { .. } => true,
            Self::Refused
            | Self::Withdrawn
            | Self::Completed { .. }
            | Self::AutoCancelled
            | Self::Expired => false,
        }
    }
}

jangteo_kit::events! {
    /// What happens to offers.
    pub(crate) enum Event {
        DealOffered, PriceProposed, OfferAccepted, OfferRefused, OfferWithdrawn, OfferReopened,
        OfferCompleted, OfferAutoCancelled, OfferExpired,
    }
}
