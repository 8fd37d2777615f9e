//! How a delivery refuses.

use jangteo_kit::status::{Kind, Reject};

/// The rule that a command would break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Rejection {
    /// There is none, or another courier has it.
    #[error("there is no such delivery")]
    NotFound,
    /// It is on its way.
    #[error("a courier has the delivery already")]
    PickedUp,
    /// Nobody has it yet.
    #[error("nobody has the delivery yet: pick it up first")]
    NotPickedUp,
    /// Its customer has it.
    #[error("the delivery has arrived")]
    Delivered,
    /// It is called off for good.
    #[error("the delivery is called off")]
    Cancelled,
}

impl Reject for Rejection {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::PickedUp | Self::NotPickedUp | Self::Delivered | Self::Cancelled => {
                Kind::Precondition
            }
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::NotFound => "DELIVERY_NOT_FOUND",
            Self::PickedUp => "DELIVERY_PICKED_UP",
            Self::NotPickedUp => "DELIVERY_NOT_PICKED_UP",
            Self::Delivered => "DELIVERY_DELIVERED",
            Self::Cancelled => "DELIVERY_CANCELLED",
        }
    }
}
