//! How an offer refuses.

use std::time::Duration;

use jangteo_kit::{
    decide::No,
    status::{Kind, Reject},
};

/// The rule that a command would break.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Rejection {
    /// There is none, or none that the caller may know of.
    #[error("there is no such offer")]
    NotFound,
    /// The id is taken.
    #[error("the offer exists already")]
    Exists,
    /// Its post can't be bought, or not be asked about.
    #[error(transparent)]
    Abandoned(#[from] No),
    /// The buyer would answer his own offer.
    #[error("only the seller of the post answers an offer")]
    SellerOnly,
    /// The seller would take back what is not his.
    #[error("only who made an offer takes it back: refuse it instead")]
    BuyerOnly,
    /// Its price is the buyer's, and the seller has not agreed.
    #[error("the proposed price is not accepted: accept the offer first")]
    NotAccepted,
    /// The seller has agreed with somebody else.
    #[error("another offer for the post is accepted: refuse that one first")]
    AnotherAccepted,
    /// A deal is planned on it.
    #[error("a deal is planned on the offer: cancel the deal first")]
    InDeal,
    /// Its post is asked about again.
    #[error("it is being checked whether the post can still be bought: try again")]
    Checking,
    /// The seller said no.
    #[error("the offer was refused")]
    Refused,
    /// The buyer took it back.
    #[error("the offer was withdrawn")]
    Withdrawn,
    /// Its deal was completed.
    #[error("the deal on the offer was completed")]
    Completed,
    /// Its post is gone.
    #[error("the post was sold or removed, and the offer closed")]
    AutoCancelled,
    /// It was open for too long.
    #[error("the offer has expired")]
    Expired,
}

impl Reject for Rejection {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::Exists => Kind::Exists,
            Self::Abandoned(no) => no.kind(),
            Self::SellerOnly | Self::BuyerOnly => Kind::Forbidden,
            Self::Checking => Kind::Aborted,
            Self::NotAccepted
            | Self::AnotherAccepted
            | Self::InDeal
            | Self::Refused
            | Self::Withdrawn
            | Self::Completed
            | Self::AutoCancelled
            | Self::Expired => Kind::Precondition,
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::NotFound => "OFFER_NOT_FOUND",
            Self::Exists => "OFFER_EXISTS",
            Self::Abandoned(no) => no.reason(),
            Self::SellerOnly => "SELLER_ONLY",
            Self::BuyerOnly => "BUYER_ONLY",
            Self::NotAccepted => "OFFER_NOT_ACCEPTED",
            Self::AnotherAccepted => "ANOTHER_OFFER_ACCEPTED",
            Self::InDeal => "OFFER_IN_DEAL",
            Self::Checking => "OFFER_CHECKING",
            Self::Refused => "OFFER_REFUSED",
            Self::Withdrawn => "OFFER_WITHDRAWN",
            Self::Completed => "OFFER_COMPLETED",
            Self::AutoCancelled => "OFFER_AUTO_CANCELLED",
            Self::Expired => "OFFER_EXPIRED",
        }
    }

    /// A deal may be cancelled, an acceptance taken back, a post answers soon.
    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::InDeal | Self::AnotherAccepted => Some(Duration::from_mins(1)),
            Self::Checking => Some(Duration::from_secs(1)),
            Self::Abandoned(no) => no.retry_after(),
            _ => None,
        }
    }
}
