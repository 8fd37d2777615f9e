//! What posts tell.

use std::collections::BTreeSet;

use jangteo::post::v1::{PostReopened, PostReserved, PostSold, PostWritten};
use jangteo_kit::event::Event;

use super::{
    Agreement, Broken, DealState, KEPT, ONE_DEAL, POST_STEPS, Post, PostState, SecondHand, TERMS,
    Told,
};
use crate::check::{id, named};

impl SecondHand {
    pub(super) fn post(&mut self, event: &Event, told: &Told, broken: &mut Broken) {
        use PostState::{Available, Deleted, Hidden};
        match told {
            Told::PostWritten(written) => self.written(event, written, broken),
            Told::PostEdited(edited) => {
                let state = self.posts.get(&event.aggregate_id).map(|post| post.state.clone());
                let state = state.unwrap_or(Available);
                self.post_steps(event, |it| matches!(it, Available | Hidden), state, broken);
                if let Some(post) = self.posts.get_mut(&event.aggregate_id) {
                    post.prices.insert(edited.price_krw);
                }
            }
            Told::PostHidden(_) => {
                self.post_steps(event, |it| *it == Available, Hidden, broken);
            }
            Told::PostUnhidden(_) => {
                self.post_steps(event, |it| *it == Hidden, Available, broken);
            }
            Told::PostDeleted(_) => {
                self.post_steps(event, |it| matches!(it, Available | Hidden), Deleted, broken);
            }
            Told::PostReserved(reserved) => self.reserved(event, reserved.into(), broken),
            Told::PostReopened(reopened) => self.reopened(event, reopened.into(), broken),
            Told::PostSold(sold) => self.was_sold(event, sold.into(), broken),
            _ => {}
        }
    }

    fn written(&mut self, event: &Event, written: &PostWritten, broken: &mut Broken) {
        let prices = BTreeSet::from([written.price_krw]);
        let post = Post { seller: written.seller.clone(), prices, state: PostState::Available };
        let before = self.posts.insert(event.aggregate_id, post);
        broken.unless(before.is_none(), POST_STEPS, || {
            format!("{}: it was {before:?}", named(event))
        });
    }

    fn post_steps(
        &mut self,
        event: &Event,
        may: impl FnOnce(&PostState) -> bool,
        to: PostState,
        broken: &mut Broken,
    ) {
        let post = self.posts.get(&event.aggregate_id);
        let may = post.is_some_and(|post| may(&post.state));
        broken.unless(may, POST_STEPS, || format!("{}: it was {post:?}", named(event)));
        if let Some(post) = self.posts.get_mut(&event.aggregate_id) {
            post.state = to;
        }
    }

    /// After its offer was made, and before its deal is told of.
    fn reserved(&mut self, event: &Event, agreement: Agreement, broken: &mut Broken) {
        let post = self.posts.get(&event.aggregate_id);
        let taken = post.is_some_and(|post| matches!(post.state, PostState::Reserved(_)));
        broken.unless(!taken, ONE_DEAL, || format!("{}: it was {post:?}", named(event)));
        let offer = self.offers.get(&agreement.offer).map(|offer| &offer.terms);
        let same = offer.is_some_and(|offer| {
            (offer.post, offer.price_krw) == (event.aggregate_id, agreement.price_krw)
                && offer.buyer == agreement.buyer
                && post.is_some_and(|post| post.seller == offer.seller)
        });
        broken.unless(same, TERMS, || format!("{}: {agreement:?} of {offer:?}", named(event)));
        let may = |it: &PostState| *it == PostState::Available;
        self.post_steps(event, may, PostState::Reserved(agreement), broken);
    }

    /// The deal was called off, or never came about.
    fn reopened(&mut self, event: &Event, agreement: Agreement, broken: &mut Broken) {
        let deal = self.deal_state(agreement.deal);
        broken.unless(matches!(deal, None | Some(DealState::Cancelled)), KEPT, || {
            format!("{}: its deal is {deal:?}", named(event))
        });
        let held = PostState::Reserved(agreement);
        self.post_steps(event, |it| *it == held, PostState::Available, broken);
    }

    /// After its deal was done.
    fn was_sold(&mut self, event: &Event, agreement: Agreement, broken: &mut Broken) {
        let deal = self.deal_state(agreement.deal);
        broken.unless(deal == Some(DealState::Ended), KEPT, || {
            format!("{}: its deal is {deal:?}", named(event))
        });
        let held = PostState::Reserved(agreement.clone());
        self.post_steps(event, |it| *it == held, PostState::Sold(agreement), broken);
    }
}

/// Reads an agreement from an event that names one.
macro_rules! agreed {
    ($($event:ident),+) => {
        $(impl From<&$event> for Agreement {
            fn from(event: &$event) -> Self {
                let (deal, offer) = (id(&event.deal_id), id(&event.offer_id));
                let (buyer, price_krw) = (event.buyer.clone(), event.agreed_price_krw);
                Self { deal, offer, buyer, price_krw }
            }
        })+
    };
}

agreed!(PostReserved, PostReopened, PostSold);
