//! What an offer's history says of it.

use anyhow::Result;
use jangteo::offer::v1::{DealOffered, OfferCompleted, OfferReopened, PriceProposed};

use super::{
    journal::Event,
    rows::Row,
    source::{Column, present},
};

/// An offer by its history alone; one without a history was never seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Folded {
    post: String,
    seller: String,
    buyer: String,
    price_krw: i64,
    list_price_krw: i64,
    state: &'static str,
    deal: String,
}

fn fold(events: &[Event]) -> Folded {
    events.iter().fold(Folded::default(), apply)
}

fn apply(offer: Folded, event: &Event) -> Folded {
    let state = match event.name() {
        "DealOffered" => return requested(event.message()),
        "PriceProposed" => return proposed(event.message()),
        "OfferCompleted" => {
            let deal = event.message::<OfferCompleted>().deal_id;
            return Folded { state: "completed", deal, ..offer };
        }
        "OfferReopened" if !event.message::<OfferReopened>().accepted => "pending",
        "OfferAccepted" | "OfferReopened" => "accepted",
        "OfferRefused" => "refused",
        "OfferWithdrawn" => "withdrawn",
        "OfferAutoCancelled" => "auto_cancelled",
        "OfferExpired" => "expired",
        _ => offer.state,
    };
    Folded { state, ..offer }
}

fn requested(event: DealOffered) -> Folded {
    Folded {
        post: event.post_id,
        seller: event.seller,
        buyer: event.buyer,
        price_krw: event.price_krw,
        list_price_krw: event.price_krw,
        state: "pending",
        ..Folded::default()
    }
}

fn proposed(event: PriceProposed) -> Folded {
    Folded {
        post: event.post_id,
        seller: event.seller,
        buyer: event.buyer,
        price_krw: event.price_krw,
        list_price_krw: event.list_price_krw,
        state: "pending",
        ..Folded::default()
    }
}

/// What the row of an offer must say. Being in a deal is no event: then it says what it was before.
pub(super) fn columns(row: &Row, events: &[Event]) -> Result<Vec<Column>> {
    let offer = fold(events);
    let state = row.text("state")?;
    if events.is_empty() {
        return Ok(vec![("state", seen(&state).to_owned(), String::new())]);
    }
    let (list, proposed) =
        (row.number_or_null("list_price_krw")?, row.number_or_null("proposed_krw")?);
    let (state, deal) = match state.as_str() {
        "in_deal" => (row.text_or_null("was")?, String::new()),
        _ => (state, row.id_or_null("deal_id")?),
    };
    Ok(vec![
        ("post_id", row.id("post_id")?.to_string(), offer.post),
        ("seller", row.text_or_null("seller")?, offer.seller),
        ("buyer", row.text("buyer")?, offer.buyer),
        ("proposed_krw", number(proposed.or(list)), offer.price_krw.to_string()),
        ("list_price_krw", number(list), offer.list_price_krw.to_string()),
        ("state", state, offer.state.to_owned()),
        ("deal_id", deal, offer.deal),
    ])
}

/// The state of an offer that somebody sees.
fn seen(state: &str) -> &str {
    if ["asking", "abandoned"].contains(&state) { "" } else { state }
}

fn number(value: Option<i64>) -> String {
    present(value, |value| value.to_string())
}
