//! How a channel refuses.

use std::time::Duration;

use jangteo_kit::status::{Kind, Reject};

/// The rule that a command would break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Rejection {
    /// There is none, or it is somebody else's.
    #[error("there is no such channel")]
    NotFound,
    /// The person is told there already.
    #[error("there is a channel to this address already")]
    Exists,
    /// A mail with a code was sent there not long ago.
    #[error(
        "the channel to this address was deleted less than a day ago: create it again tomorrow"
    )]
    DeletedLately,
    /// Something else came by mail.
    #[error("this is not the code that was sent to the address: take it from the newest mail")]
    WrongCode,
    /// Nothing can be sent there, for this reason.
    #[error("{0}")]
    AddressInvalid(&'static str),
    /// This market sends no mail.
    #[error("this market sends no mail: its operator has to set JANGTEO_MAIL_URL")]
    NoMail,
}

impl Reject for Rejection {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::Exists => Kind::Exists,
            Self::DeletedLately | Self::NoMail => Kind::Precondition,
            Self::WrongCode | Self::AddressInvalid(_) => Kind::Invalid,
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::NotFound => "CHANNEL_NOT_FOUND",
            Self::Exists => "CHANNEL_EXISTS",
            Self::DeletedLately => "CHANNEL_DELETED_LATELY",
            Self::WrongCode => "CONFIRMATION_CODE_WRONG",
            Self::AddressInvalid(_) => "CHANNEL_ADDRESS_INVALID",
            Self::NoMail => "MAIL_NOT_CONFIGURED",
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        (*self == Self::DeletedLately).then_some(Duration::from_hours(24))
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::WrongCode => Some("code"),
            Self::AddressInvalid(_) => Some("address"),
            Self::NotFound | Self::Exists | Self::DeletedLately | Self::NoMail => None,
        }
    }
}
