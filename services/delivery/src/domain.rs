//! The rules of a delivery. Pure: time and what the order answers arrive inside the command.

mod ask;
mod command;
mod decide;
mod rejection;
#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

use jangteo::delivery::v1::{
    DeliveryCancelled, DeliveryCompleted, DeliveryPickedUp, DeliveryStarted,
};
use uuid::Uuid;

pub(crate) use self::{
    command::{Actor, Command},
    rejection::Rejection,
};

/// The way of one order to its customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Delivery {
    /// The delivery, and the order.
    pub(crate) id: Uuid,
    /// Who gets it.
    pub(crate) customer: String,
    /// Who hands it over.
    pub(crate) seller: String,
    /// Where it goes, from when the order has said it until it ends.
    pub(crate) destination: Option<Destination>,
    /// Where it stands.
    pub(crate) state: State,
}

/// Where an order goes. Private: no event says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Destination {
    /// Where it goes.
    pub(crate) address: String,
    /// Whom the courier calls.
    pub(crate) phone_number: String,
}

/// Where a delivery stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It waits for a courier (배송 시작).
    Started,
    /// A courier has it.
    PickedUp {
        /// Who brings it.
        courier: String,
    },
    /// It has arrived (배송 완료). Final.
    Delivered {
        /// Who brought it.
        courier: String,
    },
    /// Called off (배송 취소). Final.
    Cancelled,
}

impl Delivery {
    /// Who brings it, or brought it.
    pub(crate) fn courier(&self) -> Option<&str> {
        match &self.state {
            State::PickedUp { courier } | State::Delivered { courier } => Some(courier),
            State::Started | State::Cancelled => None,
        }
    }

    /// Whether it waits for a courier.
    pub(crate) fn is_waiting(&self) -> bool {
        self.state == State::Started
    }

    /// Whether it concerns this person: as its customer, its seller or its courier.
    pub(crate) fn is_seen_by(&self, person: &str) -> bool {
        self.customer == person || self.seller == person || self.courier() == Some(person)
    }
}

jangteo_kit::events! {
    /// What happens to deliveries.
    pub(crate) enum Event {
        DeliveryStarted, DeliveryPickedUp, DeliveryCompleted, DeliveryCancelled,
    }
}
