//! Products, counted ones and those that a store makes to order.

use jangteo::inventory::v1::{
    Product, RegisterProductRequest, ReleaseProductRequest, RestockProductRequest,
    UpdateProductRequest, product::State,
};
use rand::{Rng, rngs::StdRng};

use super::{
    Known, Move,
    cast::{SELLERS, any_id, ask, etag, few, mask, one_of, person, price, told, word},
};

const FLOWERS: &[&str] = &["장미", "튤립", "백합", "리본"];
const DISHES: &[&str] = &["김밥", "떡볶이", "국수"];
const SPECS: &[&str] = &["한 묶음", "큰 것", ""];

/// Whether it can be bought, as far as there are pieces.
pub(super) fn is_counted(product: &Product) -> bool {
    product.state() == State::OnSale && product.store_id.is_empty()
}

/// Whether it can be ordered, and is made then.
pub(super) fn is_made(product: &Product) -> bool {
    product.state() == State::OnSale && !product.store_id.is_empty()
}

fn is_on_sale(product: &Product) -> bool {
    product.state() == State::OnSale
}

pub(super) fn register_counted(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let there = known.products.iter().filter(|it| is_counted(it)).count();
    let request = few(there, chance).then(|| RegisterProductRequest {
        name: word(FLOWERS, chance),
        spec: word(SPECS, chance),
        price_krw: price(chance),
        quantity: chance.random_range(0..=4),
        request_id: any_id(chance),
        store_id: String::new(),
    })?;
    let owner = person(SELLERS, chance);
    Some(ask(owner, "/jangteo.inventory.v1.InventoryService/RegisterProduct", &request, chance))
}

pub(super) fn register_made(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let store = one_of(&known.stores, |_| true, chance)?;
    let there = known.products.iter().filter(|it| is_made(it)).count();
    let request = few(there, chance).then(|| RegisterProductRequest {
        name: word(DISHES, chance),
        spec: word(SPECS, chance),
        price_krw: price(chance),
        quantity: 0,
        request_id: any_id(chance),
        store_id: told(&store.id, chance),
    })?;
    let owner = &store.owner;
    Some(ask(owner, "/jangteo.inventory.v1.InventoryService/RegisterProduct", &request, chance))
}

pub(super) fn update(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let product = one_of(&known.products, is_on_sale, chance)?;
    let everything = chance.random_bool(0.5);
    let request = UpdateProductRequest {
        id: told(&product.id, chance),
        name: everything.then(|| word(FLOWERS, chance)),
        spec: everything.then(|| word(SPECS, chance)),
        price_krw: Some(price(chance)),
        etag: etag(chance),
        request_id: any_id(chance),
        update_mask: mask("price_krw", chance),
    };
    let owner = &product.owner;
    Some(ask(owner, "/jangteo.inventory.v1.InventoryService/UpdateProduct", &request, chance))
}

pub(super) fn restock(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let product = one_of(&known.products, is_counted, chance)?;
    let request = RestockProductRequest {
        id: told(&product.id, chance),
        quantity: chance.random_range(1..=4),
        etag: etag(chance),
        request_id: any_id(chance),
    };
    let owner = &product.owner;
    Some(ask(owner, "/jangteo.inventory.v1.InventoryService/RestockProduct", &request, chance))
}

pub(super) fn release(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let product = one_of(&known.products, is_on_sale, chance)?;
    let request = ReleaseProductRequest {
        id: told(&product.id, chance),
        etag: etag(chance),
        request_id: any_id(chance),
    };
    let owner = &product.owner;
    Some(ask(owner, "/jangteo.inventory.v1.InventoryService/ReleaseProduct", &request, chance))
}
