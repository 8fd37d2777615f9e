//! What deals tell, after their offer was taken and their post reserved.

use jangteo::deal::v1::{DealCancelled, DealEnded, DealRefused, DealRescheduled, DealReserved};
use jangteo_kit::event::Event;
use uuid::Uuid;

use super::{
    Agreement, Broken, DEAL_STEPS, Deal, DealState, OfferState, PostState, SAME_END, SecondHand,
    TERMS, Terms, Told, UNACCEPTED, offer::offered,
};
use crate::check::{id, named};

impl SecondHand {
    pub(super) fn deal(&mut self, event: &Event, told: &Told, broken: &mut Broken) {
        match told {
            Told::DealReserved(reserved) => self.planned(event, reserved, broken),
            Told::DealRefused(refused) => {
                let deal = Deal {
                    offer: Uuid::nil(),
                    terms: Terms::nobodys(refused),
                    state: DealState::Refused,
                };
                self.begins(event, deal, broken);
            }
            Told::DealRescheduled(moved) => {
                self.deal_steps(event, &moved.into(), DealState::Planned, broken);
            }
            Told::DealEnded(ended) => {
                self.deal_steps(event, &ended.into(), DealState::Ended, broken);
            }
            Told::DealCancelled(cancelled) => {
                self.deal_steps(event, &cancelled.into(), DealState::Cancelled, broken);
                self.gives_up(id(&cancelled.offer_id), event.aggregate_id);
            }
            _ => {}
        }
    }

    fn begins(&mut self, event: &Event, deal: Deal, broken: &mut Broken) {
        let before = self.deals.insert(event.aggregate_id, deal);
        broken.unless(before.is_none(), DEAL_STEPS, || {
            format!("{}: it was {before:?}", named(event))
        });
    }

    fn planned(&mut self, event: &Event, reserved: &DealReserved, broken: &mut Broken) {
        let (offer, terms) = (id(&reserved.offer_id), Terms::from(reserved));
        if !reserved.offer_id.is_empty() {
            self.takes(event, offer, &terms, broken);
        }
        self.begins(event, Deal { offer, terms, state: DealState::Planned }, broken);
    }

    /// Nobody but the deal lets go of its offer and its post, so they still are what it has taken.
    fn takes(&mut self, event: &Event, of: Uuid, terms: &Terms, broken: &mut Broken) {
        let deal = event.aggregate_id;
        let post = self.posts.get(&terms.post).map(|post| &post.state);
        let (buyer, price_krw) = (terms.buyer.clone(), terms.price_krw);
        let held = PostState::Reserved(Agreement { deal, offer: of, buyer, price_krw });
        broken.unless(post == Some(&held), SAME_END, || {
            format!("{}: {held:?} is wanted, its post is {post:?}", named(event))
        });
        let offer = self.offers.get(&of);
        let same = offer.is_some_and(|offer| offer.terms == *terms && offer.state.is_open());
        broken.unless(same, TERMS, || format!("{}: {terms:?} of {offer:?}", named(event)));
        let yes = offer.is_none_or(|offer| !offer.proposal || offer.state == OfferState::Accepted);
        broken.unless(yes, UNACCEPTED, || format!("{}: {offer:?}", named(event)));
        if let Some(offer) = self.offers.get_mut(&of) {
            offer.deal = Some(deal);
        }
        self.accepts(terms.post, of, broken);
    }

    fn deal_steps(&mut self, event: &Event, terms: &Terms, to: DealState, broken: &mut Broken) {
        let deal = self.deals.get(&event.aggregate_id);
        let planned = deal.is_some_and(|deal| deal.state == DealState::Planned);
        broken.unless(planned, DEAL_STEPS, || format!("{}: it was {deal:?}", named(event)));
        let same = deal.is_none_or(|deal| deal.terms == *terms);
        broken.unless(same, TERMS, || format!("{}: {terms:?} of {deal:?}", named(event)));
        if let Some(deal) = self.deals.get_mut(&event.aggregate_id) {
            deal.state = to;
        }
    }

    /// From now on the offer may be let go, and others be accepted, whenever it hears of it.
    fn gives_up(&mut self, offer: Uuid, deal: Uuid) {
        let Some(known) = self.offers.get_mut(&offer) else { return };
        if known.deal == Some(deal) {
            known.deal = None;
            let post = known.terms.post;
            self.lapses(post, offer);
        }
    }
}

impl Terms {
    /// Of a deal that never came about.
    fn nobodys(refused: &DealRefused) -> Self {
        let (seller, buyer) = (String::new(), refused.buyer.clone());
        Self { post: Uuid::nil(), seller, buyer, price_krw: 0 }
    }
}

offered!(DealReserved, DealRescheduled, DealEnded, DealCancelled);
