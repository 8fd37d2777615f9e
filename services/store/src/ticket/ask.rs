//! What a ticket asks of its own context.

use std::time::Duration;

use jangteo::store::v1::{CheckStoreRequest, Store};
use jangteo_kit::decide::{Heard, Pending, Question, Unanswered};

use super::{Command, State, Ticket};

/// How long the answer may take; nobody waits for it.
const LIMIT: Duration = Duration::from_secs(2);

impl Ticket {
    /// Whether its seller has the store, asked until it is answered.
    pub(super) fn question(&self) -> Option<Pending<Command>> {
        (self.state == State::Arriving).then(|| self.check_store())
    }

    fn check_store(&self) -> Pending<Command> {
        let key = format!("tickets/{}", self.id);
        let request = CheckStoreRequest {
            id: self.store.to_string(),
            owner: self.seller.clone(),
            call_key: key.clone(),
        };
        let question = Question::of("StoreService/CheckStore", &request);
        Pending::new(key, question, LIMIT, Unanswered::Finish, |heard: Heard<Store>, at| {
            Command::StoreChecked { heard: heard.and_then(|_| Some(())), at }
        })
    }
}
