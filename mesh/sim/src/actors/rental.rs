//! Rental: an item is reserved, paid, lent, brought back and reviewed.

use jangteo::{
    item::v1::{
        DeleteItemRequest, Item, LendItemRequest, RegisterItemRequest, ReturnItemRequest,
        UpdateItemRequest, item::State as ItemState,
    },
    rental::v1::{
        CancelRentalPaymentRequest, CancelRentalRequest, PayRentalRequest, Rental,
        ReserveRentalRequest, rental::State,
    },
    review::v1::WriteReviewRequest,
};
use rand::{Rng, rngs::StdRng};

use super::{
    Acts, Known, Move,
    cast::{OWNERS, RENTERS, any_id, ask, etag, few, mask, one_of, person, price, told, word},
};

pub(super) const ACTS: Acts = &[
    (2, register_item),
    (1, update_item),
    (1, delete_item),
    (4, reserve_rental),
    (8, pay_rental),
    (1, cancel_payment),
    (2, cancel_rental),
    (6, lend_item),
    (6, return_item),
    (5, write_review),
];

const NAMES: &[&str] = &["텐트", "전동드릴", "유모차"];

fn is_there(item: &Item) -> bool {
    !matches!(item.state(), ItemState::Retired | ItemState::Deleted)
}

fn is_free(item: &Item) -> bool {
    item.state() == ItemState::Rentable
}

/// It was not paid, as far as anybody has heard.
pub(super) fn is_unpaid(rental: &Rental) -> bool {
    matches!(rental.state(), State::Requested | State::Confirmed | State::Paying)
}

fn is_paid(rental: &Rental) -> bool {
    rental.state() == State::Paid
}

fn register_item(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let there = known.items.iter().filter(|it| is_there(it)).count();
    let request = few(there, chance).then(|| RegisterItemRequest {
        name: word(NAMES, chance),
        price_krw: price(chance),
        request_id: any_id(chance),
    })?;
    let owner = person(OWNERS, chance);
    Some(ask(owner, "/jangteo.item.v1.ItemService/RegisterItem", &request, chance))
}

fn update_item(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let item = one_of(&known.items, is_free, chance)?;
    let request = UpdateItemRequest {
        id: told(&item.id, chance),
        name: chance.random_bool(0.5).then(|| word(NAMES, chance)),
        price_krw: Some(price(chance)),
        etag: etag(chance),
        request_id: any_id(chance),
        update_mask: mask("price_krw", chance),
    };
    Some(ask(&item.owner, "/jangteo.item.v1.ItemService/UpdateItem", &request, chance))
}

fn delete_item(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let item = one_of(&known.items, is_free, chance)?;
    let request = DeleteItemRequest {
        id: told(&item.id, chance),
        etag: etag(chance),
        request_id: any_id(chance),
    };
    Some(ask(&item.owner, "/jangteo.item.v1.ItemService/DeleteItem", &request, chance))
}

fn reserve_rental(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let item = one_of(&known.items, is_free, chance)?;
    let request =
        ReserveRentalRequest { item_id: told(&item.id, chance), request_id: any_id(chance) };
    let renter = person(RENTERS, chance);
    Some(ask(renter, "/jangteo.rental.v1.RentalService/ReserveRental", &request, chance))
}

fn pay_rental(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let rental = one_of(&known.rentals, is_unpaid, chance)?;
    let request = PayRentalRequest {
        id: told(&rental.id, chance),
        etag: etag(chance),
        request_id: any_id(chance),
    };
    Some(ask(&rental.renter, "/jangteo.rental.v1.RentalService/PayRental", &request, chance))
}

fn cancel_payment(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let rental = one_of(&known.rentals, is_paid, chance)?;
    let request = CancelRentalPaymentRequest {
        id: told(&rental.id, chance),
        etag: etag(chance),
        request_id: any_id(chance),
    };
    let renter = &rental.renter;
    Some(ask(renter, "/jangteo.rental.v1.RentalService/CancelRentalPayment", &request, chance))
}

fn cancel_rental(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let rental = one_of(&known.rentals, |it| is_unpaid(it) || is_paid(it), chance)?;
    let request = CancelRentalRequest {
        id: told(&rental.id, chance),
        etag: etag(chance),
        request_id: any_id(chance),
    };
    Some(ask(&rental.renter, "/jangteo.rental.v1.RentalService/CancelRental", &request, chance))
}

fn lend_item(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let rental = one_of(&known.rentals, is_paid, chance)?;
    let item = known.item(rental)?;
    let request = LendItemRequest {
        id: item.id.clone(),
        rental_id: told(&rental.id, chance),
        etag: etag(chance),
        request_id: any_id(chance),
    };
    Some(ask(&item.owner, "/jangteo.item.v1.ItemService/LendItem", &request, chance))
}

fn return_item(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let rental = one_of(&known.rentals, |it| it.state() == State::Lent, chance)?;
    let item = known.item(rental)?;
    let request = ReturnItemRequest {
        id: item.id.clone(),
        rental_id: told(&rental.id, chance),
        etag: etag(chance),
        request_id: any_id(chance),
    };
    Some(ask(&item.owner, "/jangteo.item.v1.ItemService/ReturnItem", &request, chance))
}

fn write_review(known: &Known, chance: &mut StdRng) -> Option<Move> {
    let rental = one_of(&known.rentals, |it| known.is_to_be_reviewed(it), chance)?;
    let request = WriteReviewRequest {
        id: told(&rental.id, chance),
        score: chance.random_range(1..=5),
        etag: etag(chance),
        request_id: any_id(chance),
    };
    Some(ask(&rental.renter, "/jangteo.review.v1.ReviewService/WriteReview", &request, chance))
}

impl Known {
    fn item(&self, rental: &Rental) -> Option<&Item> {
        self.items.iter().find(|it| it.id == rental.item_id)
    }

    fn is_to_be_reviewed(&self, rental: &Rental) -> bool {
        let is_reviewed = self.reviews.iter().any(|it| it.id == rental.id);
        rental.state() == State::Returned && !is_reviewed
    }
}
