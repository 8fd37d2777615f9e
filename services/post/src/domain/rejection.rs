//! How a post refuses.

use std::time::Duration;

use jangteo_kit::status::{Kind, Reject};

/// The rule that a command would break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Rejection {
    /// There is none, or it is not the caller's to change.
    #[error("there is no such post")]
    NotFound,
    /// The id is taken.
    #[error("the post exists already")]
    Exists,
    /// A deal holds it.
    #[error("the post is reserved for a deal: cancel the deal first")]
    Reserved,
    /// It is sold for good.
    #[error("the post is sold")]
    Sold,
    /// It is off the lists.
    #[error("the post is hidden: show it again first")]
    Hidden,
    /// It is gone for good.
    #[error("the post is deleted")]
    Deleted,
    /// It is on the lists.
    #[error("the post is not hidden")]
    NotHidden,
    /// The seller would buy his own goods.
    #[error("nobody buys from himself")]
    OwnPost,
}

impl Reject for Rejection {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::Exists => Kind::Exists,
            Self::Reserved
            | Self::Sold
            | Self::Hidden
            | Self::Deleted
            | Self::NotHidden
            | Self::OwnPost => Kind::Precondition,
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::NotFound => "POST_NOT_FOUND",
            Self::Exists => "POST_EXISTS",
            Self::Reserved => "POST_RESERVED",
            Self::Sold => "POST_SOLD",
            Self::Hidden => "POST_HIDDEN",
            Self::Deleted => "POST_DELETED",
            Self::NotHidden => "POST_NOT_HIDDEN",
            Self::OwnPost => "OWN_POST",
        }
    }

    /// A reservation may yet be cancelled; nothing else passes by waiting.
    fn retry_after(&self) -> Option<Duration> {
        (*self == Self::Reserved).then_some(Duration::from_mins(1))
    }
}
