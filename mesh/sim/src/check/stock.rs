//! Pieces of products: how many there are, who holds them, and who has them.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jangteo::{
    deal::v1::DealReserved,
    inventory::v1::{ProductRegistered, StockDecreased, StockHeld, StockIncreased, StockReleased},
    order::v1::{OrderPlaced, OrderedLine},
};
use jangteo_kit::event::Event;
use uuid::Uuid;

use super::{Broken, Rules, id, named, told::Told};

/// S.3.4: the stock is never negative.
pub(super) const NEGATIVE: &str = "S.3.4 there are never less than no pieces";
/// I3: what is on hand changes by what comes and goes, and by nothing else.
pub(super) const CHANGE: &str = "I3 the numbers of a product change by what its events tell";
/// S.3.5: stock is restored once; and what is held once is sold once.
pub(super) const ONCE: &str = "S.3.5 each purchase holds once, and gives back or takes once";
/// I3: nothing is gone that nobody bought, and nothing that was bought is given to somebody else.
pub(super) const BOUGHT: &str = "I3 pieces are gone when they are bought, and kept until then";
/// E-F8, C-F7: what is not sold any more is not held, restocked or changed any more.
pub(super) const RELEASED: &str = "E-F8 what is not sold any more is left as it is";
/// S.3.3: the server's price, of the server's product, of one seller.
pub(super) const PRICED: &str =
    "S.3.3 what is bought was held, at the price and of the seller it has";
/// S.3.4, S.3.5: nothing stays held by what is over, and nothing that is off stays gone.
pub(super) const AT_REST: &str =
    "S.3.4 pieces are held for what is planned, and gone for what is sold";
/// S.3.4: stock and what is sold and not cancelled are the initial stock, and what came in.
pub(super) const SUM: &str = "S.3.4 initial and restocked pieces are on hand or sold";

/// All products, and all who buy of them.
#[derive(Debug, Default)]
pub(super) struct Stock {
    products: BTreeMap<Uuid, Product>,
    /// Orders, and deals on products.
    purchases: BTreeMap<Uuid, Purchase>,
    /// Which order each event of a cancelled one is of: pieces that come back name only their cause.
    cancels: BTreeMap<Uuid, Uuid>,
}

/// What a product's events have told.
#[derive(Debug, Default)]
struct Product {
    owner: String,
    store: String,
    price_krw: i64,
    /// All that it ever cost.
    prices: BTreeSet<i64>,
    now: Pieces,
    /// Pieces that were there at first, and came in.
    gained: i64,
    released: bool,
    holds: BTreeMap<Uuid, Hold>,
}

/// How many there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Pieces {
    on_hand: i64,
    available: i64,
}

/// The pieces of one purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Hold {
    quantity: i64,
    /// What one piece cost when it was held.
    price_krw: i64,
    stage: Stage,
}

/// Where the pieces of a purchase are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Put aside.
    Held,
    /// Never sold, and there again.
    LetGo,
    /// Sold.
    Gone,
    /// Sold, and there again.
    Back,
}

/// What is bought, piece by piece.
#[derive(Debug)]
struct Purchase {
    lines: Vec<(Uuid, i64)>,
    sold: bool,
    off: bool,
}

impl Rules for Stock {
    fn see(&mut self, event: &Event, told: &Told, broken: &mut Broken) {
        match told {
            Told::ProductRegistered(told) => self.registered(event, told, broken),
            Told::ProductChanged(told) => {
                let now = Pieces { on_hand: told.on_hand, available: told.available };
                self.moves(event, now, (0, 0), broken);
                self.on_sale(event, broken);
                self.priced(event.aggregate_id, told.price_krw);
            }
            Told::ProductReleased(told) => {
                let now = Pieces { on_hand: told.on_hand, available: told.available };
                self.moves(event, now, (0, 0), broken);
                self.product(event.aggregate_id).released = true;
            }
            Told::StockHeld(told) => self.held(event, told, broken),
            Told::StockReleased(told) => self.let_go(event, told, broken),
            Told::StockDecreased(told) => self.gone(event, told, broken),
            Told::StockIncreased(told) => self.more(event, told, broken),
            _ => self.buys(event, told, broken),
        }
    }

    fn at_rest(&self, broken: &mut Broken) {
        for (id, product) in &self.products {
            for (holder, hold) in &product.holds {
                let wanted = self.purchases.get(holder).map_or(Stage::LetGo, Purchase::stage);
                broken.unless(hold.stage == wanted, AT_REST, || {
                    format!("{hold:?} of product {id} for {holder} should be {wanted:?}")
                });
            }
            let sold = self.sold(*id);
            let right = !product.is_counted() || product.gained == product.now.on_hand + sold;
            broken.unless(right, SUM, || {
                format!(
                    "of product {id} {} came in, {:?}, {sold} sold",
                    product.gained, product.now
                )
            });
        }
    }
}

/// What a product tells.
impl Stock {
    fn product(&mut self, id: Uuid) -> &mut Product {
        self.products.entry(id).or_default()
    }

    fn priced(&mut self, id: Uuid, price_krw: i64) {
        let product = self.product(id);
        product.price_krw = price_krw;
        product.prices.insert(price_krw);
    }

    /// From what was there to what is there now.
    fn moves(&mut self, event: &Event, now: Pieces, by: (i64, i64), broken: &mut Broken) {
        let before = self.product(event.aggregate_id).now;
        self.product(event.aggregate_id).now = now;
        let Pieces { on_hand, available } = now;
        let there = 0 <= available && available <= on_hand;
        broken.unless(there, NEGATIVE, || format!("{}: {now:?}", named(event)));
        let right = (on_hand, available) == (before.on_hand + by.0, before.available + by.1);
        broken.unless(right, CHANGE, || {
            format!("{}: {now:?} after {before:?}, by {by:?}", named(event))
        });
    }

    fn on_sale(&mut self, event: &Event, broken: &mut Broken) {
        let released = self.product(event.aggregate_id).released;
        broken.unless(!released, RELEASED, || format!("{}: it is not sold", named(event)));
    }

    fn registered(&mut self, event: &Event, told: &ProductRegistered, broken: &mut Broken) {
        let now = Pieces { on_hand: told.on_hand, available: told.available };
        self.moves(event, now, (told.on_hand, told.on_hand), broken);
        let (owner, store) = (told.owner.clone(), told.store_id.clone());
        let product = self.product(event.aggregate_id);
        (product.owner, product.store, product.gained) = (owner, store, told.on_hand);
        let right = product.is_counted() || told.on_hand == 0;
        broken.unless(right, CHANGE, || format!("{}: pieces of what is made", named(event)));
        self.priced(event.aggregate_id, told.price_krw);
    }

    fn held(&mut self, event: &Event, told: &StockHeld, broken: &mut Broken) {
        let now = Pieces { on_hand: told.on_hand, available: told.available };
        self.moves(event, now, (0, -told.quantity), broken);
        self.on_sale(event, broken);
        let product = self.product(event.aggregate_id);
        let (quantity, price_krw) = (told.quantity, product.price_krw);
        let hold = Hold { quantity, price_krw, stage: Stage::Held };
        let before = product.holds.insert(id(&told.holder_id), hold);
        broken.unless(before.is_none(), ONCE, || format!("{}: it was {before:?}", named(event)));
    }

    /// Pieces of somebody go from one stage to the next, all at once.
    fn passes(
        &mut self,
        event: &Event,
        (holder, quantity): (Uuid, i64),
        (from, to): (Stage, Stage),
        broken: &mut Broken,
    ) {
        let hold = self.product(event.aggregate_id).holds.get_mut(&holder);
        let before = hold.as_deref().copied();
        let right = before.is_some_and(|it| (it.stage, it.quantity) == (from, quantity));
        broken.unless(right, ONCE, || {
            format!("{}: {quantity} pieces of {holder}, who had {before:?}", named(event))
        });
        if let Some(hold) = hold {
            hold.stage = to;
        }
    }

    /// C-F6: only of a purchase that came to nothing.
    fn let_go(&mut self, event: &Event, told: &StockReleased, broken: &mut Broken) {
        let now = Pieces { on_hand: told.on_hand, available: told.available };
        self.moves(event, now, (0, told.quantity), broken);
        let holder = id(&told.holder_id);
        self.passes(event, (holder, told.quantity), (Stage::Held, Stage::LetGo), broken);
        let purchase = self.purchases.get(&holder);
        let nothing = purchase.is_none_or(|purchase| purchase.off && !purchase.sold);
        broken.unless(nothing, BOUGHT, || format!("{}: {purchase:?}", named(event)));
    }

    /// C-F4, E-F3: only of one that came about. It may be called off already.
    fn gone(&mut self, event: &Event, told: &StockDecreased, broken: &mut Broken) {
        let now = Pieces { on_hand: told.on_hand, available: told.available };
        self.moves(event, now, (-told.quantity, 0), broken);
        let holder = id(&told.holder_id);
        self.passes(event, (holder, told.quantity), (Stage::Held, Stage::Gone), broken);
        let purchase = self.purchases.get(&holder);
        let sold = purchase.is_some_and(|purchase| purchase.sold);
        broken.unless(sold, BOUGHT, || format!("{}: {purchase:?}", named(event)));
    }

    /// E-F5, E-F8: of an order that was called off, or new.
    fn more(&mut self, event: &Event, told: &StockIncreased, broken: &mut Broken) {
        let now = Pieces { on_hand: told.on_hand, available: told.available };
        self.moves(event, now, (told.quantity, told.quantity), broken);
        if let Some(order) = self.cancels.get(&event.causation_id).copied() {
            self.passes(event, (order, told.quantity), (Stage::Gone, Stage::Back), broken);
        } else {
            self.on_sale(event, broken);
            self.product(event.aggregate_id).gained += told.quantity;
        }
    }
}

/// What is bought: after it was held.
impl Stock {
    fn buys(&mut self, event: &Event, told: &Told, broken: &mut Broken) {
        let of = event.aggregate_id;
        match told {
            Told::OrderPlaced(placed) => self.ordered(event, placed, broken),
            Told::OrderCancelled(_) => {
                self.cancels.insert(event.id(), of);
                self.now(of, |purchase| purchase.off = true);
            }
            Told::DealReserved(deal) if !deal.product_id.is_empty() => {
                self.planned(event, deal, broken);
            }
            Told::DealEnded(_) => self.now(of, |purchase| purchase.sold = true),
            Told::DealCancelled(_) => self.now(of, |purchase| purchase.off = true),
            _ => {}
        }
    }

    /// Deals on posts are none of these.
    fn now(&mut self, purchase: Uuid, change: impl FnOnce(&mut Purchase)) {
        if let Some(purchase) = self.purchases.get_mut(&purchase) {
            change(purchase);
        }
    }

    fn ordered(&mut self, event: &Event, placed: &OrderPlaced, broken: &mut Broken) {
        for line in &placed.lines {
            let product = self.product(id(&line.product_id));
            let right = product.owner == placed.seller
                && product.store == placed.store_id
                && product.has_sold(event.aggregate_id, line);
            broken.unless(right, PRICED, || format!("{}: {line:?} of {product:?}", named(event)));
        }
        let line = |line: &OrderedLine| (id(&line.product_id), line.quantity);
        let lines = placed.lines.iter().map(line).collect();
        self.purchases.insert(event.aggregate_id, Purchase { lines, sold: true, off: false });
    }

    fn planned(&mut self, event: &Event, deal: &DealReserved, broken: &mut Broken) {
        let of = id(&deal.product_id);
        let product = self.product(of);
        let hold = product.holds.get(&event.aggregate_id);
        let right = hold.is_some_and(|hold| {
            (hold.stage, hold.quantity) == (Stage::Held, deal.quantity)
                && hold.price_krw * hold.quantity == deal.price_krw
        });
        broken.unless(right && product.owner == deal.seller, PRICED, || {
            format!("{}: {deal:?} of {product:?}", named(event))
        });
        let lines = vec![(of, deal.quantity)];
        self.purchases.insert(event.aggregate_id, Purchase { lines, sold: false, off: false });
    }

    /// Pieces that somebody has bought, and has.
    fn sold(&self, product: Uuid) -> i64 {
        let standing = self.purchases.values().filter(|it| it.stage() == Stage::Gone);
        let lines = standing.flat_map(|purchase| &purchase.lines);
        lines.filter(|(of, _)| *of == product).map(|(_, quantity)| quantity).sum()
    }
}

impl Product {
    /// What a store makes to order is not.
    fn is_counted(&self) -> bool {
        self.store.is_empty()
    }

    /// Whether the line is what it holds for the order; of what is made nothing is held.
    fn has_sold(&self, order: Uuid, line: &OrderedLine) -> bool {
        if !self.is_counted() {
            return self.prices.contains(&line.price_krw);
        }
        let (quantity, price_krw) = (line.quantity, line.price_krw);
        self.holds.get(&order) == Some(&Hold { quantity, price_krw, stage: Stage::Held })
    }
}

impl Purchase {
    /// Where its pieces come to rest.
    fn stage(&self) -> Stage {
        match (self.sold, self.off) {
            (true, false) => Stage::Gone,
            (true, true) => Stage::Back,
            (false, true) => Stage::LetGo,
            (false, false) => Stage::Held,
        }
    }
}
