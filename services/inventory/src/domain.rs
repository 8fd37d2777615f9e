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

/// Something of which its owner sells pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Product {
    /// The product.
    pub(crate) id: Uuid,
    /// Who sells it.
    pub(crate) owner: String,
    /// What it says.
    pub(crate) listing: Listing,
    /// Pieces that are there, those that are held among them.
    pub(crate) on_hand: i64,
    /// What is held, one for each purchase, in the order in which they came.
    pub(crate) held: Vec<Hold>,
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

/// The pieces that are kept for a purchase.
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

    /// What a purchase holds of it.
    pub(crate) fn hold_of(&self, holder: Uuid) -> Option<&Hold> {
        self.held.iter().find(|hold| hold.holder == holder)
    }
}

jangteo_kit::events! {
    /// What happens to products and their stock.
    pub(crate) enum Event {
        ProductRegistered, ProductChanged, ProductReleased, StockHeld, StockReleased,
        StockDecreased, StockIncreased,
    }
}
