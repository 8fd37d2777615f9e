//! Which pieces of which product: as they are asked for, held, and told of.

use jangteo::{
    inventory::v1::{HoldStockResponse, hold_stock_response::Line as Held},
    order::v1::OrderedLine,
};
use uuid::Uuid;

use super::{Line, Rejection, Sold, Wanted};

/// Pieces of one product that an order can be of.
const MOST: i64 = 1_000_000;

/// Each product once, in the order in which they were named first.
pub(super) fn merged(lines: Vec<Wanted>) -> Result<Vec<Wanted>, Rejection> {
    let mut merged: Vec<Wanted> = vec![];
    for line in lines {
        match merged.iter_mut().find(|known| known.product == line.product) {
            Some(known) => known.quantity = known.quantity.saturating_add(line.quantity),
            None => merged.push(line),
        }
    }
    if merged.is_empty() {
        return Err(Rejection::NoLines);
    }
    if merged.iter().any(|line| line.quantity > MOST) {
        return Err(Rejection::TooMany);
    }
    Ok(merged)
}

impl Sold {
    /// What the stock answers; none if it can't be read, or is not what was asked for.
    pub(super) fn of(held: HoldStockResponse, wanted: &[Wanted]) -> Option<Self> {
        let store = match held.store_id.as_str() {
            "" => None,
            id => Some(Uuid::try_parse(id).ok()?),
        };
        let lines = held.lines.into_iter().map(Line::of).collect::<Option<Vec<_>>>()?;
        let same = lines.iter().map(Line::wanted).eq(wanted.iter().copied());
        same.then_some(Self { seller: held.owner, store, lines })
    }

    /// The price of it all, in whole won.
    pub(crate) fn total_krw(&self) -> i64 {
        let price = |line: &Line| line.price_krw.saturating_mul(line.quantity);
        self.lines.iter().map(price).fold(0, i64::saturating_add)
    }

    /// The lines as events tell of them.
    pub(super) fn told(&self) -> Vec<OrderedLine> {
        let told = |line: &Line| OrderedLine {
            product_id: line.product.to_string(),
            name: line.name.clone(),
            quantity: line.quantity,
            price_krw: line.price_krw,
        };
        self.lines.iter().map(told).collect()
    }
}

impl Line {
    fn of(held: Held) -> Option<Self> {
        let product = Uuid::try_parse(&held.product_id).ok()?;
        let (quantity, price_krw) = (held.quantity, held.price_krw);
        Some(Self { product, name: held.name, quantity, price_krw })
    }

    fn wanted(&self) -> Wanted {
        Wanted { product: self.product, quantity: self.quantity }
    }
}
