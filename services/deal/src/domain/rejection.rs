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
    /// It did not come about: what the offer or the post said, or that one of them is away.
    #[error(transparent)]
    Peer(#[from] No),
}

impl Reject for Rejection {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::Exists => Kind::Exists,
            Self::Cancelled | Self::Ended => Kind::Precondition,
            Self::SellerOnly => Kind::Forbidden,
            Self::MeetingTimePast => Kind::Invalid,
            Self::Peer(no) => no.kind(),
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::NotFound => "DEAL_NOT_FOUND",
            Self::Exists => "DEAL_EXISTS",
            Self::Cancelled => "DEAL_CANCELLED",
            Self::Ended => "DEAL_ENDED",
            Self::SellerOnly => "SELLER_ONLY",
            Self::MeetingTimePast => "MEETING_TIME_PAST",
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
        (*self == Self::MeetingTimePast).then_some("meeting_time")
    }
}
