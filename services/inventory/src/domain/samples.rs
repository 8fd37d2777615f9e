//! Products for tests.

use uuid::Uuid;

use super::{Hold, Listing, Product};

/// The product of all tests.
pub(crate) const ID: Uuid = Uuid::from_u128(1);

pub(crate) fn holder(number: u128) -> Uuid {
    Uuid::from_u128(100 + number)
}

pub(crate) fn hold(number: u128, quantity: i64) -> Hold {
    Hold { holder: holder(number), buyer: format!("buyer{number:02}"), quantity }
}

/// E-T1: ten pieces, of which so many are held.
pub(crate) fn product(held: Vec<Hold>) -> Product {
    let listing =
        Listing { name: "장미".to_owned(), spec: "100송이".to_owned(), price_krw: 50_000 };
    Product { id: ID, owner: "owner01".to_owned(), listing, on_hand: 10, held, released: false }
}

pub(crate) fn released(product: Product) -> Product {
    Product { released: true, ..product }
}

pub(crate) fn sold_out() -> Product {
    Product { on_hand: 0, ..product(vec![]) }
}

/// Free, held in part, held to the last piece, and sold out; each of them on sale and released.
pub(crate) fn products() -> Vec<Product> {
    let all_held = product(vec![hold(1, 3), hold(2, 7)]);
    let on_sale = vec![product(vec![]), product(vec![hold(1, 3)]), all_held, sold_out()];
    let released = on_sale.clone().into_iter().map(released);
    on_sale.into_iter().chain(released).collect()
}
