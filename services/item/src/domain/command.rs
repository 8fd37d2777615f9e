//! What an item can be told.

use uuid::Uuid;

use super::Listing;

/// What an item can be told, at a time in ms since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// B-F1.
    Register { id: Uuid, owner: String, listing: Listing, at: i64 },
    /// What it is, and costs.
    Update { by: Actor, edit: Edit, at: i64 },
    /// B-F2.
    Delete { by: Actor, at: i64 },
    /// B-F8: handed over to the renter who has paid.
    Lend { by: Actor, rental: Uuid, at: i64 },
    /// B-F10: back again.
    Return { by: Actor, rental: Uuid, at: i64 },
    /// B-F5: somebody wants to rent it, whether there is such an item or not.
    Reserve { id: Uuid, rental: Uuid, renter: String, at: i64 },
    /// B-F9: the rental fell through; any other rental's hold is left as it is.
    Release { rental: Uuid, at: i64 },
    /// The rental was paid: the payment of this number.
    Paid { rental: Uuid, attempt: i64 },
    /// The payment of this number is about to go back.
    Withhold { rental: Uuid, attempt: i64 },
    /// It stays after all.
    UndoWithhold { rental: Uuid, attempt: i64 },
    /// B-F13: the rental was reviewed.
    Retire { rental: Uuid, at: i64 },
}

/// The person on whose behalf a command is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Actor(pub(crate) String);

/// What to change; `None` leaves it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Edit {
    /// What it is.
    pub(crate) name: Option<String>,
    /// The price of one rental in whole won.
    pub(crate) price_krw: Option<i64>,
}

impl Edit {
    /// What the item says after the edit.
    pub(super) fn of(self, listing: &Listing) -> Listing {
        Listing {
            name: self.name.unwrap_or_else(|| listing.name.clone()),
            price_krw: self.price_krw.unwrap_or(listing.price_krw),
        }
    }
}
