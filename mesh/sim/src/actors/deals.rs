//! What becomes of a deal, on a post or on a product.

use jangteo::deal::v1::{
    CancelDealRequest, CompleteDealRequest, Deal, RescheduleDealRequest, deal::State,
};
use rand::{Rng, rngs::StdRng};

use super::{
    Known, Move,
    cast::{any_id, ask, etag, meeting, one_of, told, word},
};

/// Where people meet, or that is open.
pub(super) const PLACES: &[&str] = &["방배역 2번 출구", "내방역 1번 출구", ""];

fn is_on(deal: &Deal) -> bool {
    deal.state() == State::Reserved
}

fn either<'a>(deal: &'a Deal, chance: &mut StdRng) -> &'a str {
    if chance.random_bool(0.5) { &deal.seller } else { &deal.buyer }
}

pub(super) fn reschedule(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let deal = one_of(&known.deals, is_on, chance)?;
    let request = RescheduleDealRequest {
        id: told(&deal.id, chance),
        meeting_time: meeting(chance),
        meeting_place: word(PLACES, chance),
        etag: etag(chance),
        request_id: any_id(chance),
    };
    let who = either(deal, chance);
    Some(ask(who, "/jangteo.deal.v1.DealService/RescheduleDeal", &request, chance))
}

pub(super) fn cancel(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let deal = one_of(&known.deals, is_on, chance)?;
    let request = CancelDealRequest {
        id: told(&deal.id, chance),
        etag: etag(chance),
        request_id: any_id(chance),
    };
    let who = either(deal, chance);
    Some(ask(who, "/jangteo.deal.v1.DealService/CancelDeal", &request, chance))
}

pub(super) fn complete(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let deal = one_of(&known.deals, is_on, chance)?;
    let request = CompleteDealRequest {
        id: told(&deal.id, chance),
        etag: etag(chance),
        request_id: any_id(chance),
    };
    Some(ask(&deal.seller, "/jangteo.deal.v1.DealService/CompleteDeal", &request, chance))
}
