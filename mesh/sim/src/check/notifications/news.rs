//! Which events tell whom, and under which kind.

use crate::check::told::Told;

/// A kind, and whom it is for; an empty name is nobody's.
type News<'a> = (&'static str, [&'a str; 2]);

/// What an event tells whom, if anybody.
pub(super) fn of(told: &Told) -> Option<News<'_>> {
    offer(told).or_else(|| deal(told)).or_else(|| rental(told)).or_else(|| order(told))
}

/// One side hears what the other one does.
fn offer(told: &Told) -> Option<News<'_>> {
    let news = match told {
        Told::DealOffered(it) => one("deal_offered", &it.seller),
        Told::PriceProposed(it) => one("price_proposed", &it.seller),
        Told::OfferAccepted(it) => one("offer_accepted", &it.buyer),
        Told::OfferRefused(it) => one("offer_refused", &it.buyer),
        Told::OfferWithdrawn(it) => one("offer_withdrawn", &it.seller),
        Told::OfferAutoCancelled(it) => one("offer_auto_cancelled", &it.buyer),
        Told::OfferExpired(it) => one("offer_expired", &it.buyer),
        Told::OfferReopened(it) => one("offer_reopened", &it.buyer),
        _ => return None,
    };
    Some(news)
}

/// Both sides hear of a deal, and whoever sells hears what is gone (C-F5, C-F7).
fn deal(told: &Told) -> Option<News<'_>> {
    let news = match told {
        Told::DealReserved(it) => both("deal_reserved", &it.seller, &it.buyer),
        Told::DealRefused(it) => one("deal_refused", &it.buyer),
        Told::DealRescheduled(it) => both("deal_rescheduled", &it.seller, &it.buyer),
        Told::DealCancelled(it) => both("deal_cancelled", &it.seller, &it.buyer),
        Told::DealEnded(it) => both("deal_ended", &it.seller, &it.buyer),
        Told::StockDecreased(it) => one("stock_decreased", &it.owner),
        _ => return None,
    };
    Some(news)
}

/// Of money only that it went back, and only if it had counted.
fn rental(told: &Told) -> Option<News<'_>> {
    let news = match told {
        Told::ItemReserved(it) => one("item_reserved", &it.owner),
        Told::RentalConfirmed(it) => one("rental_confirmed", &it.renter),
        Told::RentalRefused(it) => one("rental_refused", &it.renter),
        Told::RentalPaid(it) => both("rental_paid", &it.renter, &it.owner),
        Told::RentalPaymentCancelled(it) => one("rental_payment_cancelled", &it.owner),
        Told::RentalCancelled(it) => both("rental_cancelled", &it.renter, &it.owner),
        Told::RentalLent(it) => one("rental_lent", &it.renter),
        Told::RentalReturned(it) => both("rental_returned", &it.renter, &it.owner),
        Told::PaymentCancelled(it) if it.refunded => one("payment_refunded", &it.payer),
        Told::ReviewRequested(it) => one("review_requested", &it.renter),
        Told::ReviewWritten(it) => one("review_written", &it.owner),
        _ => return None,
    };
    Some(news)
}

/// The customer hears of every step, the seller of what concerns his goods.
fn order(told: &Told) -> Option<News<'_>> {
    let news = match told {
        Told::OrderPlaced(it) => both("order_placed", &it.customer, &it.seller),
        Told::TicketAccepted(it) => one("order_accepted", &it.customer),
        Told::DeliveryStarted(it) => one("delivery_started", &it.customer),
        Told::OrderDelivering(it) => one("order_delivering", &it.customer),
        Told::OrderDelivered(it) => both("order_delivered", &it.customer, &it.seller),
        Told::OrderCancelRefused(it) => one("order_cancel_refused", &it.customer),
        Told::OrderCancelled(it) => both("order_cancelled", &it.customer, &it.seller),
        _ => return None,
    };
    Some(news)
}

/// To one person.
fn one<'a>(kind: &'static str, to: &'a str) -> News<'a> {
    both(kind, to, "")
}

/// To both sides.
fn both<'a>(kind: &'static str, one: &'a str, other: &'a str) -> News<'a> {
    (kind, [one, other])
}
