//! How an offer ends without its buyer or seller saying so. None of this can be refused.

use jangteo::offer::v1::{OfferAutoCancelled, OfferCompleted, OfferExpired};
use uuid::Uuid;

use super::{Event, Gone, Offer, Standing, State, decide::told};

impl Offer {
    /// Completes with the deal that holds it, and with no other.
    pub(super) fn complete(self, deal: Uuid, at: i64) -> (Self, Vec<Event>) {
        match &self.state {
            State::Made(terms, standing) if standing.deal() == Some(deal) => {
                let event = told!(OfferCompleted { deal_id: deal.to_string() }, self, terms, at);
                (self.becomes(Standing::Completed { deal }), vec![event])
            }
            _ => (self, vec![]),
        }
    }

    /// Its post is gone. One that a deal holds asks again when the deal lets it go.
    pub(super) fn close(self, why: Gone, at: i64) -> (Self, Vec<Event>) {
        match self.state {
            State::Asking => self.abandon(why.into()),
            State::Made(_, Standing::Open(_) | Standing::AskingAgain(_)) => self.auto_cancel(at),
            State::Abandoned(_) | State::Made(..) => (self, vec![]),
        }
    }

    pub(super) fn auto_cancel(self, at: i64) -> (Self, Vec<Event>) {
        let State::Made(terms, _) = &self.state else { return (self, vec![]) };
        let event = told!(OfferAutoCancelled {}, self, terms, at);
        (self.becomes(Standing::AutoCancelled), vec![event])
    }

    pub(super) fn expire(self, at: i64) -> (Self, Vec<Event>) {
        match &self.state {
            State::Made(terms, Standing::Open(_)) if at >= self.expires() => {
                let event = told!(OfferExpired {}, self, terms, at);
                (self.becomes(Standing::Expired), vec![event])
            }
            _ => (self, vec![]),
        }
    }
}
