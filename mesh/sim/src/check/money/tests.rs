use jangteo::{
    order::v1::{OrderCancelled, OrderedLine},
    rental::v1::{RentalCancelled, RentalPaymentCancelled},
};

use super::*;
use crate::check::samples::{Story, text};

const ORDER: u128 = 1;
const RENTAL: u128 = 2;

fn order_key() -> String {
    format!("orders/{}/payments/1", text(ORDER))
}

fn key(attempt: i64) -> String {
    rental_key(Uuid::from_u128(RENTAL), attempt)
}

fn made(key: String) -> ChargeMade {
    ChargeMade { key, payer: "buyer01".to_owned(), amount_krw: 200, ..Default::default() }
}

fn back(key: String) -> ChargeRefunded {
    ChargeRefunded { key, payer: "buyer01".to_owned(), amount_krw: 200, ..Default::default() }
}

fn approved(key: String) -> PaymentApproved {
    PaymentApproved {
        payment_id: key.clone(),
        key,
        payer: "buyer01".to_owned(),
        payee: "seller01".to_owned(),
        amount_krw: 200,
        time: None,
    }
}

fn cancelled(key: String, refunded: bool) -> PaymentCancelled {
    PaymentCancelled { key, amount_krw: 200, refunded, ..Default::default() }
}

fn placed() -> OrderPlaced {
    OrderPlaced {
        customer: "buyer01".to_owned(),
        seller: "seller01".to_owned(),
        lines: vec![OrderedLine { quantity: 2, price_krw: 100, ..Default::default() }],
        total_krw: 200,
        payment_id: order_key(),
        ..Default::default()
    }
}

fn paid(attempt: i64) -> RentalPaid {
    RentalPaid {
        renter: "buyer01".to_owned(),
        owner: "seller01".to_owned(),
        price_krw: 200,
        attempt,
        payment_id: key(attempt),
        ..Default::default()
    }
}

fn charged(story: Story, at: u128, key: &str) -> Story {
    story.tell(at, &made(key.to_owned())).tell(at + 100, &approved(key.to_owned()))
}

fn refunded(story: Story, at: u128, key: &str, counted: bool) -> Story {
    story.tell(at, &back(key.to_owned())).tell(at + 100, &cancelled(key.to_owned(), counted))
}

/// An order that stands.
fn ordered() -> Story {
    charged(Story::default(), 10, &order_key()).tell(ORDER, &placed())
}

/// One that is called off.
fn called_off() -> Story {
    let off = OrderCancelled { payment_key: order_key(), total_krw: 200, ..Default::default() };
    refunded(ordered().tell(ORDER, &off), 10, &order_key(), true)
}

/// A rental whose first try is declined, whose second is undone, and that is paid twice after that, and
/// called off.
fn rented() -> Story {
    let declined = PaymentDeclined { key: key(1), ..Default::default() };
    let story = charged(Story::default().tell(120, &declined), 21, &key(2));
    let story = refunded(story, 21, &key(2), false);
    let story = charged(story, 22, &key(3)).tell(RENTAL, &paid(3));
    let kept = RentalPaymentCancelled { attempt: 3, ..Default::default() };
    let story = refunded(story.tell(RENTAL, &kept), 22, &key(3), true);
    let story = charged(story, 23, &key(4)).tell(RENTAL, &paid(4));
    let off = RentalCancelled { payment_key: key(4), ..Default::default() };
    refunded(story.tell(RENTAL, &off), 23, &key(4), true)
}

#[test]
fn a_clean_history_passes() {
    ordered().keeps::<Money>();
    called_off().keeps::<Money>();
    rented().keeps::<Money>();
}

/// What goes back after another payment was made is on its way, and not lost.
#[test]
fn money_may_be_late_on_its_way_back() {
    let kept = RentalPaymentCancelled { attempt: 3, ..Default::default() };
    let story = charged(Story::default(), 22, &key(3)).tell(RENTAL, &paid(3)).tell(RENTAL, &kept);
    let story = charged(story, 23, &key(4)).tell(RENTAL, &paid(4));
    refunded(story, 22, &key(3), true).keeps::<Money>();
}

#[test]
fn each_corruption_of_a_charge_is_found_by_its_name() {
    for (name, story) in [
        (CHARGED_ONCE, ordered().twice("ChargeMade")),
        (BACK_ONCE, called_off().twice("ChargeRefunded")),
        (BACK_ONCE, called_off().altered(|back: &mut ChargeRefunded| back.amount_krw = 100)),
        (BACK_ONCE, called_off().without("ChargeMade")),
        (DEAD_KEY, rented().tell(20, &made(key(1)))),
        (DEAD_KEY, called_off().again("ChargeMade")),
        (ENDS_ONCE, ordered().twice("PaymentApproved")),
        (ENDS_ONCE, called_off().again("PaymentApproved")),
        (ENDS_ONCE, called_off().twice("PaymentCancelled")),
        (ENDS_ONCE, rented().twice("PaymentDeclined")),
        (AGREES, ordered().altered(|approved: &mut PaymentApproved| approved.amount_krw = 100)),
        (AGREES, ordered().without("ChargeMade")),
        (AGREES, called_off().late("ChargeRefunded")),
        (AGREES, called_off().without("PaymentCancelled")),
    ] {
        story.breaks::<Money>(name);
    }
}

#[test]
fn each_corruption_of_what_is_paid_for_is_found_by_its_name() {
    let lost = charged(Story::default(), 10, &order_key());
    let own = charged(rented().until("RentalPaymentCancelled"), 23, &key(4));
    for (name, story) in [
        (PRICE, ordered().altered(|placed: &mut OrderPlaced| placed.lines[0].price_krw = 99)),
        (PRICE, rented().altered(|paid: &mut RentalPaid| paid.price_krw = 100)),
        (PRICE, ordered().without("PaymentApproved")),
        (ONE_LIVE, own.tell(RENTAL, &paid(4))),
        (GIVEN_BACK, called_off().without("ChargeRefunded")),
        (GIVEN_BACK, called_off().without("OrderCancelled")),
        (GIVEN_BACK, rented().altered(|off: &mut RentalCancelled| off.payment_key.clear())),
        (STANDING, lost),
        (STANDING, called_off().without("OrderCancelled")),
    ] {
        story.breaks::<Money>(name);
    }
}
