//! What a deal's history says of it.

use anyhow::Result;
use jangteo::deal::v1::{DealRefused, DealRescheduled, DealReserved, deal::State};

use uuid::Uuid;

use super::{
    journal::Event,
    rows::Row,
    source::{Column, present},
};

/// A deal by its history alone; one without a history was never seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Folded {
    pub(super) offer: String,
    pub(super) post: String,
    pub(super) product: String,
    pub(super) seller: String,
    pub(super) buyer: String,
    pub(super) price_krw: i64,
    pub(super) meeting_time: Option<i64>,
    pub(super) state: State,
}

pub(super) fn fold(events: &[Event]) -> Folded {
    events.iter().fold(Folded::default(), apply)
}

fn apply(deal: Folded, event: &Event) -> Folded {
    match event.name() {
        "DealReserved" => reserved(event.message()),
        "DealRefused" => {
            let DealRefused { product_id: product, buyer, .. } = event.message();
            Folded { product, buyer, state: State::Refused, ..deal }
        }
        "DealRescheduled" => {
            let DealRescheduled { meeting_time, .. } = event.message();
            Folded { meeting_time: meeting_time.as_ref().map(millis), ..deal }
        }
        "DealEnded" => Folded { state: State::Ended, ..deal },
        "DealCancelled" => Folded { state: State::Cancelled, ..deal },
        _ => deal,
    }
}

fn reserved(event: DealReserved) -> Folded {
    Folded {
        offer: event.offer_id,
        post: event.post_id,
        product: event.product_id,
        seller: event.seller,
        buyer: event.buyer,
        price_krw: event.price_krw,
        meeting_time: event.meeting_time.as_ref().map(millis),
        state: State::Reserved,
    }
}

fn millis(time: &prost_types::Timestamp) -> i64 {
    time.seconds * 1000 + i64::from(time.nanos) / 1_000_000
}

/// What the row of a deal must say.
pub(super) fn columns(row: &Row, events: &[Event]) -> Result<Vec<Column>> {
    let deal = fold(events);
    let state = row.text("state")?;
    let name = name(deal.state).to_owned();
    if events.is_empty() {
        return Ok(vec![("state", seen(&state).to_owned(), name)]);
    }
    let offer = if deal.offer.is_empty() { Uuid::nil().to_string() } else { deal.offer };
    let goods = [
        ("offer_id", row.id("offer_id")?.to_string(), offer),
        ("post_id", row.id_or_null("post_id")?, deal.post),
        ("product_id", row.id_or_null("product_id")?, deal.product),
        ("seller", row.text("seller")?, deal.seller),
        ("buyer", row.text_or_null("buyer")?, deal.buyer),
        ("state", state, name),
    ];
    if deal.state == State::Refused {
        return Ok(goods.into());
    }
    let number = |value: Option<i64>| present(value, |value| value.to_string());
    let agreed = [
        ("price_krw", number(row.number_or_null("price_krw")?), deal.price_krw.to_string()),
        ("meeting_time", number(row.number_or_null("meeting_time")?), number(deal.meeting_time)),
    ];
    Ok(goods.into_iter().chain(agreed).collect())
}

/// The state of a deal that somebody sees.
pub(super) fn seen(state: &str) -> &str {
    if ["reserved", "ended", "cancelled", "refused"].contains(&state) { state } else { "" }
}

fn name(state: State) -> &'static str {
    match state {
        State::Unspecified => "",
        State::Reserved => "reserved",
        State::Ended => "ended",
        State::Cancelled => "cancelled",
        State::Refused => "refused",
    }
}
