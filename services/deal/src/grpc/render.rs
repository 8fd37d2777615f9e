//! Between the contract's messages and the domain.

use jangteo::deal::v1::{Deal as Shown, ReserveDealRequest, deal::State as ShownState};
use jangteo_kit::{
    event::{millis, timestamp},
    execute::{Stored, Versioned},
    ids::parse,
    status::{inconsistent, refusal},
};
use prost_types::Timestamp;
use tonic::Status;

use crate::{
    domain::{Deal, Meeting, Rejection, State, Subject},
    store::entity,
};

/// A deal as its two sides see it. Of one that did not come about, or not yet, there is nothing to be
/// seen but what was asked for.
pub(crate) fn shown(Versioned { state: deal, head }: &Versioned<Deal>) -> Shown {
    let mut shown = Shown {
        id: head.id.to_string(),
        offer_id: deal.offer_id(),
        product_id: deal.product_id(),
        quantity: deal.quantity(),
        state: state(&deal.state).into(),
        meeting_time: deal.meeting.time.map(timestamp),
        meeting_place: deal.meeting.place.clone(),
        create_time: Some(timestamp(head.create_time)),
        update_time: Some(timestamp(head.update_time)),
        etag: head.etag(),
        ..Shown::default()
    };
    match deal.subject {
        Subject::Offer(_) => shown.seller.clone_from(&deal.asker),
        Subject::Product { .. } => shown.buyer.clone_from(&deal.asker),
    }
    if let Some(terms) = deal.terms() {
        shown.post_id = terms.post.map(|post| post.to_string()).unwrap_or_default();
        shown.seller.clone_from(&terms.seller);
        shown.buyer.clone_from(&terms.buyer);
        shown.price_krw = terms.price_krw;
    }
    if let State::Refused { why } = &deal.state {
        shown.refusal_reason.clone_from(&why.reason);
    }
    shown
}

fn state(state: &State) -> ShownState {
    match state {
        State::Reserving(_) | State::Abandoning { .. } | State::Abandoned { .. } => {
            ShownState::Unspecified
        }
        State::Refused { .. } => ShownState::Refused,
        State::Reserved(_) => ShownState::Reserved,
        State::Ended(_) => ShownState::Ended,
        State::Cancelled(_) => ShownState::Cancelled,
    }
}

/// A row of a list as its reader sees it.
pub(super) fn row(row: entity::Model) -> Result<Shown, Status> {
    Ok(shown(&Deal::read(row).map_err(inconsistent)?))
}

/// When and where a request would meet.
pub(super) fn meeting(time: Option<Timestamp>, place: String) -> Meeting {
    Meeting { time: time.as_ref().map(millis), place }
}

/// What a request would make a deal of: an offer, or pieces of a product, one if it does not say.
pub(super) fn subject(body: &ReserveDealRequest) -> Result<Subject, Status> {
    match (body.offer_id.as_str(), body.product_id.as_str(), body.quantity) {
        (offer, "", 0 | 1) if !offer.is_empty() => Ok(Subject::Offer(parse("offer_id", offer)?)),
        (offer, "", _) if !offer.is_empty() => Err(refusal(&Rejection::OneOnly).into()),
        ("", product, quantity) if !product.is_empty() => {
            Ok(Subject::Product { id: parse("product_id", product)?, quantity: quantity.max(1) })
        }
        _ => Err(refusal(&Rejection::OfferOrProduct).into()),
    }
}
