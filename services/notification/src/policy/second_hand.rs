//! Offers, deals and stock: seller and buyer hear of what the other one does. No event of an offer or a
//! deal knows what the goods are called.

use jangteo::{
    deal::v1::{DealCancelled, DealEnded, DealRefused, DealRescheduled, DealReserved},
    inventory::v1::StockDecreased,
    offer::v1::{
        DealOffered, OfferAccepted, OfferAutoCancelled, OfferExpired, OfferRefused, OfferReopened,
        OfferWithdrawn, PriceProposed,
    },
};
use jangteo_kit::event::{Event, Unfit};

use super::News;
use crate::domain::Kind;

/// What happened to an offer; that it was completed, its deal has told.
pub(super) fn offer(event: &Event) -> Result<Option<News>, Unfit> {
    let of = |kind, to, price_krw: i64| News::new(kind, [to]).number("price_krw", price_krw);
    Ok(Some(if let Some(DealOffered { seller, buyer, price_krw, .. }) = event.message()? {
        of(Kind::DealOffered, seller, price_krw).with("buyer", buyer)
    } else if let Some(proposed) = event.message::<PriceProposed>()? {
        let PriceProposed { seller, buyer, price_krw, list_price_krw, .. } = proposed;
        let news = of(Kind::PriceProposed, seller, price_krw).with("buyer", buyer);
        news.number("list_price_krw", list_price_krw)
    } else if let Some(OfferAccepted { seller, buyer, price_krw, .. }) = event.message()? {
        of(Kind::OfferAccepted, buyer, price_krw).with("seller", seller)
    } else if let Some(OfferRefused { seller, buyer, price_krw, .. }) = event.message()? {
        of(Kind::OfferRefused, buyer, price_krw).with("seller", seller)
    } else if let Some(OfferWithdrawn { seller, buyer, price_krw, .. }) = event.message()? {
        of(Kind::OfferWithdrawn, seller, price_krw).with("buyer", buyer)
    } else if let Some(OfferAutoCancelled { buyer, price_krw, .. }) = event.message()? {
        of(Kind::OfferAutoCancelled, buyer, price_krw)
    } else if let Some(OfferExpired { buyer, price_krw, .. }) = event.message()? {
        of(Kind::OfferExpired, buyer, price_krw)
    } else if let Some(OfferReopened { buyer, price_krw, accepted, .. }) = event.message()? {
        let accepted = if accepted { "true" } else { "" };
        of(Kind::OfferReopened, buyer, price_krw).with("accepted", accepted.to_owned())
    } else {
        return Ok(None);
    }))
}

/// What happened to a deal: both sides hear of it, whoever did it.
pub(super) fn deal(event: &Event) -> Result<Option<News>, Unfit> {
    let of = |kind, seller: String, buyer: String, price_krw: i64| {
        let news = News::new(kind, [seller.clone(), buyer.clone()]);
        news.with("seller", seller).with("buyer", buyer).number("price_krw", price_krw)
    };
    Ok(Some(if let Some(reserved) = event.message::<DealReserved>()? {
        let DealReserved { seller, buyer, price_krw, meeting_time, .. } = reserved;
        of(Kind::DealReserved, seller, buyer, price_krw).time("meeting_time", meeting_time)
    } else if let Some(rescheduled) = event.message::<DealRescheduled>()? {
        let DealRescheduled { seller, buyer, price_krw, meeting_time, .. } = rescheduled;
        of(Kind::DealRescheduled, seller, buyer, price_krw).time("meeting_time", meeting_time)
    } else if let Some(DealCancelled { seller, buyer, price_krw, .. }) = event.message()? {
        of(Kind::DealCancelled, seller, buyer, price_krw)
    } else if let Some(DealEnded { seller, buyer, price_krw, .. }) = event.message()? {
        of(Kind::DealEnded, seller, buyer, price_krw)
    } else if let Some(DealRefused { buyer, reason, .. }) = event.message()? {
        News::new(Kind::DealRefused, [buyer]).with("reason", reason)
    } else {
        return Ok(None);
    }))
}

/// What happened to a stock: its owner hears of what is gone (C-F5). What is held or given back, the deal
/// has told.
pub(super) fn inventory(event: &Event) -> Result<Option<News>, Unfit> {
    let Some(decreased) = event.message::<StockDecreased>()? else { return Ok(None) };
    let StockDecreased { owner, name, quantity, on_hand, .. } = decreased;
    let news = News::new(Kind::StockDecreased, [owner]).with("product_name", name);
    Ok(Some(news.number("quantity", quantity).number("on_hand", on_hand)))
}
