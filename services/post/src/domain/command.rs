//! What a post can be told.

use uuid::Uuid;

use super::{Agreement, Listing};

/// What a post can be told, at a time in ms since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// A-F1.
    Create { id: Uuid, seller: String, listing: Listing, at: i64 },
    /// A-F6.
    Update { by: Actor, edit: Edit, at: i64 },
    /// A-F7.
    Delete { by: Actor, at: i64 },
    /// Off the lists.
    Hide { by: Actor, at: i64 },
    /// Back on the lists.
    Unhide { by: Actor, at: i64 },
    /// A-F3: for one deal, by the post's seller.
    Reserve { by: Actor, agreement: Agreement, at: i64 },
    /// A-F4: the deal lets go; any other deal's hold is left as it is.
    Release { deal: Uuid, at: i64 },
    /// A-F5: the deal has ended; it sells only what is reserved for it.
    Sell { deal: Uuid, at: i64 },
}

/// The person on whose behalf a command is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Actor(pub(crate) String);

/// What to change; `None` leaves it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Edit {
    /// What is sold.
    pub(crate) goods: Option<String>,
    /// The asking price in whole won.
    pub(crate) price_krw: Option<i64>,
    /// Where the goods can be fetched.
    pub(crate) neighbourhood: Option<String>,
}

impl Edit {
    /// What the post says after the edit.
    pub(super) fn of(self, listing: &Listing) -> Listing {
        Listing {
            goods: self.goods.unwrap_or_else(|| listing.goods.clone()),
            price_krw: self.price_krw.unwrap_or(listing.price_krw),
            neighbourhood: self.neighbourhood.unwrap_or_else(|| listing.neighbourhood.clone()),
        }
    }
}
