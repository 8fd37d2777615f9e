//! What an offer answers to each command: the whole of it, and the part of buyer and seller.

use jangteo::offer::v1::{OfferAccepted, OfferRefused, OfferWithdrawn};
use jangteo_kit::{
    decide::Pending,
    execute::{Aggregate, Decision},
};

use super::{Actor, Command, Event, Offer, Open, Rejection, Standing, State, Terms};

/// An event of an offer with these terms, with all that such events have in common.
macro_rules! told {
    ($event:ident { $($field:ident: $value:expr),* }, $offer:expr, $terms:expr, $at:expr) => {
        $crate::domain::Event::from($event {
            offer_id: $offer.id.to_string(),
            post_id: $offer.post.to_string(),
            seller: $terms.seller.clone(),
            buyer: $offer.buyer.clone(),
            price_krw: $offer.price_krw($terms),
            $($field: $value,)*
            time: Some(jangteo_kit::event::timestamp($at)),
        })
    };
}
pub(super) use told;

impl Aggregate for Offer {
    const KIND: &'static str = "offer";
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: Option<Self>, command: Command) -> Decision<Self> {
        match (state, command) {
            (None, Command::Create { id, post, buyer, proposed_krw, at }) => {
                let state = State::Asking;
                let (open_since, checks) = (at, 1);
                Ok((Self { id, post, buyer, proposed_krw, open_since, checks, state }, vec![]))
            }
            (None, _) => Err(Rejection::NotFound),
            (Some(offer), command) => offer.told(command),
        }
    }

    fn pending(&self) -> Option<Pending<Command>> {
        self.question()
    }

    fn due(&self) -> Option<(i64, Command)> {
        let at = self.expires();
        matches!(self.state, State::Made(_, Standing::Open(_)))
            .then_some((at, Command::Expire { at }))
    }

    fn outcome(&self) -> Result<(), Rejection> {
        match &self.state {
            State::Abandoned(why) => Err(why.clone().into()),
            State::Asking | State::Made(..) => Ok(()),
        }
    }
}

impl Offer {
    fn told(self, command: Command) -> Decision<Self> {
        match command {
            Command::Create { .. } => Err(Rejection::Exists),
            Command::Hear { check, heard, at } => Ok(self.hear(check, heard, at)),
            Command::Accept { by, at } => self.accept(&by, at),
            Command::Refuse { by, at } => self.refuse(&by, at),
            Command::Withdraw { by, at } => self.withdraw(&by, at),
            Command::Take { deal, seller } => self.take(deal, &seller),
            Command::Release { deal } => Ok(self.release(deal)),
            Command::Reopen { deal } => Ok(self.reopen(deal)),
            Command::Complete { deal, at } => Ok(self.complete(deal, at)),
            Command::Close { why, at } => Ok(self.close(why, at)),
            Command::Expire { at } => Ok(self.expire(at)),
        }
    }

    fn accept(self, by: &Actor, at: i64) -> Decision<Self> {
        let (terms, standing) = self.answered_by(by)?;
        if standing.open()? == Open::Accepted {
            return Ok((self, vec![]));
        }
        let event = told!(OfferAccepted {}, self, terms, at);
        Ok((self.becomes(Standing::Open(Open::Accepted)), vec![event]))
    }

    fn refuse(self, by: &Actor, at: i64) -> Decision<Self> {
        let (terms, standing) = self.answered_by(by)?;
        standing.endable()?;
        let event = told!(OfferRefused {}, self, terms, at);
        Ok((self.becomes(Standing::Refused), vec![event]))
    }

    fn withdraw(self, by: &Actor, at: i64) -> Decision<Self> {
        let (terms, standing) = self.seen_by(by)?;
        if self.buyer != by.0 {
            return Err(Rejection::BuyerOnly);
        }
        standing.endable()?;
        let event = told!(OfferWithdrawn {}, self, terms, at);
        Ok((self.becomes(Standing::Withdrawn), vec![event]))
    }

    /// What the post's seller answers.
    fn answered_by(&self, by: &Actor) -> Result<(&Terms, Standing), Rejection> {
        let (terms, standing) = self.seen_by(by)?;
        if terms.seller == by.0 { Ok((terms, standing)) } else { Err(Rejection::SellerOnly) }
    }

    /// What buyer and seller see; to anybody else it looks like no offer at all.
    pub(crate) fn seen_by(&self, by: &Actor) -> Result<(&Terms, Standing), Rejection> {
        match &self.state {
            State::Made(terms, standing) if [&terms.seller, &self.buyer].contains(&&by.0) => {
                Ok((terms, *standing))
            }
            _ => Err(Rejection::NotFound),
        }
    }

    /// The same offer, standing elsewhere; one that was never made stands nowhere.
    pub(super) fn becomes(mut self, next: Standing) -> Self {
        if let State::Made(_, standing) = &mut self.state {
            *standing = next;
        }
        self
    }
}

impl Standing {
    /// What the seller has said to it, if it is open; or what keeps it from being accepted or taken.
    pub(super) fn open(self) -> Result<Open, Rejection> {
        match self {
            Self::Open(open) => Ok(open),
            Self::AskingAgain(_) => Err(Rejection::Checking),
            Self::InDeal { .. } => Err(Rejection::InDeal),
            Self::Refused => Err(Rejection::Refused),
            Self::Withdrawn => Err(Rejection::Withdrawn),
            Self::Completed { .. } => Err(Rejection::Completed),
            Self::AutoCancelled => Err(Rejection::AutoCancelled),
            Self::Expired => Err(Rejection::Expired),
        }
    }

    /// Whether buyer or seller can end it: also while its post is asked about again.
    fn endable(self) -> Result<(), Rejection> {
        match self {
            Self::AskingAgain(_) => Ok(()),
            _ => self.open().map(drop),
        }
    }
}
