//! How a rental refuses.

use std::time::Duration;

use jangteo_kit::{
    decide::No,
    status::{Kind, Reject},
};

/// The rule that a command would break.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Rejection {
    /// There is none, or none that the caller may know of.
    #[error("there is no such rental")]
    NotFound,
    /// The id is taken.
    #[error("the rental exists already")]
    Exists,
    /// The owner of the item would do what its renter does.
    #[error("only who rents pays or calls off")]
    RenterOnly,
    /// The item has not answered.
    #[error("the item has not answered yet: try again in a moment")]
    NotConfirmed,
    /// The item is not to be had.
    #[error("the rental was refused: reserve another item")]
    Refused,
    /// It is called off.
    #[error("the rental is called off: reserve the item again")]
    Cancelled,
    /// A payment or a refund is under way.
    #[error("a payment or a refund is under way: try again in a moment")]
    Busy,
    /// There is nothing to give back.
    #[error("the rental is not paid")]
    NotPaid,
    /// It is paid already.
    #[error("the rental is paid")]
    Paid,
    /// The renter has the item.
    #[error("the item is lent: bring it back first")]
    Lent,
    /// It is over.
    #[error("the item is back, and the rental over")]
    Returned,
    /// What payment or item said, or that one of them is away.
    #[error(transparent)]
    Peer(#[from] No),
}

impl Reject for Rejection {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::Exists => Kind::Exists,
            Self::RenterOnly => Kind::Forbidden,
            Self::Busy => Kind::Aborted,
            Self::NotConfirmed
            | Self::Refused
            | Self::Cancelled
            | Self::NotPaid
            | Self::Paid
            | Self::Lent
            | Self::Returned => Kind::Precondition,
            Self::Peer(no) => no.kind(),
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::NotFound => "RENTAL_NOT_FOUND",
            Self::Exists => "RENTAL_EXISTS",
            Self::RenterOnly => "RENTER_ONLY",
            Self::NotConfirmed => "RENTAL_NOT_CONFIRMED",
            Self::Refused => "RENTAL_REFUSED",
            Self::Cancelled => "RENTAL_CANCELLED",
            Self::Busy => "RENTAL_BUSY",
            Self::NotPaid => "RENTAL_NOT_PAID",
            Self::Paid => "RENTAL_PAID",
            Self::Lent => "ITEM_LENT",
            Self::Returned => "RENTAL_RETURNED",
            Self::Peer(no) => no.reason(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::NotConfirmed | Self::Busy => Some(Duration::from_secs(1)),
            Self::Peer(no) => no.retry_after(),
            _ => None,
        }
    }
}
