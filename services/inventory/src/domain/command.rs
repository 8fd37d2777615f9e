//! What a product can be told.

use uuid::Uuid;

use super::Listing;

/// What a product can be told, at a time in ms since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// E-F8, with the pieces that are there; D-F1: or none, if a store makes it to order.
    Register {
        id: Uuid,
        owner: String,
        listing: Listing,
        store: Option<Uuid>,
        quantity: i64,
        at: i64,
    },
    /// What it is, and costs. Who holds pieces has been told his price.
    Update { by: Actor, edit: Edit, at: i64 },
    /// E-F8: so many pieces came in.
    Restock { by: Actor, quantity: i64, at: i64 },
    /// E-F8: it is not sold any more.
    Release { by: Actor, at: i64 },
    /// C-F7, E-F9: a purchase wants so many pieces. D-F1: what is made to order will do, or not.
    Hold { holder: Uuid, buyer: String, quantity: i64, counted_only: bool, at: i64 },
    /// C-F6, E-F5: the purchase came to nothing; its pieces are there again, those that were sold too.
    GiveBack { holder: Uuid, at: i64 },
    /// C-F4: the purchase is done.
    Take { holder: Uuid, at: i64 },
    /// E-F3: it is paid; until it is delivered its pieces may come back.
    Sell { holder: Uuid, at: i64 },
    /// E-F4: what was sold to it does not come back.
    Forget { holder: Uuid },
}

/// The person on whose behalf a command is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Actor(pub(crate) String);

/// What to change; `None` leaves it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Edit {
    /// What it is.
    pub(crate) name: Option<String>,
    /// What one piece is.
    pub(crate) spec: Option<String>,
    /// The price of one piece in whole won.
    pub(crate) price_krw: Option<i64>,
}

impl Edit {
    /// What the product says after the edit.
    pub(super) fn of(self, listing: &Listing) -> Listing {
        Listing {
            name: self.name.unwrap_or_else(|| listing.name.clone()),
            spec: self.spec.unwrap_or_else(|| listing.spec.clone()),
            price_krw: self.price_krw.unwrap_or(listing.price_krw),
        }
    }
}
