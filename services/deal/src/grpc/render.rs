//! Between the contract's messages and the domain.

use jangteo::deal::v1::{Deal as Shown, deal::State as ShownState};
use jangteo_kit::{
    event::{millis, timestamp},
    execute::{Stored, Versioned},
    status::inconsistent,
};
use prost_types::Timestamp;
use tonic::Status;

use crate::{
    domain::{Deal, Meeting, State},
    store::entity,
};

/// A deal as its two sides see it. Of one that did not come about, or not yet, there is nothing to be
/// seen but what was asked for.
pub(crate) fn shown(Versioned { state: deal, head }: &Versioned<Deal>) -> Shown {
    let mut shown = Shown {
        id: head.id.to_string(),
        offer_id: deal.offer.to_string(),
        seller: deal.seller.clone(),
        state: state(&deal.state).into(),
        meeting_time: deal.meeting.time.map(timestamp),
        meeting_place: deal.meeting.place.clone(),
        create_time: Some(timestamp(head.create_time)),
        update_time: Some(timestamp(head.update_time)),
        etag: head.etag(),
        ..Shown::default()
    };
    if let Some(terms) = deal.visible() {
        shown.post_id = terms.post.to_string();
        shown.buyer.clone_from(&terms.buyer);
        shown.price_krw = terms.price_krw;
    }
    shown
}

fn state(state: &State) -> ShownState {
    match state {
        State::Reserving(_) | State::Abandoning { .. } | State::Abandoned { .. } => {
            ShownState::Unspecified
        }
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
