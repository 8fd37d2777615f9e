//! How the pieces of a product come and go.

use jangteo::inventory::v1::{StockDecreased, StockHeld, StockIncreased, StockReleased};
use jangteo_kit::execute::Decision;
use uuid::Uuid;

use super::{Event, Hold, Product, Rejection, decide::told};

/// Pieces that can be on hand: what is counted and priced stays far from the end of its numbers.
const MOST: i64 = 1_000_000_000;

impl Product {
    pub(super) fn restock(self, pieces: i64, at: i64) -> Decision<Self> {
        self.on_sale()?;
        let on_hand = self.on_hand.saturating_add(pieces);
        if on_hand > MOST {
            return Err(Rejection::TooMuch);
        }
        let product = Self { on_hand, ..self };
        let event = told!(
            StockIncreased { name: product.listing.name.clone(), quantity: pieces },
            product,
            at
        );
        Ok((product, vec![event]))
    }

    /// Asked again by a purchase that holds pieces already, it is answered by what it holds.
    pub(super) fn hold(mut self, hold: &Hold, at: i64) -> Decision<Self> {
        if self.hold_of(hold.holder).is_some() {
            return Ok((self, vec![]));
        }
        self.sellable_as(hold)?;
        self.held.push(hold.clone());
        let event = told!(StockHeld of hold {}, self, at);
        Ok((self, vec![event]))
    }

    fn sellable_as(&self, hold: &Hold) -> Result<(), Rejection> {
        if self.owner == hold.buyer {
            return Err(Rejection::OwnProduct);
        }
        self.on_sale()?;
        let available = self.available();
        if hold.quantity > available { Err(Rejection::OutOfStock { available }) } else { Ok(()) }
    }

    /// Whoever holds nothing, or nothing any more, gives nothing back.
    pub(super) fn give_back(mut self, holder: Uuid, at: i64) -> (Self, Vec<Event>) {
        let Some(hold) = self.let_go(holder) else { return (self, vec![]) };
        let event = told!(StockReleased of hold {}, self, at);
        (self, vec![event])
    }

    /// Only what is held is taken: late or repeated word of a purchase finds nothing to take.
    pub(super) fn take(mut self, holder: Uuid, at: i64) -> (Self, Vec<Event>) {
        let Some(hold) = self.let_go(holder) else { return (self, vec![]) };
        self.on_hand -= hold.quantity;
        let event = told!(StockDecreased of hold { name: self.listing.name.clone() }, self, at);
        (self, vec![event])
    }

    fn let_go(&mut self, holder: Uuid) -> Option<Hold> {
        let place = self.held.iter().position(|hold| hold.holder == holder)?;
        Some(self.held.remove(place))
    }
}
