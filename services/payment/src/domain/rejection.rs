//! How a payment refuses.

use std::time::Duration;

use jangteo_kit::{
    decide::No,
    status::{Kind, Reject},
};

/// The rule that a command would break.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Rejection {
    /// There is none, or it is not the caller's.
    #[error("there is no such payment")]
    NotFound,
    /// The key stands for another payment.
    #[error("this call_key was used for another amount, payer or payee: use a new one")]
    KeyReused,
    /// Nothing is taken: what the provider said, or that it was cancelled.
    #[error(transparent)]
    NotMade(#[from] No),
}

impl Reject for Rejection {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::KeyReused => Kind::Invalid,
            Self::NotMade(no) => no.kind(),
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::NotFound => "PAYMENT_NOT_FOUND",
            Self::KeyReused => "PAYMENT_KEY_REUSED",
            Self::NotMade(no) => no.reason(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::NotMade(no) => no.retry_after(),
            Self::NotFound | Self::KeyReused => None,
        }
    }

    fn field(&self) -> Option<&'static str> {
        (*self == Self::KeyReused).then_some("call_key")
    }
}
