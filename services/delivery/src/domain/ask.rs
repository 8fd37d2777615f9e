//! What a delivery asks of its order.

use std::time::Duration;

use jangteo::order::v1::{Destination as Told, GetDestinationRequest};
use jangteo_kit::decide::{Heard, Pending, Question, Unanswered};

use super::{Command, Delivery, Destination, State};

/// How long the order may take to answer; nobody waits for it.
const LIMIT: Duration = Duration::from_secs(2);

impl Delivery {
    /// Where it goes, asked until it is answered. It stays the same question when a courier picks
    /// it up, so he neither waits for the answer nor keeps it from coming.
    pub(super) fn question(&self) -> Option<Pending<Command>> {
        if !self.needs_destination() {
            return None;
        }
        let key = format!("deliveries/{}", self.id);
        let request = GetDestinationRequest { id: self.id.to_string(), call_key: key.clone() };
        let question = Question::of("OrderService/GetDestination", &request);
        Some(Pending::new(key, question, LIMIT, Unanswered::Finish, |heard: Heard<Told>, _| {
            Command::DestinationKnown { heard: heard.and_then(|told| Some(told.into())) }
        }))
    }

    /// Whether somebody will have to know where it goes, and nobody has said it.
    pub(super) fn needs_destination(&self) -> bool {
        match self.state {
            State::Started | State::PickedUp { .. } => self.destination.is_none(),
            State::Delivered { .. } | State::Cancelled => false,
        }
    }
}

impl From<Told> for Destination {
    fn from(Told { address, phone_number }: Told) -> Self {
        Self { address, phone_number }
    }
}
