//! Flowers: orders of counted products, called off or delivered.

use rand::rngs::StdRng;

use super::{Acts, Known, Move, cast, orders, products};

pub(super) const ACTS: Acts = &[
    (2, products::register_counted),
    (2, products::update),
    (2, products::restock),
    (1, products::release),
    (8, place_order),
    (3, orders::cancel),
    (5, orders::pick_up),
    (5, orders::complete),
];

fn place_order(known: &Known, chance: &mut StdRng) -> Option<Move> {
    orders::place(known, products::is_counted, cast::pieces, chance)
}
