//! How a dispatch refuses.

use jangteo_kit::status::{Kind, Reject};

/// The rule that a command would break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Rejection {
    /// There is none, or it is somebody else's.
    #[error("there is no such dispatch")]
    NotFound,
    /// It went through, or still may.
    #[error("only a dead dispatch can be sent once more")]
    NotDead,
}

impl Reject for Rejection {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::NotDead => Kind::Precondition,
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::NotFound => "DISPATCH_NOT_FOUND",
            Self::NotDead => "DISPATCH_NOT_DEAD",
        }
    }
}
