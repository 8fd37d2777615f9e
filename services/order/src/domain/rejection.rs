//! How an order refuses.

use std::time::Duration;

use jangteo_kit::{
    decide::No,
    status::{Kind, Reject},
};

/// The rule that a command would break.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Rejection {
    /// There is none, or the caller is neither its customer nor its seller.
    #[error("there is no such order")]
    NotFound,
    /// The id is taken.
    #[error("the order exists already")]
    Exists,
    /// Nothing is ordered.
    #[error("an order has at least one line")]
    NoLines,
    /// More is ordered than can be counted on.
    #[error("at most 1000000 pieces of one product can be ordered")]
    TooMany,
    /// The seller would do what the customer does.
    #[error("only who ordered calls it off")]
    CustomerOnly,
    /// A courier has it.
    #[error("the order is on its way: it can't be called off any more")]
    Delivering,
    /// Its customer has it.
    #[error("the order has arrived: it can't be called off any more")]
    Delivered,
    /// What a peer said, or that one is away.
    #[error(transparent)]
    Peer(#[from] No),
}

impl Reject for Rejection {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::Exists => Kind::Exists,
            Self::NoLines | Self::TooMany => Kind::Invalid,
            Self::CustomerOnly => Kind::Forbidden,
            Self::Delivering | Self::Delivered => Kind::Precondition,
            Self::Peer(no) => no.kind(),
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::NotFound => "ORDER_NOT_FOUND",
            Self::Exists => "ORDER_EXISTS",
            Self::NoLines => "NO_LINES",
            Self::TooMany => "TOO_MANY_PIECES",
            Self::CustomerOnly => "CUSTOMER_ONLY",
            Self::Delivering => "ORDER_DELIVERING",
            Self::Delivered => "ORDER_DELIVERED",
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
            Self::NoLines | Self::TooMany => Some("lines"),
            _ => None,
        }
    }
}
