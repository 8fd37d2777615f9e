//! Posts, the offers for them, and the deals on them. Deals on products are judged here by their own
//! history alone.

mod at_rest;
mod deal;
mod offer;
mod post;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jangteo_kit::event::Event;
use uuid::Uuid;

use super::{Broken, Rules, told::Told};

/// S.3.9, I14: terminal states are never left, by posts no more than by others.
pub(super) const POST_STEPS: &str = "S.3.9 a post goes from state to state as it may";
/// S.3.9, I14: nor by offers.
pub(super) const OFFER_STEPS: &str = "S.3.9 an offer goes from state to state as it may";
/// S.3.9, I14: nor by deals.
pub(super) const DEAL_STEPS: &str = "S.3.9 a deal goes from state to state as it may";
/// S.3.1, I4: at most one active deal per post.
pub(super) const ONE_DEAL: &str = "I4 a post is reserved for one deal at a time";
/// S.3.1: and so at most one accepted offer; one that a deal has taken is accepted.
pub(super) const ONE_ACCEPTED: &str = "S.3.1 a post has one accepted offer at a time";
/// A-F3: a deal is made on a request, or on a proposal that was accepted.
pub(super) const UNACCEPTED: &str = "A-F3 no deal is made on a proposal that was not accepted";
/// S.3.3: what was agreed on is what was offered, by whom it was offered.
pub(super) const TERMS: &str = "S.3.3 offer, post and deal name the same people, goods and price";
/// A-F4: a deal that is planned keeps its offer and its post, until it is called off or done.
pub(super) const KEPT: &str = "A-F4 what a planned deal has taken is let go by it alone";
/// I5: after quiescence a deal, its post and its offer have come to the same end.
pub(super) const SAME_END: &str = "I5 a deal, its post and its offer come to the same end";
/// S.3.2, A-F12: a sold post has no open offer and exactly one completed; a deleted one has no open one.
pub(super) const CLOSED: &str =
    "S.3.2 nothing is open for a post that is gone, and one offer has it";

/// All of them.
#[derive(Debug, Default)]
pub(super) struct SecondHand {
    posts: BTreeMap<Uuid, Post>,
    offers: BTreeMap<Uuid, Offer>,
    deals: BTreeMap<Uuid, Deal>,
    /// By post, the offers that keep others from being accepted.
    accepted: BTreeMap<Uuid, BTreeSet<Uuid>>,
}

/// What a post's events have told.
#[derive(Debug)]
struct Post {
    seller: String,
    /// All that was ever asked for it.
    prices: BTreeSet<i64>,
    state: PostState,
}

/// Where a post stands.
#[derive(Clone, Debug, PartialEq, Eq)]
enum PostState {
    Available,
    Hidden,
    Reserved(Agreement),
    Sold(Agreement),
    Deleted,
}

/// What a post is reserved or sold for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Agreement {
    deal: Uuid,
    offer: Uuid,
    buyer: String,
    price_krw: i64,
}

/// What an offer's events have told.
#[derive(Debug)]
struct Offer {
    terms: Terms,
    /// Another price than the post's.
    proposal: bool,
    state: OfferState,
    /// The deal that was told to be made from it last, unless that was called off.
    deal: Option<Uuid>,
}

/// Where an offer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OfferState {
    Pending,
    Accepted,
    Completed(Uuid),
    /// Refused, withdrawn, expired or cancelled.
    Closed,
}

/// Which goods go from whom to whom, and for how much.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Terms {
    /// The post; that of a deal on a product is none's.
    post: Uuid,
    seller: String,
    buyer: String,
    price_krw: i64,
}

/// What a deal's events have told.
#[derive(Debug)]
struct Deal {
    /// The offer; that of a deal on a product is none's.
    offer: Uuid,
    terms: Terms,
    state: DealState,
}

/// Where a deal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DealState {
    Planned,
    Ended,
    Cancelled,
    Refused,
}

impl Rules for SecondHand {
    fn see(&mut self, event: &Event, told: &Told, broken: &mut Broken) {
        match event.context.as_str() {
            "post" => self.post(event, told, broken),
            "offer" => self.offer(event, told, broken),
            "deal" => self.deal(event, told, broken),
            _ => {}
        }
    }

    fn at_rest(&self, broken: &mut Broken) {
        self.deals_rest(broken);
        self.posts_rest(broken);
    }
}

impl SecondHand {
    /// Where a deal stands, as far as anybody was told.
    fn deal_state(&self, deal: Uuid) -> Option<DealState> {
        self.deals.get(&deal).map(|deal| deal.state)
    }

    /// Nobody else's offer for this post may be accepted from now on.
    fn accepts(&mut self, post: Uuid, offer: Uuid, broken: &mut Broken) {
        let accepted = self.accepted.entry(post).or_default();
        accepted.insert(offer);
        broken.unless(accepted.len() == 1, ONE_ACCEPTED, || {
            format!("{accepted:?} are accepted for post {post}")
        });
    }

    /// Somebody else's may.
    fn lapses(&mut self, post: Uuid, offer: Uuid) {
        if let Some(accepted) = self.accepted.get_mut(&post) {
            accepted.remove(&offer);
        }
    }
}
