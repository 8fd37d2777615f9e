//! How a ticket refuses.

use jangteo_kit::status::{Kind, Reject};

/// The rule that a command would break. The store hears of it, and the customer whose order asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Rejection {
    /// There is none, or the caller is neither its seller nor its customer.
    #[error("there is no such ticket")]
    NotFound,
    /// The customer would do what the store does.
    #[error("only whoever has the store does that")]
    SellerOnly,
    /// Nobody has said yet that it is made.
    #[error("the store has not taken the order on yet: accept it first")]
    NotAccepted,
    /// Nobody cooks it yet.
    #[error("the order is not being cooked yet: accept it and start cooking first")]
    NotCooking,
    /// It is in the pan.
    #[error("the order is being cooked: it can only be finished now")]
    Cooking,
    /// It is done.
    #[error("the order is cooked: it can only be delivered now")]
    Cooked,
    /// It is not made, for good.
    #[error("the order is rejected for good: it can only be placed anew")]
    Rejected,
    /// It is called off for good.
    #[error("the order is called off for good: it can only be placed anew")]
    Cancelled,
}

impl Reject for Rejection {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::SellerOnly => Kind::Forbidden,
            Self::NotAccepted
            | Self::NotCooking
            | Self::Cooking
            | Self::Cooked
            | Self::Rejected
            | Self::Cancelled => Kind::Precondition,
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::NotFound => "TICKET_NOT_FOUND",
            Self::SellerOnly => "SELLER_ONLY",
            Self::NotAccepted => "TICKET_NOT_ACCEPTED",
            Self::NotCooking => "TICKET_NOT_COOKING",
            Self::Cooking => "TICKET_COOKING",
            Self::Cooked => "TICKET_COOKED",
            Self::Rejected => "TICKET_REJECTED",
            Self::Cancelled => "TICKET_CANCELLED",
        }
    }
}
