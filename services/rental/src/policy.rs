//! What becomes of a rental when its item answers, is lent, or comes back.

use jangteo::item::v1::{ItemLent, ItemReservationRefused, ItemReserved, ItemReturned};
use jangteo_kit::{
    clock,
    event::{Event, Unfit},
    execute::{Follows, Orders, Target},
    store::Never,
};

use crate::domain::{Command, Rental, Terms};

impl Follows for Rental {
    type Index = Never;
    const SOURCES: &'static [&'static str] = &["item"];

    /// How long it may stay unpaid counts from when its renter can know of it: from now.
    fn policy(event: &Event) -> Result<Orders<Self>, Unfit> {
        arrived(event, clock::now_ms())
    }
}

fn arrived(event: &Event, now: i64) -> Result<Orders<Rental>, Unfit> {
    let at = event.time;
    if let Some(ItemReserved { rental_id, owner, name, price_krw, .. }) = event.message()? {
        let terms = Terms { owner, item_name: name, price_krw };
        return one(&rental_id, Command::Confirm { terms, at: now });
    }
    if let Some(ItemReservationRefused { rental_id, reason, .. }) = event.message()? {
        return one(&rental_id, Command::Refuse { reason, at });
    }
    if let Some(ItemLent { rental_id, .. }) = event.message()? {
        return one(&rental_id, Command::Lent { at });
    }
    if let Some(ItemReturned { rental_id, .. }) = event.message()? {
        return one(&rental_id, Command::Returned { at });
    }
    Ok(vec![])
}

fn one(rental: &str, command: Command) -> Result<Orders<Rental>, Unfit> {
    Ok(vec![(Target::One(rental.parse()?), command)])
}

#[cfg(test)]
mod tests;
