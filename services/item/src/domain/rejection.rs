//! How an item refuses.

use std::time::Duration;

use jangteo_kit::status::{Kind, Reject};

/// The rule that a command would break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Rejection {
    /// There is none, or it is not the caller's to change.
    #[error("there is no such item")]
    NotFound,
    /// The id is taken.
    #[error("the item exists already")]
    Exists,
    /// A rental holds it.
    #[error("the item is reserved for a rental")]
    Reserved,
    /// Its renter has it.
    #[error("the item is lent")]
    Lent,
    /// It is off the lists for good.
    #[error("the item is retired: it was reviewed")]
    Retired,
    /// It is gone for good.
    #[error("the item is deleted")]
    Deleted,
    /// It can't be deleted under a rental.
    #[error("the item is in use: its rental has to end first")]
    InUse,
    /// The owner would rent his own item.
    #[error("nobody rents from himself")]
    OwnItem,
    /// Another rental holds it, or none.
    #[error("the item is not reserved for this rental")]
    NotReservedForRental,
    /// There is no payment that stays.
    #[error("the rental is not paid: if it was paid just now, try again")]
    NotPaid,
    /// It is not out, or for another rental.
    #[error("the item is not lent for this rental")]
    NotLent,
}

impl Reject for Rejection {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::Exists => Kind::Exists,
            Self::Reserved
            | Self::Lent
            | Self::Retired
            | Self::Deleted
            | Self::InUse
            | Self::OwnItem
            | Self::NotReservedForRental
            | Self::NotPaid
            | Self::NotLent => Kind::Precondition,
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::NotFound => "ITEM_NOT_FOUND",
            Self::Exists => "ITEM_EXISTS",
            Self::Reserved => "ITEM_RESERVED",
            Self::Lent => "ITEM_LENT",
            Self::Retired => "ITEM_RETIRED",
            Self::Deleted => "ITEM_DELETED",
            Self::InUse => "ITEM_IN_USE",
            Self::OwnItem => "OWN_ITEM",
            Self::NotReservedForRental => "ITEM_NOT_RESERVED_FOR_RENTAL",
            Self::NotPaid => "RENTAL_NOT_PAID",
            Self::NotLent => "ITEM_NOT_LENT",
        }
    }

    /// A rental may yet fall through, and word of a payment be on its way; nothing else passes soon.
    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Reserved => Some(Duration::from_mins(1)),
            Self::NotPaid => Some(Duration::from_secs(1)),
            _ => None,
        }
    }
}
