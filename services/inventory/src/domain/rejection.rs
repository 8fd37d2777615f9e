//! How a product refuses.

use jangteo_kit::status::{Kind, Reject};

/// The rule that a command would break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Rejection {
    /// There is none, or it is not the caller's to change.
    #[error("there is no such product")]
    NotFound,
    /// The id is taken.
    #[error("the product exists already")]
    Exists,
    /// It is off the market for good.
    #[error("the product is not sold any more")]
    Released,
    /// More was asked for than nobody holds.
    #[error("out of stock: {available} can be had")]
    OutOfStock {
        /// Pieces that can be had.
        available: i64,
    },
    /// The owner would buy his own product.
    #[error("nobody buys from himself")]
    OwnProduct,
    /// The lines of a purchase are of several owners.
    #[error("a purchase is of one seller: make one for each")]
    OneSeller,
    /// The lines of a purchase are of several stores, or only some of them are made to order.
    #[error("a purchase is of one store, or of pieces that are there: make one for each")]
    OneStore,
    /// Pieces are wanted, or come in, of what has none.
    #[error("the product is made to order: there are no pieces of it")]
    MadeToOrder,
    /// Pieces are said to be there of what is made to order.
    #[error("nothing is counted of what is made to order: its quantity is 0")]
    QuantityOfMadeToOrder,
    /// A purchase takes something.
    #[error("a purchase has at least one line")]
    NoLines,
    /// There would be more pieces than can be counted on.
    #[error("at most 1000000000 pieces can be on hand")]
    TooMuch,
}

impl Reject for Rejection {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::Exists => Kind::Exists,
            Self::NoLines | Self::QuantityOfMadeToOrder => Kind::Invalid,
            Self::Released
            | Self::OutOfStock { .. }
            | Self::OwnProduct
            | Self::OneSeller
            | Self::OneStore
            | Self::MadeToOrder
            | Self::TooMuch => Kind::Precondition,
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::NotFound => "PRODUCT_NOT_FOUND",
            Self::Exists => "PRODUCT_EXISTS",
            Self::Released => "PRODUCT_RELEASED",
            Self::OutOfStock { .. } => "OUT_OF_STOCK",
            Self::OwnProduct => "OWN_PRODUCT",
            Self::OneSeller => "ONE_SELLER_PER_ORDER",
            Self::OneStore => "ONE_STORE_PER_ORDER",
            Self::MadeToOrder => "MADE_TO_ORDER",
            Self::QuantityOfMadeToOrder => "QUANTITY_OF_MADE_TO_ORDER",
            Self::NoLines => "NO_LINES",
            Self::TooMuch => "STOCK_TOO_LARGE",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NoLines => Some("lines"),
            Self::QuantityOfMadeToOrder => Some("quantity"),
            _ => None,
        }
    }
}
