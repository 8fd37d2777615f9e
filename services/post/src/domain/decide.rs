//! What a post answers to each command in each state.

use jangteo::post::v1::{
    PostDeleted, PostEdited, PostHidden, PostReopened, PostReserved, PostSold, PostUnhidden,
    PostWritten,
};
use jangteo_kit::{
    event::timestamp,
    execute::{Aggregate, Decision},
};
use uuid::Uuid;

use super::{Actor, Agreement, Command, Edit, Event, Listing, Post, Rejection, State};

/// An event that names the post and its seller, and with an agreement also what was agreed on.
macro_rules! told {
    ($event:ident, $post:expr, $at:expr) => {
        Event::from($event {
            post_id: $post.id.to_string(),
            seller: $post.seller.clone(),
            time: Some(timestamp($at)),
        })
    };
    ($event:ident, $post:expr, $agreement:expr, $at:expr) => {
        Event::from($event {
            post_id: $post.id.to_string(),
            seller: $post.seller.clone(),
            deal_id: $agreement.deal.to_string(),
            offer_id: $agreement.offer.to_string(),
            buyer: $agreement.buyer.clone(),
            agreed_price_krw: $agreement.price_krw,
            time: Some(timestamp($at)),
        })
    };
}

impl Aggregate for Post {
    const KIND: &'static str = "post";
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: Option<Self>, command: Command) -> Decision<Self> {
        match (state, command) {
            (None, Command::Create { id, seller, listing, at }) => {
                Ok(Self::written(id, seller, listing, at))
            }
            (Some(_), Command::Create { .. }) => Err(Rejection::Exists),
            (None, _) => Err(Rejection::NotFound),
            (Some(post), Command::Update { by, edit, at }) => post.owned_by(&by)?.update(edit, at),
            (Some(post), Command::Delete { by, at }) => post.owned_by(&by)?.delete(at),
            (Some(post), Command::Hide { by, at }) => post.owned_by(&by)?.hide(at),
            (Some(post), Command::Unhide { by, at }) => post.owned_by(&by)?.unhide(at),
            (Some(post), Command::Reserve { by, agreement, at }) => {
                post.owned_by(&by)?.reserve(agreement, at)
            }
            (Some(post), Command::Release { deal, at }) => Ok(post.release(deal, at)),
            (Some(post), Command::Sell { deal, at }) => Ok(post.sell(deal, at)),
        }
    }
}

impl Post {
    fn written(id: Uuid, seller: String, listing: Listing, at: i64) -> (Self, Vec<Event>) {
        let event = PostWritten {
            post_id: id.to_string(),
            seller: seller.clone(),
            goods: listing.goods.clone(),
            price_krw: listing.price_krw,
            neighbourhood: listing.neighbourhood.clone(),
            time: Some(timestamp(at)),
        };
        (Self { id, seller, listing, state: State::Available }, vec![event.into()])
    }

    /// Somebody else's post looks like no post at all.
    fn owned_by(self, actor: &Actor) -> Result<Self, Rejection> {
        if self.seller == actor.0 { Ok(self) } else { Err(Rejection::NotFound) }
    }

    fn update(self, edit: Edit, at: i64) -> Decision<Self> {
        self.changeable()?;
        let listing = edit.of(&self.listing);
        if listing == self.listing {
            return Ok((self, vec![]));
        }
        let event = PostEdited {
            post_id: self.id.to_string(),
            seller: self.seller.clone(),
            goods: listing.goods.clone(),
            price_krw: listing.price_krw,
            neighbourhood: listing.neighbourhood.clone(),
            time: Some(timestamp(at)),
        };
        Ok((Self { listing, ..self }, vec![event.into()]))
    }

    fn delete(self, at: i64) -> Decision<Self> {
        self.changeable()?;
        let event = told!(PostDeleted, self, at);
        Ok((Self { state: State::Deleted, ..self }, vec![event]))
    }

    fn hide(self, at: i64) -> Decision<Self> {
        self.changeable()?;
        if self.state == State::Hidden {
            return Ok((self, vec![]));
        }
        let event = told!(PostHidden, self, at);
        Ok((Self { state: State::Hidden, ..self }, vec![event]))
    }

    fn unhide(self, at: i64) -> Decision<Self> {
        match self.state {
            State::Hidden => {}
            State::Deleted => return Err(Rejection::Deleted),
            State::Available | State::Reserved(_) | State::Sold(_) => {
                return Err(Rejection::NotHidden);
            }
        }
        let event = told!(PostUnhidden, self, at);
        Ok((Self { state: State::Available, ..self }, vec![event]))
    }

    /// Compare-and-set from Available; asked again for the same agreement it is the same answer.
    fn reserve(self, agreement: Agreement, at: i64) -> Decision<Self> {
        match &self.state {
            State::Reserved(held) if *held == agreement => return Ok((self, vec![])),
            State::Hidden => return Err(Rejection::Hidden),
            _ => self.changeable()?,
        }
        if agreement.buyer == self.seller {
            return Err(Rejection::OwnPost);
        }
        let event = told!(PostReserved, self, agreement, at);
        Ok((Self { state: State::Reserved(agreement), ..self }, vec![event]))
    }

    /// Only the deal that holds it lets it go.
    fn release(self, deal: Uuid, at: i64) -> (Self, Vec<Event>) {
        let Some(held) = self.held_for(deal) else { return (self, vec![]) };
        let event = told!(PostReopened, self, held, at);
        (Self { state: State::Available, ..self }, vec![event])
    }

    /// Only the deal that holds it sells it.
    fn sell(self, deal: Uuid, at: i64) -> (Self, Vec<Event>) {
        let Some(held) = self.held_for(deal) else { return (self, vec![]) };
        let event = told!(PostSold, self, held, at);
        (Self { state: State::Sold(held), ..self }, vec![event])
    }

    /// Whether `buyer` can ask for it now (A-N1). A reservation may yet be cancelled.
    pub(crate) fn buyable(&self, buyer: &str) -> Result<(), Rejection> {
        match self.state {
            State::Available | State::Reserved(_) if self.seller == buyer => {
                Err(Rejection::OwnPost)
            }
            State::Available | State::Reserved(_) => Ok(()),
            State::Sold(_) => Err(Rejection::Sold),
            State::Hidden => Err(Rejection::Hidden),
            State::Deleted => Err(Rejection::Deleted),
        }
    }

    /// What was agreed on, if this deal holds the post.
    fn held_for(&self, deal: Uuid) -> Option<Agreement> {
        match &self.state {
            State::Reserved(held) if held.deal == deal => Some(held.clone()),
            _ => None,
        }
    }

    /// Its seller changes a post only while no deal holds it.
    fn changeable(&self) -> Result<(), Rejection> {
        match self.state {
            State::Available | State::Hidden => Ok(()),
            State::Reserved(_) => Err(Rejection::Reserved),
            State::Sold(_) => Err(Rejection::Sold),
            State::Deleted => Err(Rejection::Deleted),
        }
    }
}
