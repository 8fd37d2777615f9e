//! Events of items, as rentals take them.

use jangteo::item::v1::{ItemReleased, ItemRetired};
use prost::Name;
use uuid::Uuid;

use super::*;

const ITEM: Uuid = Uuid::from_u128(7);
const RENTAL: Uuid = Uuid::from_u128(1);
const NOW: i64 = 90;

fn event(message: &impl Name) -> Event {
    jangteo_testing::event(ITEM, 2, message, 5)
}

fn ordered(message: &impl Name) -> Orders<Rental> {
    arrived(&event(message), NOW).unwrap()
}

/// B-F5: the terms are the item's.
#[test]
fn an_item_that_is_kept_confirms() {
    let reserved = ItemReserved {
        rental_id: RENTAL.to_string(),
        owner: "YoungEunSong".to_owned(),
        name: "Camera".to_owned(),
        price_krw: 100,
        ..ItemReserved::default()
    };
    let terms =
        Terms { owner: "YoungEunSong".to_owned(), item_name: "Camera".to_owned(), price_krw: 100 };
    let confirm = Command::Confirm { terms, at: NOW };
    assert_eq!(ordered(&reserved), [(Target::One(RENTAL), confirm)]);
}

#[test]
fn an_item_that_is_not_to_be_had_refuses() {
    let refused = ItemReservationRefused {
        rental_id: RENTAL.to_string(),
        reason: "ITEM_RESERVED".to_owned(),
        ..ItemReservationRefused::default()
    };
    let refuse = Command::Refuse { reason: "ITEM_RESERVED".to_owned(), at: 5 };
    assert_eq!(ordered(&refused), [(Target::One(RENTAL), refuse)]);
}

/// B-F8, B-F10
#[test]
fn an_item_that_is_lent_and_comes_back_tells_its_rental() {
    let rental_id = RENTAL.to_string();
    let lent = ItemLent { rental_id: rental_id.clone(), ..ItemLent::default() };
    assert_eq!(ordered(&lent), [(Target::One(RENTAL), Command::Lent { at: 5 })]);
    let returned = ItemReturned { rental_id, ..ItemReturned::default() };
    assert_eq!(ordered(&returned), [(Target::One(RENTAL), Command::Returned { at: 5 })]);
}

#[test]
fn what_else_happens_to_items_leaves_rentals_alone() {
    let rental_id = RENTAL.to_string();
    let released = ItemReleased { rental_id: rental_id.clone(), ..ItemReleased::default() };
    let retired = ItemRetired { rental_id, ..ItemRetired::default() };
    assert_eq!(ordered(&released), []);
    assert_eq!(ordered(&retired), []);
}

#[test]
fn an_event_that_is_not_what_it_says_is_told() {
    let lent = event(&ItemLent { rental_id: "1".to_owned(), ..ItemLent::default() });
    let broken = Event { payload: vec![0xff], ..lent.clone() };
    for unfit in [lent, broken] {
        assert!(Rental::policy(&unfit).is_err());
    }
}
