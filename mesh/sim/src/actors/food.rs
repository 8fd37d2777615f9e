//! Food: a store, what it makes, orders of it, and their way through kitchen and street.

use jangteo::{
    order::v1::Order,
    store::v1::{
        AcceptTicketRequest, FinishCookingRequest, OpenStoreRequest, RejectTicketRequest,
        StartCookingRequest, ticket::State,
    },
};
use rand::{Rng, rngs::StdRng};

use super::{
    Acts, Known, Move,
    cast::{COOKS, any_id, ask, etag, few, one_of, person, told, word},
    orders, products,
};

pub(super) const ACTS: Acts = &[
    (2, open_store),
    (3, products::register_made),
    (1, products::update),
    (6, place_order),
    (6, accept_ticket),
    (1, reject_ticket),
    (6, start_cooking),
    (6, finish_cooking),
    (6, orders::pick_up),
    (6, orders::complete),
    (2, orders::cancel),
];

const NAMES: &[&str] = &["스토어99", "방배분식"];

fn open_store(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let request = few(known.stores.len(), chance)
        .then(|| OpenStoreRequest { name: word(NAMES, chance), request_id: any_id(chance) })?;
    let owner = person(COOKS, chance);
    Some(ask(owner, "/jangteo.store.v1.StoreService/OpenStore", &request, chance))
}

fn place_order(known: &Known, chance: &mut StdRng) -> Option<Move> {
    // Nothing is counted: many portions make totals that differ.
    orders::place(known, products::is_made, |chance| chance.random_range(1..100), chance)
}

/// An order whose ticket stands there.
fn with_ticket<'a>(known: &'a Known, states: &[State], chance: &mut StdRng) -> Option<&'a Order> {
    let is_made = |it: &Order| !it.store_id.is_empty() && orders::is_on(it);
    one_of(&known.orders, |it| is_made(it) && states.contains(&known.ticket(it)), chance)
}

fn accept_ticket(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let order = with_ticket(known, &[State::Received], chance)?;
    let request = AcceptTicketRequest {
        id: told(&order.id, chance),
        etag: etag(chance),
        request_id: any_id(chance),
    };
    Some(ask(&order.seller, "/jangteo.store.v1.TicketService/AcceptTicket", &request, chance))
}

fn reject_ticket(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let order = with_ticket(known, &[State::Received, State::Accepted], chance)?;
    let request = RejectTicketRequest {
        id: told(&order.id, chance),
        etag: etag(chance),
        request_id: any_id(chance),
    };
    Some(ask(&order.seller, "/jangteo.store.v1.TicketService/RejectTicket", &request, chance))
}

fn start_cooking(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let order = with_ticket(known, &[State::Accepted], chance)?;
    let request = StartCookingRequest {
        id: told(&order.id, chance),
        etag: etag(chance),
        request_id: any_id(chance),
    };
    Some(ask(&order.seller, "/jangteo.store.v1.TicketService/StartCooking", &request, chance))
}

fn finish_cooking(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let order = with_ticket(known, &[State::Cooking], chance)?;
    let request = FinishCookingRequest {
        id: told(&order.id, chance),
        etag: etag(chance),
        request_id: any_id(chance),
    };
    Some(ask(&order.seller, "/jangteo.store.v1.TicketService/FinishCooking", &request, chance))
}
