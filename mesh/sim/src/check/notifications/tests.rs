use jangteo::{
    deal::v1::DealEnded, inventory::v1::StockDecreased, order::v1::OrderPlaced,
    payment::v1::PaymentCancelled, store::v1::TicketAccepted,
};

use super::*;
use crate::check::samples::{Story, text};

const ORDER: u128 = 1;
const PAYMENT: u128 = 2;

fn note(recipient: &str, kind: &str, subject: &str) -> NotificationSent {
    let (recipient, kind) = (recipient.to_owned(), kind.to_owned());
    NotificationSent { recipient, kind, subject: subject.to_owned(), ..Default::default() }
}

fn customer() -> String {
    "customer01".to_owned()
}

fn refunded(refunded: bool) -> PaymentCancelled {
    PaymentCancelled { payer: customer(), refunded, ..Default::default() }
}

/// An order and its ticket, a refund, a payment that was undone, some pieces that are gone, and a deal of
/// somebody with himself.
fn story() -> Story {
    let order = format!("orders/{}", text(ORDER));
    let seller = "seller01".to_owned();
    let placed = OrderPlaced { customer: customer(), seller, ..Default::default() };
    let accepted = TicketAccepted { customer: customer(), ..Default::default() };
    let gone = StockDecreased { owner: "owner01".to_owned(), ..Default::default() };
    let (one, same) = ("both".to_owned(), "both".to_owned());
    let ended = DealEnded { seller: one, buyer: same, ..Default::default() };
    let read = NotificationRead { recipient: "seller01".to_owned(), ..Default::default() };
    Story::default()
        .tell(ORDER, &placed)
        .follow("OrderPlaced", 11, &note("seller01", "order_placed", &order))
        .tell(ORDER, &accepted)
        .follow("OrderPlaced", 12, &note("customer01", "order_placed", &order))
        .follow("TicketAccepted", 13, &note("customer01", "order_accepted", &order))
        .tell(PAYMENT + 1, &refunded(false))
        .tell(PAYMENT, &refunded(true))
        .follow("PaymentCancelled", 14, &note("customer01", "payment_refunded", &payment()))
        .tell(3, &gone)
        .follow("StockDecreased", 15, &note("owner01", "stock_decreased", &resource(3, "products")))
        .tell(4, &ended)
        .follow("DealEnded", 16, &note("both", "deal_ended", &resource(4, "deals")))
        .tell(11, &read)
}

fn resource(number: u128, collection: &str) -> String {
    format!("{collection}/{}", text(number))
}

fn payment() -> String {
    resource(PAYMENT, "payments")
}

#[test]
fn a_clean_history_passes() {
    story().keeps::<Notifications>();
}

#[test]
fn each_corruption_is_found_by_its_name() {
    let order = resource(ORDER, "orders");
    let undone = resource(PAYMENT + 1, "payments");
    let congratulated = note("customer01", "payment_refunded", &undone);
    for (name, story) in [
        (ONCE, story().twice("NotificationSent")),
        (ONCE, story().follow("OrderPlaced", 20, &note("seller01", "order_placed", &order))),
        (TOLD, story().without("NotificationSent")),
        (TOLD, story().altered(|note: &mut NotificationSent| note.recipient = customer())),
        (HAPPENED, story().without("OrderPlaced")),
        (HAPPENED, story().altered(|note: &mut NotificationSent| note.subject.clear())),
        (HAPPENED, story().follow("OrderPlaced", 20, &note("other", "order_placed", &order))),
        (
            HAPPENED,
            story().follow("OrderPlaced", 20, &note("customer01", "order_delivered", &order)),
        ),
        (
            HAPPENED,
            Story::default().tell(PAYMENT + 1, &refunded(false)).follow(
                "PaymentCancelled",
                20,
                &congratulated,
            ),
        ),
        (READ, story().twice("NotificationRead")),
        (READ, story().altered(|read: &mut NotificationRead| read.recipient = customer())),
        (READ, story().altered(|note: &mut NotificationSent| note.read = true)),
    ] {
        story.breaks::<Notifications>(name);
    }
}
