//! What becomes of an order as its store and its delivery go on, or call it off.

use jangteo::{
    delivery::v1::{DeliveryCancelled, DeliveryCompleted, DeliveryPickedUp},
    store::v1::{CookingFinished, CookingStarted, TicketAccepted, TicketCancelled, TicketRejected},
};
use jangteo_kit::{
    event::{Event, Unfit},
    execute::{Follows, Orders, Target},
    store::Never,
};

use crate::domain::{Command, Order, Why};

impl Follows for Order {
    type Index = Never;
    const SOURCES: &'static [&'static str] = &["delivery", "store"];

    fn policy(event: &Event) -> Result<Orders<Self>, Unfit> {
        match event.context.as_str() {
            "delivery" => delivery(event),
            "store" => store(event),
            _ => Ok(vec![]),
        }
    }
}

fn delivery(event: &Event) -> Result<Orders<Order>, Unfit> {
    let at = event.time;
    if let Some(DeliveryPickedUp { order_id, .. }) = event.message()? {
        return one(&order_id, Command::PickedUp { at });
    }
    if let Some(DeliveryCompleted { order_id, .. }) = event.message()? {
        return one(&order_id, Command::Arrived { at });
    }
    if let Some(DeliveryCancelled { order_id, .. }) = event.message()? {
        return one(&order_id, Command::CalledOff { why: Why::DeliveryCancelled, at });
    }
    Ok(vec![])
}

/// Any word of its kitchen tells that it is made.
fn store(event: &Event) -> Result<Orders<Order>, Unfit> {
    let at = event.time;
    if let Some(TicketAccepted { order_id, .. }) = event.message()? {
        return one(&order_id, Command::Preparing { at });
    }
    if let Some(CookingStarted { order_id, .. }) = event.message()? {
        return one(&order_id, Command::Preparing { at });
    }
    if let Some(CookingFinished { order_id, .. }) = event.message()? {
        return one(&order_id, Command::Preparing { at });
    }
    if let Some(TicketRejected { order_id, .. }) = event.message()? {
        return one(&order_id, Command::CalledOff { why: Why::StoreRejected, at });
    }
    if let Some(TicketCancelled { order_id, .. }) = event.message()? {
        return one(&order_id, Command::CalledOff { why: Why::StoreCancelled, at });
    }
    Ok(vec![])
}

fn one(order: &str, command: Command) -> Result<Orders<Order>, Unfit> {
    Ok(vec![(Target::One(order.parse()?), command)])
}

#[cfg(test)]
mod tests;
