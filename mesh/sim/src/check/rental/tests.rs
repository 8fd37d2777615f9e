use jangteo::{
    item::v1::{
        ItemChanged, ItemLent, ItemRegistered, ItemReleased, ItemReservationRefused, ItemReserved,
        ItemRetired, ItemReturned,
    },
    rental::v1::{
        RentalCancelled, RentalLent, RentalPaymentCancelled, RentalRefused, RentalRequested,
        RentalReturned,
    },
    review::v1::{ReviewRequested, ReviewWritten},
};

use super::*;
use crate::check::samples::{Story, text};

const ITEM: u128 = 1;
const FIRST: u128 = 2;
const SECOND: u128 = 3;

/// An event of the item, or of a rental of it.
macro_rules! of {
    ($event:ident, $rental:expr $(, $field:ident: $value:expr)*) => {
        $event {
            item_id: text(ITEM),
            rental_id: text($rental),
            $($field: $value,)*
            ..Default::default()
        }
    };
}

fn reserved(rental: u128) -> ItemReserved {
    of!(ItemReserved, rental, owner: "owner01".to_owned(), price_krw: 100)
}

fn refused(rental: u128) -> ItemReservationRefused {
    of!(ItemReservationRefused, rental, reason: "ITEM_RESERVED".to_owned())
}

fn confirmed(rental: u128) -> RentalConfirmed {
    of!(RentalConfirmed, rental, owner: "owner01".to_owned(), price_krw: 100)
}

fn paid(rental: u128, attempt: i64) -> RentalPaid {
    of!(RentalPaid, rental, owner: "owner01".to_owned(), price_krw: 100, attempt: attempt)
}

/// The first one is confirmed, the second one refused.
fn kept() -> Story {
    let (owner, price_krw) = ("owner01".to_owned(), 100);
    Story::default()
        .tell(ITEM, &ItemRegistered { owner, price_krw, ..Default::default() })
        .tell(FIRST, &of!(RentalRequested, FIRST))
        .tell(SECOND, &of!(RentalRequested, SECOND))
        .tell(ITEM, &reserved(FIRST))
        .tell(ITEM, &refused(SECOND))
        .tell(FIRST, &confirmed(FIRST))
        .tell(SECOND, &of!(RentalRefused, SECOND, reason: "ITEM_RESERVED".to_owned()))
}

/// The first one goes its way, with a change of mind.
fn returned() -> Story {
    kept()
        .tell(FIRST, &paid(FIRST, 1))
        .tell(FIRST, &of!(RentalPaymentCancelled, FIRST, attempt: 1))
        .tell(FIRST, &paid(FIRST, 3))
        .tell(ITEM, &of!(ItemLent, FIRST))
        .tell(FIRST, &of!(RentalLent, FIRST))
        .tell(ITEM, &of!(ItemReturned, FIRST))
        .tell(FIRST, &of!(RentalReturned, FIRST))
        .tell(FIRST, &of!(ReviewRequested, FIRST))
}

fn reviewed() -> Story {
    returned()
        .tell(ITEM, &of!(ItemRetired, FIRST))
        .tell(FIRST, &of!(ReviewWritten, FIRST, score: 5))
}

/// The first one is called off, and the next one has the item.
fn called_off() -> Story {
    kept()
        .tell(FIRST, &of!(RentalCancelled, FIRST))
        .tell(ITEM, &of!(ItemReleased, FIRST))
        .tell(4, &of!(RentalRequested, 4))
        .tell(ITEM, &reserved(4))
        .tell(4, &confirmed(4))
}

#[test]
fn a_clean_history_passes() {
    kept().keeps::<Rental>();
    returned().keeps::<Rental>();
    reviewed().keeps::<Rental>();
    called_off().keeps::<Rental>();
}

#[test]
fn each_corruption_of_an_item_is_found_by_its_name() {
    let other = of!(ItemReserved, 5);
    for (name, story) in [
        (ITEM_STEPS, kept().twice("ItemRegistered")),
        (ITEM_STEPS, kept().tell(ITEM, &ItemChanged::default())),
        (ITEM_STEPS, returned().twice("ItemReturned")),
        (ITEM_STEPS, returned().without("ItemLent")),
        (ITEM_STEPS, reviewed().tell(ITEM, &ItemChanged::default())),
        (ITEM_STEPS, called_off().twice("ItemReleased")),
        (ITEM_STEPS, reviewed().twice("ItemRetired")),
        (ONE_RENTAL, kept().tell(5, &of!(RentalRequested, 5)).tell(ITEM, &other)),
        (ANSWERED, kept().twice("ItemReservationRefused")),
        (ANSWERED, kept().without("RentalRequested")),
        (TERMS, kept().altered(|reserved: &mut ItemReserved| reserved.price_krw = 99)),
        (PAID_FIRST, kept().tell(ITEM, &of!(ItemLent, FIRST))),
        (
            PAID_FIRST,
            returned().until("RentalLent").late("RentalPaymentCancelled").late("ItemLent"),
        ),
        (LET_GO, called_off().without("RentalCancelled")),
        (LET_GO, called_off().until("ItemReleased")),
        (REVIEWED, returned().until("ItemReturned").tell(ITEM, &of!(ItemRetired, FIRST))),
    ] {
        story.breaks::<Rental>(name);
    }
}

#[test]
fn each_corruption_of_a_rental_is_found_by_its_name() {
    for (name, story) in [
        (RENTAL_STEPS, kept().twice("RentalRequested")),
        (RENTAL_STEPS, kept().twice("RentalConfirmed")),
        (RENTAL_STEPS, called_off().tell(FIRST, &paid(FIRST, 1))),
        (RENTAL_STEPS, returned().tell(FIRST, &of!(RentalCancelled, FIRST))),
        (RENTAL_STEPS, kept().tell(SECOND, &of!(RentalCancelled, SECOND))),
        (RENTAL_STEPS, returned().altered(|paid: &mut RentalPaid| paid.attempt = 3)),
        (ANSWERED, kept().altered(|confirmed: &mut RentalConfirmed| confirmed.price_krw = 99)),
        (ANSWERED, kept().altered(|refused: &mut RentalRefused| refused.reason.clear())),
        (TERMS, returned().altered(|paid: &mut RentalPaid| paid.price_krw = 99)),
        (SAME_END, kept().without("RentalConfirmed")),
        (SAME_END, returned().late("ItemLent")),
        (SAME_END, returned().late("ItemReturned")),
        (SAME_END, returned().without("RentalReturned")),
        (SAME_END, called_off().until("ItemReleased")),
        (REVIEWED, returned().without("ReviewRequested")),
        (REVIEWED, returned().twice("ReviewRequested")),
        (REVIEWED, returned().late("RentalReturned")),
        (REVIEWED, reviewed().twice("ReviewWritten")),
        (RETIRED, reviewed().without("ItemRetired")),
    ] {
        story.breaks::<Rental>(name);
    }
}
