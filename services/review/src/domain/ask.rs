//! What a review asks of its item.

use std::time::Duration;

use jangteo::item::v1::{Item, RetireItemRequest};
use jangteo_kit::decide::{Pending, Question, Unanswered};

use super::{Asked, Command, Review, State};

/// How long the item may take to answer.
const LIMIT: Duration = Duration::from_millis(610);

impl Review {
    /// Whether the item is off the lists. There is one key for all attempts: after the first that may
    /// have been heard there is no other, and retiring twice is retiring once.
    pub(super) fn question(&self) -> Option<Pending<Command>> {
        let unanswered = match self.state {
            // There is nothing to undo: of this kind the state is told that nobody answered in time.
            State::Writing { asked: Asked::First, .. } => Unanswered::Undo,
            State::Writing { asked: Asked::Again, .. } => Unanswered::Finish,
            State::Requested { .. } | State::Written { .. } => return None,
        };
        let key = format!("reviews/{}", self.id);
        let request = RetireItemRequest {
            id: self.item.to_string(),
            rental_id: self.id.to_string(),
            call_key: key.clone(),
        };
        let question = Question::of("ItemService/RetireItem", &request);
        Some(Pending::new::<Item>(key, question, LIMIT, unanswered, |heard, at| {
            Command::ItemAnswered { heard: heard.and_then(|_| Some(())), at }
        }))
    }
}
