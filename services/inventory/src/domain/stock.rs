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
        if self.store.is_some() {
            return Err(Rejection::MadeToOrder);
        }
        let on_hand = self.on_hand.saturating_add(pieces);
        if on_hand > MOST {
            return Err(Rejection::TooMuch);
        }
        Ok(self.increased(on_hand, pieces, at))
    }

    fn increased(self, on_hand: i64, pieces: i64, at: i64) -> (Self, Vec<Event>) {
        let product = Self { on_hand, ..self };
        let event = told!(
            StockIncreased { name: product.listing.name.clone(), quantity: pieces },
            product,
            at
        );
        (product, vec![event])
    }

    /// Asked again by a purchase that holds pieces already, it is answered by what it holds. Of what is
    /// made to order there is nothing to hold: it can be had as long as it is sold.
    pub(super) fn hold(self, hold: &Hold, counted_only: bool, at: i64) -> Decision<Self> {
        if self.hold_of(hold.holder).is_some() {
            return Ok((self, vec![]));
        }
        self.sellable_to(&hold.buyer)?;
        match self.store {
            Some(_) if counted_only => Err(Rejection::MadeToOrder),
            Some(_) => Ok((self, vec![])),
            None => self.put_aside(hold, at),
        }
    }

    fn sellable_to(&self, buyer: &str) -> Result<(), Rejection> {
        if self.owner == buyer { Err(Rejection::OwnProduct) } else { self.on_sale() }
    }

    fn put_aside(mut self, hold: &Hold, at: i64) -> Decision<Self> {
        let available = self.available();
        if hold.quantity > available {
            return Err(Rejection::OutOfStock { available });
        }
        self.held.push(hold.clone());
        let event = told!(StockHeld of hold {}, self, at);
        Ok((self, vec![event]))
    }

    /// Whoever holds nothing, or nothing any more, gives nothing back.
    pub(super) fn give_back(mut self, holder: Uuid, at: i64) -> (Self, Vec<Event>) {
        if let Some(sold) = remove(&mut self.sold, holder) {
            let on_hand = self.on_hand.saturating_add(sold.quantity);
            return self.increased(on_hand, sold.quantity, at);
        }
        let Some(hold) = remove(&mut self.held, holder) else { return (self, vec![]) };
        let event = told!(StockReleased of hold {}, self, at);
        (self, vec![event])
    }

    /// Only what is held is taken: late or repeated word of a purchase finds nothing to take.
    pub(super) fn take(mut self, holder: Uuid, at: i64) -> (Self, Vec<Event>) {
        let events = self.decreased(holder, at).map(|(_, event)| event).into_iter().collect();
        (self, events)
    }

    /// The same, but it is not forgotten who has the pieces.
    pub(super) fn sell(mut self, holder: Uuid, at: i64) -> (Self, Vec<Event>) {
        let Some((hold, event)) = self.decreased(holder, at) else { return (self, vec![]) };
        self.sold.push(hold);
        (self, vec![event])
    }

    fn decreased(&mut self, holder: Uuid, at: i64) -> Option<(Hold, Event)> {
        let hold = remove(&mut self.held, holder)?;
        self.on_hand -= hold.quantity;
        let event = told!(StockDecreased of hold { name: self.listing.name.clone() }, self, at);
        Some((hold, event))
    }

    pub(super) fn forget(mut self, holder: Uuid) -> Self {
        remove(&mut self.sold, holder);
        self
    }
}

fn remove(holds: &mut Vec<Hold>, holder: Uuid) -> Option<Hold> {
    let place = holds.iter().position(|hold| hold.holder == holder)?;
    Some(holds.remove(place))
}
