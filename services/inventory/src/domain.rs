//! The rules of a product and its stock. Pure: time and ids arrive inside the command.

mod command;
mod decide;
pub(crate) mod lines;
mod rejection;
#[cfg(test)]
pub(crate) mod samples;
mod stock;
#[cfg(test)]
mod tests;

use jangteo::inventory::v1::{
    ProductChanged, ProductRegistered, ProductReleased, StockDecreased, StockHeld, StockIncreased,
    StockReleased,
};
use uuid::Uuid;

pub(crate) use self::{
    command::{Actor, Command, Edit},
    rejection::Rejection,
};

/// Something of which its owner sells pieces, or which a store makes to order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Product {
    /// The product.
    pub(crate) id: Uuid,
    /// Who sells it.
    pub(crate) owner: String,
    /// What it says.
    pub(crate) listing: Listing,
    /// The store that makes it to order, so that there are no pieces of it; none: it is counted.
    pub(crate) store: Option<Uuid>,
    /// Pieces that are there, those that are held among them.
    pub(crate) on_hand: i64,
    /// What is held, one for each purchase, in the order in which they came.
    pub(crate) held: Vec<Hold>,
    /// What is gone and may yet come back, one for each order that is not delivered.
    pub(crate) sold: Vec<Hold>,
    /// It is not sold any more. Final.
    pub(crate) released: bool,
}

/// What a product says, and its owner may edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listing {
    /// What it is, in its owner's words.
    pub(crate) name: String,
    /// What one piece is; empty: the name says it all.
    pub(crate) spec: String,
    /// The price of one piece in whole won.
    pub(crate) price_krw: i64,
}

/// The pieces of one purchase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hold {
    /// The purchase.
    pub(crate) holder: Uuid,
    /// Who buys.
    pub(crate) buyer: String,
    /// Pieces, at least one.
    pub(crate) quantity: i64,
}

impl Product {
    /// Pieces that nobody holds: as many can be bought.
    pub(crate) fn available(&self) -> i64 {
        self.on_hand - self.held.iter().map(|hold| hold.quantity).sum::<i64>()
    }

    /// The store that makes it as contracts name it; empty: it is counted.
    pub(crate) fn store_id(&self) -> String {
        self.store.map(|store| store.to_string()).unwrap_or_default()
    }

    /// What a purchase holds of it, or was sold.
    pub(crate) fn hold_of(&self, holder: Uuid) -> Option<&Hold> {
        self.held.iter().chain(&self.sold).find(|hold| hold.holder == holder)
    }
}

jangteo_kit::events! {
    /// What happens to products and their stock.
    pub(crate) enum Event {
        ProductRegistered, ProductChanged, ProductReleased, StockHeld, StockReleased,
        StockDecreased, StockIncreased,
    }
}
