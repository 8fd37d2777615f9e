//! What each event says of an item and its rental.

use jangteo::{
    item::v1::ItemReservationRefused,
    rental::v1::{
        RentalCancelled, RentalConfirmed, RentalLent, RentalPaid, RentalPaymentCancelled,
        RentalRefused, RentalRequested, RentalReturned,
    },
    review::v1::{ReviewRequested, ReviewWritten},
};
use sea_orm::ActiveValue::NotSet;
use uuid::Uuid;

use super::{rental::Said, *};
use crate::project::sample::event;

const ITEM: u128 = 1;

fn rental() -> Uuid {
    Uuid::from_u128(2)
}

/// The columns that an event changes; the time of the change is the event's.
fn altered(event: &Event) -> ActiveModel {
    let Ok(Some(Change::Altered(row))) = changes(event) else { panic!("{event:?}") };
    assert_eq!(row.update_time, Set(event.time));
    ActiveModel { update_time: NotSet, ..*row }
}

fn item_reserved() -> ItemReserved {
    let (rental_id, renter) = (rental().to_string(), "renter01".to_owned());
    ItemReserved { rental_id, renter, ..Default::default() }
}

#[test]
fn a_reserved_item_names_its_rental_and_renter() {
    let expected = ActiveModel {
        rental_id: Set(Some(rental())),
        renter: Set(Some("renter01".to_owned())),
        rental_status: Set(number(RentalStatus::NotRenting)),
        ..Default::default()
    };
    assert_eq!(altered(&event(ITEM, 2, &item_reserved())), expected);
}

/// B.14-9: the original kept the customer.
#[test]
fn nothing_is_left_of_a_rental_that_was_called_off() {
    let expected = ActiveModel {
        rental_id: Set(None),
        renter: Set(None),
        rental_status: Set(number(RentalStatus::Unspecified)),
        ..Default::default()
    };
    assert_eq!(altered(&event(ITEM, 3, &ItemReleased::default())), expected);
}

#[test]
fn what_is_lent_and_returned_keeps_its_renter() {
    for (event, status) in [
        (event(ITEM, 3, &ItemLent::default()), RentalStatus::Renting),
        (event(ITEM, 4, &ItemReturned::default()), RentalStatus::Returned),
    ] {
        let expected = ActiveModel { rental_status: Set(number(status)), ..Default::default() };
        assert_eq!(altered(&event), expected);
    }
}

#[test]
fn an_item_that_is_changed_retired_or_deleted_keeps_its_rental() {
    let changed = ItemChanged { name: "Tent".to_owned(), price_krw: 7, ..Default::default() };
    let expected =
        ActiveModel { name: Set("Tent".to_owned()), price_krw: Set(7), ..Default::default() };
    assert_eq!(altered(&event(ITEM, 2, &changed)), expected);
    let retired = altered(&event(ITEM, 5, &ItemRetired::default()));
    assert_eq!(retired, ActiveModel { retired: Set(true), ..Default::default() });
    let deleted = altered(&event(ITEM, 2, &ItemDeleted::default()));
    assert_eq!(deleted, ActiveModel { removed: Set(true), ..Default::default() });
}

#[test]
fn a_rental_is_paid_or_not_and_its_review_has_a_score() {
    let written = ReviewWritten { score: 5, ..Default::default() };
    for (event, said) in [
        (event(2, 2, &RentalConfirmed::default()), Said::Paid(false)),
        (event(2, 3, &RentalPaid::default()), Said::Paid(true)),
        (event(2, 4, &RentalPaymentCancelled::default()), Said::Paid(false)),
        (event(2, 2, &written), Said::Scored(5)),
    ] {
        assert_eq!(changes(&event).unwrap(), Some(Change::Rental(said)));
    }
}

#[test]
fn a_rental_without_an_id_and_a_broken_review_do_not_fit() {
    let nameless = ItemReserved { rental_id: "rental 1".to_owned(), ..item_reserved() };
    let Err(Failure::Rejected(Unfit(why))) = changes(&event(ITEM, 2, &nameless)) else { panic!() };
    assert!(why.starts_with("rental_id rental 1"), "{why}");
    let broken = Event { payload: vec![0xff], ..event(2, 2, &ReviewWritten::default()) };
    changes(&broken).unwrap_err();
}

#[test]
fn what_else_happens_says_nothing_of_an_item() {
    for event in [
        event(ITEM, 2, &ItemReservationRefused::default()),
        event(2, 1, &RentalRequested::default()),
        event(2, 2, &RentalRefused::default()),
        event(2, 3, &RentalCancelled::default()),
        event(2, 4, &RentalLent::default()),
        event(2, 5, &RentalReturned::default()),
        event(2, 1, &ReviewRequested::default()),
    ] {
        assert_eq!(changes(&event).unwrap(), None, "{}", event.type_name);
    }
}
