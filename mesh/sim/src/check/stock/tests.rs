use jangteo::{
    deal::v1::{DealCancelled, DealEnded},
    inventory::v1::{ProductChanged, ProductReleased},
    order::v1::OrderCancelled,
};

use super::*;
use crate::check::samples::{Story, text};

const PRODUCT: u128 = 1;
const ORDER: u128 = 2;
const DEAL: u128 = 3;

fn registered() -> Story {
    let (on_hand, available, price_krw) = (10, 10, 100);
    let owner = "seller01".to_owned();
    let product = ProductRegistered { owner, price_krw, on_hand, available, ..Default::default() };
    Story::default().tell(PRODUCT, &product)
}

fn held(holder: u128, quantity: i64, on_hand: i64, available: i64) -> StockHeld {
    let holder_id = text(holder);
    StockHeld { holder_id, quantity, on_hand, available, ..Default::default() }
}

fn gone(holder: u128, quantity: i64, on_hand: i64, available: i64) -> StockDecreased {
    let holder_id = text(holder);
    StockDecreased { holder_id, quantity, on_hand, available, ..Default::default() }
}

/// Pieces of whoever held them, or new ones.
fn more(quantity: i64, on_hand: i64, available: i64) -> StockIncreased {
    StockIncreased { quantity, on_hand, available, ..Default::default() }
}

fn placed() -> OrderPlaced {
    let (product_id, quantity, price_krw) = (text(PRODUCT), 3, 100);
    let line = OrderedLine { product_id, quantity, price_krw, ..Default::default() };
    OrderPlaced { seller: "seller01".to_owned(), lines: vec![line], ..Default::default() }
}

fn reserved() -> DealReserved {
    DealReserved {
        product_id: text(PRODUCT),
        seller: "seller01".to_owned(),
        quantity: 2,
        price_krw: 200,
        ..Default::default()
    }
}

/// An order takes three, and is called off again; a piece comes in.
fn ordered() -> Story {
    registered()
        .tell(PRODUCT, &held(ORDER, 3, 10, 7))
        .tell(ORDER, &placed())
        .tell(PRODUCT, &gone(ORDER, 3, 7, 7))
        .tell(PRODUCT, &more(1, 8, 8))
        .tell(ORDER, &OrderCancelled::default())
        .follow("OrderCancelled", PRODUCT, &more(3, 11, 11))
}

/// A deal holds two, and is done, while another one holds one and comes to nothing; then no more is sold.
fn dealt() -> Story {
    let let_go = StockReleased {
        holder_id: text(4),
        quantity: 1,
        on_hand: 10,
        available: 8,
        ..Default::default()
    };
    let released = ProductReleased { on_hand: 8, available: 8, ..Default::default() };
    registered()
        .tell(PRODUCT, &held(DEAL, 2, 10, 8))
        .tell(DEAL, &reserved())
        .tell(PRODUCT, &held(4, 1, 10, 7))
        .tell(PRODUCT, &let_go)
        .tell(DEAL, &DealEnded::default())
        .tell(PRODUCT, &gone(DEAL, 2, 8, 8))
        .tell(PRODUCT, &released)
}

/// The same deal, called off.
fn deal_off() -> Story {
    let holder_id = text(DEAL);
    let (quantity, on_hand, available) = (2, 10, 10);
    let let_go = StockReleased { holder_id, quantity, on_hand, available, ..Default::default() };
    registered()
        .tell(PRODUCT, &held(DEAL, 2, 10, 8))
        .tell(DEAL, &reserved())
        .tell(DEAL, &DealCancelled::default())
        .tell(PRODUCT, &let_go)
}

#[test]
fn a_clean_history_passes() {
    ordered().keeps::<Stock>();
    dealt().keeps::<Stock>();
    dealt().until("DealEnded").keeps::<Stock>();
    deal_off().keeps::<Stock>();
}

#[test]
fn each_corruption_of_a_number_is_found_by_its_name() {
    for (name, story) in [
        (NEGATIVE, dealt().altered(|held: &mut StockHeld| held.available = -1)),
        (NEGATIVE, dealt().altered(|gone: &mut StockDecreased| gone.on_hand = 7)),
        (CHANGE, dealt().altered(|gone: &mut StockDecreased| gone.on_hand = 9)),
        (CHANGE, ordered().altered(|more: &mut StockIncreased| more.quantity = 2)),
        (CHANGE, ordered().twice("StockIncreased")),
        (CHANGE, dealt().altered(|released: &mut ProductReleased| released.on_hand = 9)),
        (CHANGE, registered().altered(|new: &mut ProductRegistered| new.store_id = text(9))),
    ] {
        story.breaks::<Stock>(name);
    }
}

#[test]
fn each_corruption_of_a_purchase_is_found_by_its_name() {
    let changed = ProductChanged { on_hand: 8, available: 8, ..Default::default() };
    for (name, story) in [
        (ONCE, dealt().twice("StockHeld")),
        (ONCE, dealt().twice("StockDecreased")),
        (ONCE, dealt().twice("StockReleased")),
        (ONCE, ordered().follow("OrderCancelled", PRODUCT, &more(3, 14, 14))),
        (BOUGHT, deal_off().without("DealCancelled")),
        (BOUGHT, dealt().late("DealEnded")),
        (RELEASED, dealt().tell(PRODUCT, &changed)),
        (RELEASED, dealt().tell(PRODUCT, &more(1, 9, 9))),
        (RELEASED, dealt().tell(PRODUCT, &held(5, 1, 8, 7))),
        (PRICED, ordered().altered(|placed: &mut OrderPlaced| placed.lines[0].price_krw = 99)),
        (PRICED, ordered().altered(|placed: &mut OrderPlaced| placed.seller = "other".to_owned())),
        (PRICED, dealt().altered(|deal: &mut DealReserved| deal.price_krw = 100)),
        (PRICED, dealt().without("StockHeld")),
        (AT_REST, ordered().until("StockDecreased")),
        (AT_REST, deal_off().without("StockReleased")),
        (AT_REST, dealt().without("StockDecreased")),
        (SUM, ordered().altered(|new: &mut ProductRegistered| new.on_hand = 9)),
        (SUM, dealt().until("StockDecreased")),
    ] {
        story.breaks::<Stock>(name);
    }
}
