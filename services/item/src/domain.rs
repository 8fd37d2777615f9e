//! The rules of an item. Pure: time and ids arrive inside the command.

mod command;
mod decide;
mod rejection;
mod rental;
#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

use jangteo::item::v1::{
    ItemChanged, ItemDeleted, ItemLent, ItemRegistered, ItemReleased, ItemReservationRefused,
    ItemReserved, ItemRetired, ItemReturned,
};
use uuid::Uuid;

pub(crate) use self::{
    command::{Actor, Command, Edit},
    rejection::Rejection,
};

/// A thing that its owner rents out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    /// The item.
    pub(crate) id: Uuid,
    /// Who rents it out; nobody if there is no such thing.
    pub(crate) owner: String,
    /// What it says.
    pub(crate) listing: Listing,
    /// Where it stands.
    pub(crate) state: State,
}

/// What an item says, and its owner may edit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Listing {
    /// What it is, in its owner's words.
    pub(crate) name: String,
    /// The price of one rental in whole won.
    pub(crate) price_krw: i64,
}

/// Where an item stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// To be had (대여가능).
    Rentable,
    /// Kept for a rental (대여불가).
    Reserved(Hold, Payments),
    /// Its renter has it (대여중).
    Lent(Hold),
    /// Reviewed, and off the lists. Final.
    Retired,
    /// Removed by its owner. Final.
    Deleted,
    /// Somebody wanted to rent it, and there is no such thing. Final.
    Unknown,
}

/// The rental that holds an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hold {
    /// The rental.
    pub(crate) rental: Uuid,
    /// Who rents.
    pub(crate) renter: String,
    /// The item was reviewed meanwhile: it is retired when this rental ends.
    pub(crate) retired: bool,
}

/// How far the payments of a rental have come, which count from 1; 0: none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Payments {
    /// The highest that was made.
    pub(crate) paid: i64,
    /// The highest that goes back: nothing is lent on it, or on an earlier one.
    pub(crate) withheld: i64,
}

impl Item {
    /// The rental that holds it.
    pub(crate) fn hold(&self) -> Option<&Hold> {
        match &self.state {
            State::Reserved(hold, _) | State::Lent(hold) => Some(hold),
            State::Rentable | State::Retired | State::Deleted | State::Unknown => None,
        }
    }

    /// Whether it is off the lists for good.
    pub(crate) fn is_retired(&self) -> bool {
        self.state == State::Retired || self.hold().is_some_and(|hold| hold.retired)
    }

    /// Whether this reader may know of it; a deleted one is left to its owner.
    pub(crate) fn is_seen_by(&self, reader: Option<&str>) -> bool {
        match self.state {
            State::Rentable | State::Reserved(..) | State::Lent(_) | State::Retired => true,
            State::Deleted => reader == Some(&self.owner),
            State::Unknown => false,
        }
    }
}

jangteo_kit::events! {
    /// What happens to items.
    pub(crate) enum Event {
        ItemRegistered, ItemChanged, ItemReserved, ItemReservationRefused, ItemReleased, ItemLent,
        ItemReturned, ItemRetired, ItemDeleted,
    }
}
