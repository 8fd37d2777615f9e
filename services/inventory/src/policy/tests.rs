//! What happens to purchases, and what becomes of their pieces.

use jangteo::deal::v1::{DealRescheduled, DealReserved};
use prost::Name;
use uuid::Uuid;

use super::*;

const PURCHASE: Uuid = Uuid::from_u128(7);
const PRODUCT: Uuid = Uuid::from_u128(1);

fn event(message: &impl Name) -> Event {
    jangteo_testing::event(PURCHASE, 2, message, 5)
}

fn cancelled(product_id: String) -> Event {
    let deal_id = PURCHASE.to_string();
    event(&DealCancelled { deal_id, product_id, ..DealCancelled::default() })
}

fn ordered() -> Vec<OrderedLine> {
    let line =
        |id| OrderedLine { product_id: Uuid::from_u128(id).to_string(), ..Default::default() };
    [1, 2].map(line).to_vec()
}

/// The same command for both products of an order.
fn both(command: &Command) -> Vec<(Target<Never>, Command)> {
    [1, 2].map(|id| (Target::One(Uuid::from_u128(id)), command.clone())).to_vec()
}

fn ended(product_id: String) -> Event {
    event(&DealEnded { deal_id: PURCHASE.to_string(), product_id, ..DealEnded::default() })
}

/// C-F6, C-T6
#[test]
fn a_cancelled_deal_gives_its_pieces_back() {
    let orders = Product::policy(&cancelled(PRODUCT.to_string())).unwrap();
    let give_back = Command::GiveBack { holder: PURCHASE, at: 5 };
    assert_eq!(orders, [(Target::One(PRODUCT), give_back)]);
}

/// C-F4, C-T4
#[test]
fn an_ended_deal_takes_its_pieces() {
    let orders = Product::policy(&ended(PRODUCT.to_string())).unwrap();
    assert_eq!(orders, [(Target::One(PRODUCT), Command::Take { holder: PURCHASE, at: 5 })]);
}

/// E-F3, E-T2
#[test]
fn a_placed_order_is_sold_its_pieces() {
    let placed = OrderPlaced { lines: ordered(), ..OrderPlaced::default() };
    let sell = Command::Sell { holder: PURCHASE, at: 5 };
    assert_eq!(Product::policy(&event(&placed)).unwrap(), both(&sell));
}

/// E-F5, E-T5
#[test]
fn a_cancelled_order_gives_its_pieces_back() {
    let cancelled = OrderCancelled { lines: ordered(), ..OrderCancelled::default() };
    let give_back = Command::GiveBack { holder: PURCHASE, at: 5 };
    assert_eq!(Product::policy(&event(&cancelled)).unwrap(), both(&give_back));
}

/// E-F4
#[test]
fn what_an_order_was_sold_is_forgotten_once_it_is_delivered() {
    let delivered = OrderDelivered { lines: ordered(), ..OrderDelivered::default() };
    let forget = Command::Forget { holder: PURCHASE };
    assert_eq!(Product::policy(&event(&delivered)).unwrap(), both(&forget));
}

/// C.12: the original takes stock when a trade begins.
#[test]
fn what_else_happens_to_deals_leaves_products_alone() {
    let (reserved, rescheduled) = (DealReserved::default(), DealRescheduled::default());
    for event in [event(&reserved), event(&rescheduled)] {
        assert_eq!(Product::policy(&event).unwrap(), [], "{}", event.type_name);
    }
}

#[test]
fn a_deal_about_a_post_leaves_products_alone() {
    for event in [cancelled(String::new()), ended(String::new())] {
        assert_eq!(Product::policy(&event).unwrap(), [], "{}", event.type_name);
    }
}

#[test]
fn an_event_that_is_not_what_it_says_is_told() {
    let broken = Event { payload: vec![0xff], ..cancelled(PRODUCT.to_string()) };
    for unfit in [broken, cancelled("1".to_owned()), ended("1".to_owned())] {
        assert!(Product::policy(&unfit).is_err());
    }
}
