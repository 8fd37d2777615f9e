//! How a store refuses.

use jangteo_kit::status::{Kind, Reject};

/// The rule that a command would break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Rejection {
    /// There is none, or it is not whose it should be.
    #[error("there is no such store")]
    NotFound,
    /// The id is taken.
    #[error("the store exists already")]
    Exists,
}

impl Reject for Rejection {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::Exists => Kind::Exists,
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::NotFound => "STORE_NOT_FOUND",
            Self::Exists => "STORE_EXISTS",
        }
    }
}
