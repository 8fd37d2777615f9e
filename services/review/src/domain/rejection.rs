//! How a review refuses.

use std::time::Duration;

use jangteo_kit::{
    decide::No,
    status::{Kind, Reject},
};

/// The rule that a command would break.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Rejection {
    /// The rental is not over, or is not the caller's.
    #[error("there is no such review: the renter is asked for one when the item is back")]
    NotFound,
    /// The item is being asked to leave the lists.
    #[error("the review is being written")]
    Running,
    /// There is one review of each rental.
    #[error("the review is written")]
    Written,
    /// Nothing was written: the item is away.
    #[error(transparent)]
    Peer(#[from] No),
}

impl Reject for Rejection {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::Running => Kind::Aborted,
            Self::Written => Kind::Precondition,
            Self::Peer(no) => no.kind(),
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::NotFound => "REVIEW_NOT_FOUND",
            Self::Running => "REVIEW_RUNNING",
            Self::Written => "REVIEW_WRITTEN",
            Self::Peer(no) => no.reason(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Running => Some(Duration::from_secs(1)),
            Self::Peer(no) => no.retry_after(),
            Self::NotFound | Self::Written => None,
        }
    }
}
