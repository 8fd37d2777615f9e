//! What a product answers to each command: the whole of it, and its owner's part.

use jangteo::inventory::v1::{ProductChanged, ProductRegistered, ProductReleased};
use jangteo_kit::execute::{Aggregate, Decision};

use super::{Actor, Command, Edit, Event, Hold, Product, Rejection};

/// An event that names the product, its owner and the pieces there are after it; saying all that the
/// product says; or of a hold, with its purchase, buyer and pieces.
macro_rules! told {
    ($event:ident { $($field:ident: $value:expr),* }, $product:expr, $at:expr) => {
        $crate::domain::Event::from($event {
            product_id: $product.id.to_string(),
            owner: $product.owner.clone(),
            on_hand: $product.on_hand,
            available: $product.available(),
            $($field: $value,)*
            time: Some(jangteo_kit::event::timestamp($at)),
        })
    };
    ($event:ident saying { $($field:ident: $value:expr),* }, $product:expr, $at:expr) => {
        told!($event {
            name: $product.listing.name.clone(),
            spec: $product.listing.spec.clone(),
            price_krw: $product.listing.price_krw
            $(, $field: $value)*
        }, $product, $at)
    };
    ($event:ident of $hold:ident { $($field:ident: $value:expr),* }, $product:expr, $at:expr) => {
        told!($event {
            holder_id: $hold.holder.to_string(),
            buyer: $hold.buyer.clone(),
            quantity: $hold.quantity
            $(, $field: $value)*
        }, $product, $at)
    };
}
pub(super) use told;

impl Aggregate for Product {
    const KIND: &'static str = "product";
    // Many purchases hold pieces of one product: what happens to it belongs to the purchase that did it,
    // not to whoever registered it.
    const SHARED: bool = true;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: Option<Self>, command: Command) -> Decision<Self> {
        match (state, command) {
            (None, Command::Register { id, owner, listing, store, quantity, at }) => {
                let (on_hand, held, sold, released) = (quantity, vec![], vec![], false);
                Self { id, owner, listing, store, on_hand, held, sold, released }.registered(at)
            }
            (None, _) => Err(Rejection::NotFound),
            (Some(product), command) => product.told(command),
        }
    }
}

impl Product {
    fn told(self, command: Command) -> Decision<Self> {
        match command {
            Command::Register { .. } => Err(Rejection::Exists),
            Command::Update { by, edit, at } => self.owned_by(&by)?.update(edit, at),
            Command::Restock { by, quantity, at } => self.owned_by(&by)?.restock(quantity, at),
            Command::Release { by, at } => Ok(self.owned_by(&by)?.release(at)),
            Command::Hold { holder, buyer, quantity, counted_only, at } => {
                self.hold(&Hold { holder, buyer, quantity }, counted_only, at)
            }
            Command::GiveBack { holder, at } => Ok(self.give_back(holder, at)),
            Command::Take { holder, at } => Ok(self.take(holder, at)),
            Command::Sell { holder, at } => Ok(self.sell(holder, at)),
            Command::Forget { holder } => Ok((self.forget(holder), vec![])),
        }
    }

    fn registered(self, at: i64) -> Decision<Self> {
        if self.store.is_some() && self.on_hand != 0 {
            return Err(Rejection::QuantityOfMadeToOrder);
        }
        let event = told!(ProductRegistered saying { store_id: self.store_id() }, self, at);
        Ok((self, vec![event]))
    }

    /// Somebody else's product looks like no product at all.
    fn owned_by(self, actor: &Actor) -> Result<Self, Rejection> {
        if self.owner == actor.0 { Ok(self) } else { Err(Rejection::NotFound) }
    }

    /// What is not sold any more is not changed either: it stands as those who hold it bought it.
    pub(super) fn on_sale(&self) -> Result<(), Rejection> {
        if self.released { Err(Rejection::Released) } else { Ok(()) }
    }

    fn update(self, edit: Edit, at: i64) -> Decision<Self> {
        self.on_sale()?;
        let listing = edit.of(&self.listing);
        if listing == self.listing {
            return Ok((self, vec![]));
        }
        let product = Self { listing, ..self };
        let event = told!(ProductChanged saying {}, product, at);
        Ok((product, vec![event]))
    }

    fn release(self, at: i64) -> (Self, Vec<Event>) {
        if self.released {
            return (self, vec![]);
        }
        let product = Self { released: true, ..self };
        let event = told!(ProductReleased { name: product.listing.name.clone() }, product, at);
        (product, vec![event])
    }
}
