//! Items, rentals, payments and reviews: owner and renter hear of what the other one does, and whoever
//! paid of his money.

use jangteo::{
    item::v1::ItemReserved,
    payment::v1::PaymentCancelled,
    rental::v1::{
        RentalCancelled, RentalConfirmed, RentalLent, RentalPaid, RentalPaymentCancelled,
        RentalRefused, RentalReturned,
    },
    review::v1::{ReviewRequested, ReviewWritten},
};
use jangteo_kit::event::{Event, Unfit};

use super::News;
use crate::domain::Kind;

/// What happened to an item; all but its being reserved, the rental or the review tells.
pub(super) fn item(event: &Event) -> Result<Option<News>, Unfit> {
    let Some(ItemReserved { owner, renter, name, price_krw, .. }) = event.message()? else {
        return Ok(None);
    };
    let news = News::new(Kind::ItemReserved, [owner]).with("renter", renter);
    Ok(Some(news.with("item_name", name).number("price_krw", price_krw)))
}

/// What happened to a rental. The owner has heard of it by his item before it is confirmed.
pub(super) fn rental(event: &Event) -> Result<Option<News>, Unfit> {
    Ok(Some(if let Some(confirmed) = event.message::<RentalConfirmed>()? {
        let RentalConfirmed { renter, item_name, price_krw, pay_by, .. } = confirmed;
        let news = News::new(Kind::RentalConfirmed, [renter]).with("item_name", item_name);
        news.number("price_krw", price_krw).time("pay_by", pay_by)
    } else if let Some(RentalRefused { renter, reason, .. }) = event.message()? {
        News::new(Kind::RentalRefused, [renter]).with("reason", reason)
    } else if let Some(paid) = event.message::<RentalPaid>()? {
        let RentalPaid { renter, owner, item_name, price_krw, .. } = paid;
        let news = News::new(Kind::RentalPaid, [renter, owner]).with("item_name", item_name);
        news.number("price_krw", price_krw)
    } else if let Some(cancelled) = event.message::<RentalPaymentCancelled>()? {
        payment_cancelled(cancelled)
    } else if let Some(cancelled) = event.message::<RentalCancelled>()? {
        called_off(cancelled)
    } else if let Some(RentalLent { renter, item_name, .. }) = event.message()? {
        News::new(Kind::RentalLent, [renter]).with("item_name", item_name)
    } else if let Some(RentalReturned { renter, owner, item_name, .. }) = event.message()? {
        News::new(Kind::RentalReturned, [renter, owner]).with("item_name", item_name)
    } else {
        return Ok(None);
    }))
}

/// The renter hears of it by his payment.
fn payment_cancelled(cancelled: RentalPaymentCancelled) -> News {
    let RentalPaymentCancelled { owner, item_name, price_krw, pay_by, .. } = cancelled;
    let news = News::new(Kind::RentalPaymentCancelled, [owner]).with("item_name", item_name);
    news.number("price_krw", price_krw).time("pay_by", pay_by)
}

/// Of a rental that the item has not answered nobody knows the owner.
fn called_off(cancelled: RentalCancelled) -> News {
    let RentalCancelled { renter, owner, item_name, reason, .. } = cancelled;
    let news = News::new(Kind::RentalCancelled, [renter.clone(), owner]).with("renter", renter);
    news.with("item_name", item_name).with("reason", reason)
}

/// What happened to a payment. That it was approved may yet be undone, and nobody has to hear of an
/// attempt that was: only money that went back is told.
pub(super) fn payment(event: &Event) -> Result<Option<News>, Unfit> {
    Ok(event.message()?.filter(|cancelled: &PaymentCancelled| cancelled.refunded).map(
        |PaymentCancelled { payer, amount_krw, .. }| {
            News::new(Kind::PaymentRefunded, [payer]).number("amount_krw", amount_krw)
        },
    ))
}

/// What happened to a review.
pub(super) fn review(event: &Event) -> Result<Option<News>, Unfit> {
    Ok(Some(if let Some(ReviewRequested { renter, item_name, .. }) = event.message()? {
        News::new(Kind::ReviewRequested, [renter]).with("item_name", item_name)
    } else if let Some(written) = event.message::<ReviewWritten>()? {
        let ReviewWritten { owner, renter, item_name, score, .. } = written;
        let news = News::new(Kind::ReviewWritten, [owner]).with("renter", renter);
        news.with("item_name", item_name).number("score", score)
    } else {
        return Ok(None);
    }))
}
