//! What a ticket answers to each command in each state.

use jangteo::store::v1::{
    CookingFinished, CookingStarted, TicketAccepted, TicketCancelled, TicketReceived,
    TicketRejected,
};
use jangteo_kit::{
    decide::{Heard, Pending},
    event::timestamp,
    execute::{Aggregate, Decision},
};

use super::{Actor, Command, Event, Rejection, State, Ticket, Why};

/// An event that names the order, its store and its people, and what else it says.
macro_rules! told {
    ($event:ident, $ticket:expr, $at:expr $(, $field:ident: $value:expr)?) => {
        Event::from($event {
            order_id: $ticket.id.to_string(),
            store_id: $ticket.store.to_string(),
            customer: $ticket.customer.clone(),
            seller: $ticket.seller.clone(),
            $($field: $value,)?
            time: Some(timestamp($at)),
        })
    };
}

impl Aggregate for Ticket {
    const KIND: &'static str = "ticket";
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: Option<Self>, command: Command) -> Decision<Self> {
        let Some(ticket) = state else { return Self::born(command) };
        match command {
            Command::Receive { .. } => Ok((ticket, vec![])),
            Command::StoreChecked { heard, at } => Ok(ticket.hear(&heard, at)),
            Command::Accept { by, at } => ticket.of_seller(&by)?.accept(at),
            Command::Reject { by, at } => ticket.of_seller(&by)?.reject(at),
            Command::StartCooking { by, at } => ticket.of_seller(&by)?.start(at),
            Command::FinishCooking { by, at } => ticket.of_seller(&by)?.finish(at),
            Command::Cancel { at, .. } => ticket.cancel(at),
            Command::CallOff { at } => Ok(ticket.call_off(at)),
        }
    }

    fn pending(&self) -> Option<Pending<Command>> {
        self.question()
    }
}

impl Ticket {
    /// It comes, or will never come.
    fn born(command: Command) -> Decision<Self> {
        match command {
            Command::Receive { id, store, customer, seller, lines } => {
                let state = State::Arriving;
                Ok((Self { id, store, customer, seller, lines, state }, vec![]))
            }
            Command::Cancel { id, store, customer, seller, at } => {
                let (lines, state) = (vec![], State::Arriving);
                Ok(Self { id, store, customer, seller, lines, state }.cancelled(at))
            }
            Command::StoreChecked { .. }
            | Command::Accept { .. }
            | Command::Reject { .. }
            | Command::StartCooking { .. }
            | Command::FinishCooking { .. }
            | Command::CallOff { .. } => Err(Rejection::NotFound),
        }
    }

    /// A late answer changes nothing; where none has come, it is asked again.
    fn hear(self, heard: &Heard<()>, at: i64) -> (Self, Vec<Event>) {
        match (self.state, heard) {
            (State::Arriving, Heard::Yes(())) => {
                let event = told!(TicketReceived, self, at);
                (self.now(State::Received), vec![event])
            }
            (State::Arriving, Heard::No(_)) => self.rejected(Why::StoreNotFound, at),
            (State::Arriving, Heard::NotSent | Heard::Nothing)
            | (
                State::Received
                | State::Accepted
                | State::Cooking
                | State::Cooked
                | State::Rejected { .. }
                | State::Cancelled,
                _,
            ) => (self, vec![]),
        }
    }

    /// Somebody else's ticket, and one that is still arriving, look like none at all; whoever eats sees
    /// it, and may not.
    fn of_seller(self, by: &Actor) -> Result<Self, Rejection> {
        if !self.is_seen_by(&by.0) {
            return Err(Rejection::NotFound);
        }
        if self.seller == by.0 { Ok(self) } else { Err(Rejection::SellerOnly) }
    }

    fn accept(self, at: i64) -> Decision<Self> {
        match self.state {
            State::Received => {
                let event = told!(TicketAccepted, self, at);
                Ok((self.now(State::Accepted), vec![event]))
            }
            State::Accepted => Ok((self, vec![])),
            other => Err(stands(other)),
        }
    }

    fn reject(self, at: i64) -> Decision<Self> {
        match self.state {
            State::Received | State::Accepted => Ok(self.rejected(Why::ByStore, at)),
            State::Rejected { .. } => Ok((self, vec![])),
            other => Err(stands(other)),
        }
    }

    fn start(self, at: i64) -> Decision<Self> {
        match self.state {
            State::Accepted => {
                let event = told!(CookingStarted, self, at);
                Ok((self.now(State::Cooking), vec![event]))
            }
            State::Cooking => Ok((self, vec![])),
            other => Err(stands(other)),
        }
    }

    fn finish(self, at: i64) -> Decision<Self> {
        match self.state {
            State::Cooking => {
                let event = told!(CookingFinished, self, at);
                Ok((self.now(State::Cooked), vec![event]))
            }
            State::Cooked => Ok((self, vec![])),
            State::Received | State::Accepted => Err(Rejection::NotCooking),
            other => Err(stands(other)),
        }
    }

    /// Between this and cooking, whichever comes first wins.
    fn cancel(self, at: i64) -> Decision<Self> {
        match self.state {
            State::Arriving | State::Received | State::Accepted => Ok(self.cancelled(at)),
            State::Rejected { .. } | State::Cancelled => Ok((self, vec![])),
            State::Cooking | State::Cooked => Err(stands(self.state)),
        }
    }

    /// What is in the pan is not taken out of it.
    fn call_off(self, at: i64) -> (Self, Vec<Event>) {
        match self.state {
            State::Arriving | State::Received | State::Accepted => self.cancelled(at),
            State::Cooking | State::Cooked | State::Rejected { .. } | State::Cancelled => {
                (self, vec![])
            }
        }
    }

    fn rejected(self, why: Why, at: i64) -> (Self, Vec<Event>) {
        let event = told!(TicketRejected, self, at, reason: why.name().to_owned());
        (self.now(State::Rejected { why }), vec![event])
    }

    fn cancelled(self, at: i64) -> (Self, Vec<Event>) {
        let event = told!(TicketCancelled, self, at);
        (self.now(State::Cancelled), vec![event])
    }

    fn now(self, state: State) -> Self {
        Self { state, ..self }
    }
}

/// What stands in the way of a command that comes too early or too late.
fn stands(state: State) -> Rejection {
    match state {
        State::Arriving => Rejection::NotFound,
        State::Received => Rejection::NotAccepted,
        State::Accepted => Rejection::NotCooking,
        State::Cooking => Rejection::Cooking,
        State::Cooked => Rejection::Cooked,
        State::Rejected { .. } => Rejection::Rejected,
        State::Cancelled => Rejection::Cancelled,
    }
}
