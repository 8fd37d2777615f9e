//! How a deal refuses.

use std::time::Duration;

use jangteo_kit::{
    decide::No,
    status::{Kind, Reject},
};

/// The rule that a command would break.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Rejection {
    /// There is none, or the caller is neither its seller nor its buyer.
    #[error("there is no such deal")]
    NotFound,
    /// The id is taken.
    #[error("the deal exists already")]
    Exists,
    /// The stock did not have it.
    #[error("the deal was refused: ask for another one")]
    Refused,
    /// It is called off for good.
    #[error("the deal is called off")]
    Cancelled,
    /// It is done.
    #[error("the deal is done: the goods were handed over")]
    Ended,
    /// The buyer would do what the seller does.
    #[error("only the seller says that the goods were handed over")]
    SellerOnly,
    /// Nobody can meet then.
    #[error("meeting_time has passed: name one to come, or none")]
    MeetingTimePast,
    /// It is not said what the deal is to be made of, or two things are.
    #[error("set either offer_id or product_id")]
    OfferOrProduct,
    /// A post is one piece.
    #[error("leave quantity out: what is offered for is one piece")]
    OneOnly,
    /// It did not come about: what a peer said, or that one is away.
    #[error(transparent)]
    Peer(#[from] No),
}

impl Reject for Rejection {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::Exists => Kind::Exists,
            Self::Refused | Self::Cancelled | Self::Ended => Kind::Precondition,
            Self::SellerOnly => Kind::Forbidden,
            Self::MeetingTimePast | Self::OfferOrProduct | Self::OneOnly => Kind::Invalid,
            Self::Peer(no) => no.kind(),
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::NotFound => "DEAL_NOT_FOUND",
            Self::Exists => "DEAL_EXISTS",
            Self::Refused => "DEAL_REFUSED",
            Self::Cancelled => "DEAL_CANCELLED",
            Self::Ended => "DEAL_ENDED",
            Self::SellerOnly => "SELLER_ONLY",
            Self::MeetingTimePast => "MEETING_TIME_PAST",
            Self::OfferOrProduct => "OFFER_OR_PRODUCT",
            Self::OneOnly => "ONE_ONLY",
            Self::Peer(no) => no.reason(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Peer(no) => no.retry_after(),
            _ => None,
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::MeetingTimePast => Some("meeting_time"),
            Self::OfferOrProduct => Some("offer_id"),
            Self::OneOnly => Some("quantity"),
            _ => None,
        }
    }
}
