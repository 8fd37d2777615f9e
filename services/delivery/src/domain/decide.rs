//! What a delivery answers to each command in each state.

use jangteo::delivery::v1::{
    DeliveryCancelled, DeliveryCompleted, DeliveryPickedUp, DeliveryStarted,
};
use jangteo_kit::{
    decide::{Heard, Pending},
    event::timestamp,
    execute::{Aggregate, Decision},
};
use uuid::Uuid;

use super::{Actor, Command, Delivery, Destination, Event, Rejection, State};

/// An event that names the order and its people, the courier if there is one.
macro_rules! told {
    ($event:ident, $delivery:expr, $at:expr $(, $courier:expr)?) => {
        Event::from($event {
            order_id: $delivery.id.to_string(),
            customer: $delivery.customer.clone(),
            seller: $delivery.seller.clone(),
            $(courier: $courier.clone(),)?
            time: Some(timestamp($at)),
        })
    };
}

impl Aggregate for Delivery {
    const KIND: &'static str = "delivery";
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: Option<Self>, command: Command) -> Decision<Self> {
        let Some(delivery) = state else { return Self::born(command) };
        match command {
            Command::Start { .. } => Ok((delivery, vec![])),
            Command::DestinationKnown { heard } => Ok((delivery.hear(heard), vec![])),
            Command::PickUp { by, at } => delivery.pick_up(by, at),
            Command::Complete { by, at } => delivery.complete(by, at),
            Command::Cancel { at, .. } => delivery.cancel(at),
            Command::CallOff { at } => Ok(delivery.call_off(at)),
        }
    }

    fn pending(&self) -> Option<Pending<Command>> {
        self.question()
    }
}

impl Delivery {
    /// It begins, or will never begin.
    fn born(command: Command) -> Decision<Self> {
        match command {
            Command::Start { id, customer, seller, at } => {
                let delivery = Self::new(id, customer, seller);
                let event = told!(DeliveryStarted, delivery, at);
                Ok((delivery, vec![event]))
            }
            Command::Cancel { id, customer, seller, at } => {
                Ok(Self::new(id, customer, seller).cancelled(at))
            }
            Command::DestinationKnown { .. }
            | Command::PickUp { .. }
            | Command::Complete { .. }
            | Command::CallOff { .. } => Err(Rejection::NotFound),
        }
    }

    fn new(id: Uuid, customer: String, seller: String) -> Self {
        Self { id, customer, seller, destination: None, state: State::Started }
    }

    /// Only the order's yes says where it goes; anything else is asked again.
    fn hear(self, heard: Heard<Destination>) -> Self {
        match heard {
            Heard::Yes(destination) if self.needs_destination() => {
                Self { destination: Some(destination), ..self }
            }
            Heard::Yes(_) | Heard::No(_) | Heard::NotSent | Heard::Nothing => self,
        }
    }

    fn pick_up(self, by: Actor, at: i64) -> Decision<Self> {
        match &self.state {
            State::Started => {
                let event = told!(DeliveryPickedUp, self, at, by.0);
                Ok((Self { state: State::PickedUp { courier: by.0 }, ..self }, vec![event]))
            }
            State::PickedUp { courier } if *courier == by.0 => Ok((self, vec![])),
            State::PickedUp { .. } => Err(Rejection::PickedUp),
            State::Delivered { .. } => Err(Rejection::Delivered),
            State::Cancelled => Err(Rejection::Cancelled),
        }
    }

    /// To any other courier it looks like no delivery at all once somebody has it.
    fn complete(self, by: Actor, at: i64) -> Decision<Self> {
        match &self.state {
            State::PickedUp { courier } if *courier == by.0 => Ok(self.delivered(by.0, at)),
            State::Delivered { courier } if *courier == by.0 => Ok((self, vec![])),
            State::PickedUp { .. } | State::Delivered { .. } => Err(Rejection::NotFound),
            State::Started => Err(Rejection::NotPickedUp),
            State::Cancelled => Err(Rejection::Cancelled),
        }
    }

    /// Between this and picking up, whichever comes first wins.
    fn cancel(self, at: i64) -> Decision<Self> {
        match self.state {
            State::Started => Ok(self.cancelled(at)),
            State::Cancelled => Ok((self, vec![])),
            State::PickedUp { .. } => Err(Rejection::PickedUp),
            State::Delivered { .. } => Err(Rejection::Delivered),
        }
    }

    /// What a courier has is not taken from him.
    fn call_off(self, at: i64) -> (Self, Vec<Event>) {
        if self.is_waiting() { self.cancelled(at) } else { (self, vec![]) }
    }

    /// Nobody has to know any more where it went.
    fn delivered(self, courier: String, at: i64) -> (Self, Vec<Event>) {
        let event = told!(DeliveryCompleted, self, at, courier);
        let state = State::Delivered { courier };
        (Self { destination: None, state, ..self }, vec![event])
    }

    /// Nobody has to know any more where it would have gone.
    fn cancelled(self, at: i64) -> (Self, Vec<Event>) {
        let event = told!(DeliveryCancelled, self, at);
        (Self { destination: None, state: State::Cancelled, ..self }, vec![event])
    }
}
