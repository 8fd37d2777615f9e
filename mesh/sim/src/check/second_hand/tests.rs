use jangteo::{
    deal::v1::{DealCancelled, DealEnded, DealReserved},
    offer::v1::{
        DealOffered, OfferAccepted, OfferAutoCancelled, OfferCompleted, OfferReopened,
        OfferWithdrawn, PriceProposed,
    },
    post::v1::{PostDeleted, PostHidden, PostReopened, PostReserved, PostSold, PostWritten},
};

use super::*;
use crate::check::samples::{Story, text};

const POST: u128 = 1;
const REQUEST: u128 = 2;
const PROPOSAL: u128 = 3;
const DEAL: u128 = 4;
const SECOND: u128 = 5;

/// An event of a post that names deal, offer and buyer.
macro_rules! agreed {
    ($event:ident, $deal:expr, $offer:expr, $price:expr) => {
        $event {
            seller: "seller01".to_owned(),
            deal_id: text($deal),
            offer_id: text($offer),
            buyer: buyer($offer),
            agreed_price_krw: $price,
            ..Default::default()
        }
    };
}

/// An event of an offer or a deal.
macro_rules! offered {
    ($event:ident, $offer:expr, $price:expr $(, $field:ident: $value:expr)*) => {
        $event {
            offer_id: text($offer),
            post_id: text(POST),
            seller: "seller01".to_owned(),
            buyer: buyer($offer),
            price_krw: $price,
            $($field: $value,)*
            ..Default::default()
        }
    };
}

fn buyer(offer: u128) -> String {
    format!("buyer{offer}")
}

/// A post with a request and a proposal.
fn offers() -> Story {
    let written =
        PostWritten { seller: "seller01".to_owned(), price_krw: 100, ..Default::default() };
    Story::default()
        .tell(POST, &written)
        .tell(REQUEST, &offered!(DealOffered, REQUEST, 100))
        .tell(PROPOSAL, &offered!(PriceProposed, PROPOSAL, 80, list_price_krw: 100))
}

/// The proposal is accepted, and its deal called off.
fn called_off() -> Story {
    offers()
        .tell(PROPOSAL, &offered!(OfferAccepted, PROPOSAL, 80))
        .tell(POST, &agreed!(PostReserved, DEAL, PROPOSAL, 80))
        .tell(DEAL, &offered!(DealReserved, PROPOSAL, 80))
        .tell(DEAL, &offered!(DealCancelled, PROPOSAL, 80))
        .tell(POST, &agreed!(PostReopened, DEAL, PROPOSAL, 80))
        .tell(PROPOSAL, &offered!(OfferReopened, PROPOSAL, 80))
}

/// After that the request is taken, and gets it.
fn sold() -> Story {
    called_off()
        .tell(POST, &agreed!(PostReserved, SECOND, REQUEST, 100))
        .tell(SECOND, &offered!(DealReserved, REQUEST, 100))
        .tell(SECOND, &offered!(DealEnded, REQUEST, 100))
        .tell(POST, &agreed!(PostSold, SECOND, REQUEST, 100))
        .tell(REQUEST, &offered!(OfferCompleted, REQUEST, 100, deal_id: text(SECOND)))
        .tell(PROPOSAL, &offered!(OfferAutoCancelled, PROPOSAL, 80))
}

/// A request is taken for a deal that does not come about.
fn abandoned() -> Story {
    offers()
        .tell(POST, &agreed!(PostReserved, DEAL, REQUEST, 100))
        .tell(POST, &agreed!(PostReopened, DEAL, REQUEST, 100))
        .tell(REQUEST, &offered!(OfferReopened, REQUEST, 100))
}

#[test]
fn a_clean_history_passes() {
    offers().keeps::<SecondHand>();
    called_off().keeps::<SecondHand>();
    called_off().until("DealCancelled").keeps::<SecondHand>();
    abandoned().keeps::<SecondHand>();
    sold().keeps::<SecondHand>();
}

/// The seller's yes to the one holds no more once the deal is off, though nobody has said so yet.
#[test]
fn another_offer_is_accepted_before_the_first_one_has_told_that_it_is_open_again() {
    let story = called_off().without("OfferReopened");
    story.tell(REQUEST, &offered!(OfferAccepted, REQUEST, 100)).keeps::<SecondHand>();
}

#[test]
fn each_corruption_of_a_state_is_found_by_its_name() {
    for (name, story) in [
        (POST_STEPS, sold().tell(POST, &PostHidden::default())),
        (POST_STEPS, sold().tell(POST, &PostDeleted::default())),
        (POST_STEPS, offers().twice("PostWritten")),
        (POST_STEPS, called_off().twice("PostReopened")),
        (POST_STEPS, sold().twice("PostSold")),
        (OFFER_STEPS, sold().twice("OfferCompleted")),
        (OFFER_STEPS, sold().twice("OfferAutoCancelled")),
        (OFFER_STEPS, offers().twice("DealOffered")),
        (
            OFFER_STEPS,
            called_off()
                .altered(|reopened: &mut OfferReopened| {
                    reopened.accepted = true;
                })
                .without("OfferAccepted"),
        ),
        (DEAL_STEPS, sold().twice("DealEnded")),
        (DEAL_STEPS, sold().tell(SECOND, &offered!(DealCancelled, REQUEST, 100))),
        (DEAL_STEPS, called_off().twice("DealReserved")),
    ] {
        story.breaks::<SecondHand>(name);
    }
}

#[test]
fn each_corruption_of_a_deal_is_found_by_its_name() {
    let other = offered!(OfferAccepted, REQUEST, 100);
    for (name, story) in [
        (ONE_DEAL, called_off().twice("PostReserved")),
        (ONE_ACCEPTED, called_off().until("DealCancelled").tell(REQUEST, &other)),
        (
            ONE_ACCEPTED,
            offers().tell(PROPOSAL, &offered!(OfferAccepted, PROPOSAL, 80)).tell(REQUEST, &other),
        ),
        (UNACCEPTED, called_off().without("OfferAccepted")),
        (TERMS, called_off().altered(|deal: &mut DealReserved| deal.price_krw = 100)),
        (TERMS, called_off().altered(|post: &mut PostReserved| post.agreed_price_krw = 100)),
        (TERMS, offers().altered(|offer: &mut DealOffered| offer.price_krw = 99)),
        (TERMS, sold().altered(|deal: &mut DealEnded| deal.buyer = "other".to_owned())),
        (
            KEPT,
            called_off()
                .until("DealCancelled")
                .tell(PROPOSAL, &offered!(OfferWithdrawn, PROPOSAL, 80)),
        ),
        (KEPT, called_off().without("DealCancelled")),
        (KEPT, sold().late("DealEnded")),
        (KEPT, sold().altered(|done: &mut OfferCompleted| done.deal_id = text(DEAL))),
    ] {
        story.breaks::<SecondHand>(name);
    }
}

#[test]
fn each_corruption_at_rest_is_found_by_its_name() {
    for (name, story) in [
        (SAME_END, called_off().without("PostReopened")),
        (SAME_END, called_off().without("PostReserved")),
        (SAME_END, sold().without("PostSold")),
        (SAME_END, sold().without("OfferCompleted")),
        (SAME_END, abandoned().without("PostReopened")),
        (CLOSED, sold().without("OfferAutoCancelled")),
        (CLOSED, sold().without("OfferCompleted")),
        (CLOSED, offers().tell(POST, &PostDeleted::default())),
    ] {
        story.breaks::<SecondHand>(name);
    }
}
