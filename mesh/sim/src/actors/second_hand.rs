//! Second-hand: a post, offers for it, a deal from one of them.

use jangteo::{
    deal::v1::ReserveDealRequest,
    offer::v1::{
        AcceptOfferRequest, CreateOfferRequest, Offer, RefuseOfferRequest, WithdrawOfferRequest,
        offer::{State, Type},
    },
    post::v1::{
        CreatePostRequest, DeletePostRequest, HidePostRequest, Post, UnhidePostRequest,
        UpdatePostRequest, post::State as PostState,
    },
};
use rand::{Rng, rngs::StdRng};

use super::{
    Acts, Known, Move,
    cast::{
        BUYERS, SELLERS, any_id, ask, etag, few, mask, meeting, one_in, one_of, person, price,
        told, word,
    },
    deals,
};

pub(super) const ACTS: Acts = &[
    (3, create_post),
    (1, update_post),
    (1, hide_post),
    (2, unhide_post),
    (1, delete_post),
    (6, create_offer),
    (5, accept_offer),
    (1, refuse_offer),
    (1, withdraw_offer),
    (6, reserve_deal),
    (1, deals::reschedule),
    (2, deals::cancel),
    (6, deals::complete),
];

const GOODS: &[&str] = &["자전거", "책상", "기타", "카메라"];
const NEIGHBOURHOODS: &[&str] = &["방배동", "서초동"];

fn is_open(post: &Post) -> bool {
    matches!(post.state(), PostState::Available | PostState::Hidden)
}

fn is_available(post: &Post) -> bool {
    post.state() == PostState::Available
}

fn create_post(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let there = known.posts.iter().filter(|it| is_open(it)).count();
    let request = few(there, chance).then(|| CreatePostRequest {
        goods: word(GOODS, chance),
        price_krw: price(chance),
        neighbourhood: word(NEIGHBOURHOODS, chance),
        request_id: any_id(chance),
    })?;
    let seller = person(SELLERS, chance);
    Some(ask(seller, "/jangteo.post.v1.PostService/CreatePost", &request, chance))
}

fn update_post(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let post = one_of(&known.posts, is_open, chance)?;
    let everything = chance.random_bool(0.5);
    let request = UpdatePostRequest {
        id: told(&post.id, chance),
        goods: everything.then(|| word(GOODS, chance)),
        price_krw: Some(price(chance)),
        neighbourhood: everything.then(|| word(NEIGHBOURHOODS, chance)),
        update_mask: mask("price_krw", chance),
        etag: etag(chance),
        request_id: any_id(chance),
    };
    Some(ask(&post.seller, "/jangteo.post.v1.PostService/UpdatePost", &request, chance))
}

fn hide_post(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let post = one_of(&known.posts, is_available, chance)?;
    let request = HidePostRequest {
        id: told(&post.id, chance),
        etag: etag(chance),
        request_id: any_id(chance),
    };
    Some(ask(&post.seller, "/jangteo.post.v1.PostService/HidePost", &request, chance))
}

fn unhide_post(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let post = one_of(&known.posts, |it| it.state() == PostState::Hidden, chance)?;
    let request = UnhidePostRequest {
        id: told(&post.id, chance),
        etag: etag(chance),
        request_id: any_id(chance),
    };
    Some(ask(&post.seller, "/jangteo.post.v1.PostService/UnhidePost", &request, chance))
}

fn delete_post(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let post = one_of(&known.posts, is_open, chance)?;
    let request = DeletePostRequest {
        id: told(&post.id, chance),
        etag: etag(chance),
        request_id: any_id(chance),
    };
    Some(ask(&post.seller, "/jangteo.post.v1.PostService/DeletePost", &request, chance))
}

fn create_offer(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let post = one_of(&known.posts, is_available, chance)?;
    let request = CreateOfferRequest {
        post_id: told(&post.id, chance),
        offered_price_krw: chance.random_bool(0.5).then(|| price(chance)),
        request_id: any_id(chance),
    };
    let buyer = person(BUYERS, chance);
    Some(ask(buyer, "/jangteo.offer.v1.OfferService/CreateOffer", &request, chance))
}

fn accept_offer(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let fits = |it: &Offer| it.state() == State::Pending && !known.is_promised(&it.post_id);
    let offer = one_of(&known.offers, fits, chance)?;
    let request = AcceptOfferRequest {
        id: told(&offer.id, chance),
        etag: etag(chance),
        request_id: any_id(chance),
    };
    Some(ask(&offer.seller, "/jangteo.offer.v1.OfferService/AcceptOffer", &request, chance))
}

fn refuse_offer(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let offer = one_of(&known.offers, can_end, chance)?;
    let request = RefuseOfferRequest {
        id: told(&offer.id, chance),
        etag: etag(chance),
        request_id: any_id(chance),
    };
    Some(ask(&offer.seller, "/jangteo.offer.v1.OfferService/RefuseOffer", &request, chance))
}

fn withdraw_offer(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let offer = one_of(&known.offers, can_end, chance)?;
    let request = WithdrawOfferRequest {
        id: told(&offer.id, chance),
        etag: etag(chance),
        request_id: any_id(chance),
    };
    Some(ask(&offer.buyer, "/jangteo.offer.v1.OfferService/WithdrawOffer", &request, chance))
}

fn can_end(offer: &Offer) -> bool {
    matches!(offer.state(), State::Pending | State::Accepted)
}

fn reserve_deal(known: &Known, chance: &mut StdRng) -> Option<Move> {
    // Of two that are as good, the second one loses: that is tried as well.
    let late = one_in(4, chance);
    let fits = |it: &Offer| can_be_reserved(it) && (late || known.is_for_sale(&it.post_id));
    let offer = one_of(&known.offers, fits, chance)?;
    let request = ReserveDealRequest {
        offer_id: told(&offer.id, chance),
        meeting_time: meeting(chance),
        meeting_place: word(deals::PLACES, chance),
        request_id: any_id(chance),
        product_id: String::new(),
        quantity: chance.random_range(0..=1),
    };
    Some(ask(&offer.seller, "/jangteo.deal.v1.DealService/ReserveDeal", &request, chance))
}

fn can_be_reserved(offer: &Offer) -> bool {
    match offer.state() {
        State::Accepted => true,
        State::Pending => offer.r#type() == Type::PurchaseRequest,
        _ => false,
    }
}

impl Known {
    /// Whether an offer for this post was accepted, or has come to a deal.
    fn is_promised(&self, post: &str) -> bool {
        let promised = |it: &Offer| matches!(it.state(), State::Accepted | State::InDeal);
        self.offers.iter().any(|it| it.post_id == post && promised(it))
    }

    fn is_for_sale(&self, post: &str) -> bool {
        self.posts.iter().any(|it| it.id == post && is_available(it))
    }
}
