//! An offer in the hands of a deal.

use jangteo_kit::execute::Decision;
use uuid::Uuid;

use super::{Event, Offer, Open, Rejection, Standing, State};

impl Offer {
    /// Takes it for a deal of its seller: an accepted one, or a request, since to reserve it is to
    /// accept it. Asked again for the same deal it is the same answer.
    pub(super) fn take(self, deal: Uuid, seller: &str) -> Decision<Self> {
        let standing = match &self.state {
            State::Made(terms, standing) if terms.seller == seller => *standing,
            _ => return Err(Rejection::NotFound),
        };
        if standing.deal() == Some(deal) {
            return Ok((self, vec![]));
        }
        let was = standing.open()?;
        if was == Open::Pending && self.proposed_krw.is_some() {
            return Err(Rejection::NotAccepted);
        }
        Ok((self.becomes(Standing::InDeal { deal, was }), vec![]))
    }

    /// Only the deal that holds it lets it go: to what it was.
    pub(super) fn release(self, deal: Uuid) -> (Self, Vec<Event>) {
        match self.state {
            State::Made(_, Standing::InDeal { deal: held, was }) if held == deal => {
                self.ask_again(was)
            }
            _ => (self, vec![]),
        }
    }

    /// Only the deal that holds it lets it go: the seller has to answer anew.
    pub(super) fn reopen(self, deal: Uuid) -> (Self, Vec<Event>) {
        match self.state {
            State::Made(_, Standing::InDeal { deal: held, .. }) if held == deal => {
                self.ask_again(Open::Pending)
            }
            _ => (self, vec![]),
        }
    }

    /// The post may have been closed meanwhile, so it is asked about before anything is told.
    fn ask_again(mut self, open: Open) -> (Self, Vec<Event>) {
        self.checks += 1;
        (self.becomes(Standing::AskingAgain(open)), vec![])
    }
}

impl Standing {
    /// The deal that holds it.
    pub(super) fn deal(self) -> Option<Uuid> {
        match self {
            Self::InDeal { deal, .. } => Some(deal),
            _ => None,
        }
    }
}
