//! What offers tell. That a deal has taken one, or lets it go, it does not tell: the deal does.

use jangteo::offer::v1::{DealOffered, OfferCompleted, OfferReopened, PriceProposed};
use jangteo_kit::event::Event;
use uuid::Uuid;

use super::{
    Broken, DealState, KEPT, OFFER_STEPS, Offer, OfferState, SecondHand, TERMS, Terms, Told,
};
use crate::check::{id, named};

impl SecondHand {
    pub(super) fn offer(&mut self, event: &Event, told: &Told, broken: &mut Broken) {
        use OfferState::{Accepted, Closed, Pending};
        match told {
            Told::DealOffered(offered) => {
                self.made(event, offered.into(), offered.price_krw, false, broken);
            }
            Told::PriceProposed(proposed) => {
                self.made(event, proposed.into(), proposed.list_price_krw, true, broken);
            }
            Told::OfferAccepted(_) => {
                self.let_go(event, broken);
                self.offer_steps(event, |it| it == Pending, Accepted, broken);
                if let Some(post) = self.post_of(event) {
                    self.accepts(post, event.aggregate_id, broken);
                }
            }
            Told::OfferReopened(reopened) => self.offer_reopened(event, reopened, broken),
            Told::OfferCompleted(completed) => self.completed(event, completed, broken),
            Told::OfferRefused(_)
            | Told::OfferWithdrawn(_)
            | Told::OfferAutoCancelled(_)
            | Told::OfferExpired(_) => {
                self.let_go(event, broken);
                self.offer_steps(event, OfferState::is_open, Closed, broken);
            }
            _ => {}
        }
    }

    /// After its post was written, at what that asks, or has asked.
    fn made(
        &mut self,
        event: &Event,
        terms: Terms,
        list_price_krw: i64,
        proposal: bool,
        broken: &mut Broken,
    ) {
        let post = self.posts.get(&terms.post);
        let same = post.is_some_and(|post| {
            post.seller == terms.seller && post.prices.contains(&list_price_krw)
        });
        broken.unless(same, TERMS, || format!("{}: {terms:?} for {post:?}", named(event)));
        let offer = Offer { terms, proposal, state: OfferState::Pending, deal: None };
        let before = self.offers.insert(event.aggregate_id, offer);
        broken.unless(before.is_none(), OFFER_STEPS, || {
            format!("{}: it was {before:?}", named(event))
        });
    }

    /// It lapses with every step but the seller's yes.
    fn offer_steps(
        &mut self,
        event: &Event,
        may: impl FnOnce(OfferState) -> bool,
        to: OfferState,
        broken: &mut Broken,
    ) {
        let offer = self.offers.get(&event.aggregate_id);
        let may = offer.is_some_and(|offer| may(offer.state));
        broken.unless(may, OFFER_STEPS, || format!("{}: it was {offer:?}", named(event)));
        let Some(offer) = self.offers.get_mut(&event.aggregate_id) else { return };
        offer.state = to;
        let post = offer.terms.post;
        if to != OfferState::Accepted {
            self.lapses(post, event.aggregate_id);
        }
    }

    /// No deal has it, so anything may become of it.
    fn let_go(&self, event: &Event, broken: &mut Broken) {
        let deal = self.offers.get(&event.aggregate_id).and_then(|offer| offer.deal);
        broken.unless(deal.is_none(), KEPT, || format!("{}: {deal:?} has it", named(event)));
    }

    /// What it was before its deal fell through, or the seller has to answer anew.
    fn offer_reopened(&mut self, event: &Event, reopened: &OfferReopened, broken: &mut Broken) {
        self.let_go(event, broken);
        if reopened.accepted {
            let may = |it: OfferState| it == OfferState::Accepted;
            self.offer_steps(event, may, OfferState::Accepted, broken);
        } else {
            self.offer_steps(event, OfferState::is_open, OfferState::Pending, broken);
        }
    }

    /// After its deal was done, and with no other.
    fn completed(&mut self, event: &Event, completed: &OfferCompleted, broken: &mut Broken) {
        let deal = id(&completed.deal_id);
        let had = self.offers.get(&event.aggregate_id).and_then(|offer| offer.deal);
        let done = self.deal_state(deal) == Some(DealState::Ended);
        broken.unless(done && had == Some(deal), KEPT, || {
            format!("{}: {had:?} has it, and {deal} is {:?}", named(event), self.deal_state(deal))
        });
        self.offer_steps(event, OfferState::is_open, OfferState::Completed(deal), broken);
    }

    fn post_of(&self, event: &Event) -> Option<Uuid> {
        self.offers.get(&event.aggregate_id).map(|offer| offer.terms.post)
    }
}

impl OfferState {
    /// Whether anything may still come of it.
    pub(super) fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Accepted)
    }
}

/// Reads the terms from an event that tells of a new offer.
macro_rules! offered {
    ($($event:ident),+) => {
        $(impl From<&$event> for Terms {
            fn from(event: &$event) -> Self {
                Self {
                    post: id(&event.post_id),
                    seller: event.seller.clone(),
                    buyer: event.buyer.clone(),
                    price_krw: event.price_krw,
                }
            }
        })+
    };
}
pub(super) use offered;

offered!(DealOffered, PriceProposed);
