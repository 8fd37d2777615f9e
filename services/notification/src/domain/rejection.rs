//! How a notification refuses.

use jangteo_kit::status::{Kind, Reject};

/// The rule that a command would break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Rejection {
    /// There is none, or it tells somebody else.
    #[error("there is no such notification")]
    NotFound,
}

impl Reject for Rejection {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::NotFound => "NOTIFICATION_NOT_FOUND",
        }
    }
}
