//! Reviews as the contract shows them.

use jangteo::review::v1::{Review as Shown, review::State as ShownState};
use jangteo_kit::{
    event::timestamp,
    execute::{Stored, Versioned},
    status::inconsistent,
};
use tonic::Status;

use crate::{
    domain::{Review, State},
    store::entity,
};

/// A review as whoever may see it sees it.
pub(crate) fn shown(Versioned { state: review, head }: &Versioned<Review>) -> Shown {
    let (state, score) = match review.state {
        State::Requested { .. } => (ShownState::Requested, 0),
        State::Writing { score, .. } => (ShownState::Writing, score),
        State::Written { score } => (ShownState::Written, score),
    };
    Shown {
        id: head.id.to_string(),
        item_id: review.item.to_string(),
        item_name: review.item_name.clone(),
        renter: review.renter.clone(),
        owner: review.owner.clone(),
        score,
        state: state.into(),
        create_time: Some(timestamp(head.create_time)),
        update_time: Some(timestamp(head.update_time)),
        etag: head.etag(),
    }
}

/// A row of a list as clients see it.
pub(super) fn row(row: entity::Model) -> Result<Shown, Status> {
    Ok(shown(&Review::read(row).map_err(inconsistent)?))
}
