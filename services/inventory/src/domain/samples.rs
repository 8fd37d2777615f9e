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
    let (owner, store, sold) = ("owner01".to_owned(), None, vec![]);
    Product { id: ID, owner, listing, store, on_hand: 10, held, sold, released: false }
}

/// The store of `owner01`.
pub(crate) const STORE: Uuid = Uuid::from_u128(99);

/// D-F1: the same, made to order by his store.
pub(crate) fn made_to_order() -> Product {
    Product { store: Some(STORE), on_hand: 0, ..product(vec![]) }
}

/// Three of the ten are held, three are sold.
pub(crate) fn partly_sold() -> Product {
    Product { on_hand: 7, sold: vec![hold(2, 3)], ..product(vec![hold(1, 3)]) }
}

pub(crate) fn released(product: Product) -> Product {
    Product { released: true, ..product }
}

pub(crate) fn sold_out() -> Product {
    Product { on_hand: 0, ..product(vec![]) }
}

/// What is counted: free, held in part, held to the last piece, sold in part, and sold out; each of them on
/// sale and released.
pub(crate) fn products() -> Vec<Product> {
    let all_held = product(vec![hold(1, 3), hold(2, 7)]);
    let on_sale =
        vec![product(vec![]), product(vec![hold(1, 3)]), all_held, partly_sold(), sold_out()];
    let released = on_sale.clone().into_iter().map(released);
    on_sale.into_iter().chain(released).collect()
}

/// Every kind of product: also what is made to order, on sale and released.
pub(crate) fn every() -> Vec<Product> {
    [products(), vec![made_to_order(), released(made_to_order())]].concat()
}
