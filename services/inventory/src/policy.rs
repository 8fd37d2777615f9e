//! What becomes of the pieces of a purchase when it is paid, called off, or done.

use jangteo::{
    deal::v1::{DealCancelled, DealEnded},
    order::v1::{OrderCancelled, OrderDelivered, OrderPlaced, OrderedLine},
};
use jangteo_kit::{
    event::{Event, Unfit},
    execute::{Follows, Orders, Target},
    store::Never,
};

use crate::domain::{Command, Product};

impl Follows for Product {
    type Index = Never;
    const SOURCES: &'static [&'static str] = &["deal", "order"];

    fn policy(event: &Event) -> Result<Orders<Self>, Unfit> {
        let (holder, at) = (event.aggregate_id, event.time);
        if let Some(cancelled) = event.message::<DealCancelled>()? {
            return for_product(&cancelled.product_id, Command::GiveBack { holder, at });
        }
        if let Some(ended) = event.message::<DealEnded>()? {
            return for_product(&ended.product_id, Command::Take { holder, at });
        }
        if let Some(placed) = event.message::<OrderPlaced>()? {
            return for_lines(&placed.lines, &Command::Sell { holder, at });
        }
        if let Some(cancelled) = event.message::<OrderCancelled>()? {
            return for_lines(&cancelled.lines, &Command::GiveBack { holder, at });
        }
        if let Some(delivered) = event.message::<OrderDelivered>()? {
            return for_lines(&delivered.lines, &Command::Forget { holder });
        }
        Ok(vec![])
    }
}

/// A deal that names no product is about something else.
fn for_product(id: &str, command: Command) -> Result<Orders<Product>, Unfit> {
    if id.is_empty() {
        return Ok(vec![]);
    }
    Ok(vec![(Target::One(id.parse()?), command)])
}

fn for_lines(lines: &[OrderedLine], command: &Command) -> Result<Orders<Product>, Unfit> {
    let order = |line: &OrderedLine| Ok((Target::One(line.product_id.parse()?), command.clone()));
    lines.iter().map(order).collect()
}

#[cfg(test)]
mod tests;
