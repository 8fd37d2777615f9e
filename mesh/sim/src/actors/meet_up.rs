//! Meet-up: a deal on pieces of a product, which change hands at a place.

use jangteo::deal::v1::ReserveDealRequest;
use rand::rngs::StdRng;

use super::{
    Acts, Known, Move,
    cast::{BUYERS, any_id, ask, meeting, one_in, one_of, person, pieces, told, word},
    deals, products,
};

pub(super) const ACTS: Acts = &[
    (2, products::register_counted),
    (1, products::update),
    (2, products::restock),
    (1, products::release),
    (8, reserve_deal),
    (1, deals::reschedule),
    (3, deals::cancel),
    (6, deals::complete),
];

fn reserve_deal(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let product = one_of(&known.products, products::is_counted, chance)?;
    let request = ReserveDealRequest {
        offer_id: String::new(),
        meeting_time: meeting(chance),
        meeting_place: word(deals::PLACES, chance),
        request_id: any_id(chance),
        product_id: told(&product.id, chance),
        // None is one.
        quantity: if one_in(8, chance) { 0 } else { pieces(chance) },
    };
    let buyer = person(BUYERS, chance);
    Some(ask(buyer, "/jangteo.deal.v1.DealService/ReserveDeal", &request, chance))
}
