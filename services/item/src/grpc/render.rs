//! Between the contract's messages and the domain.

use jangteo::item::v1::{Item as Shown, UpdateItemRequest, item::State as ShownState};
use jangteo_kit::{
    event::timestamp,
    execute::{Stored, Versioned},
    mask::Mask,
    status::inconsistent,
};
use tonic::Status;

use crate::{
    domain::{Edit, Item, State},
    store::entity,
};

/// An item as clients see it.
pub(crate) fn shown(Versioned { state: item, head }: &Versioned<Item>) -> Shown {
    Shown {
        id: head.id.to_string(),
        owner: item.owner.clone(),
        name: item.listing.name.clone(),
        price_krw: item.listing.price_krw,
        state: state(&item.state).into(),
        rental_id: item.hold().map(|hold| hold.rental.to_string()).unwrap_or_default(),
        retired: item.is_retired(),
        create_time: Some(timestamp(head.create_time)),
        update_time: Some(timestamp(head.update_time)),
        etag: head.etag(),
    }
}

fn state(state: &State) -> ShownState {
    match state {
        State::Rentable => ShownState::Rentable,
        State::Reserved(..) => ShownState::Reserved,
        State::Lent(_) => ShownState::Lent,
        State::Retired => ShownState::Retired,
        State::Deleted => ShownState::Deleted,
        State::Unknown => ShownState::Unspecified,
    }
}

/// A row of a list as clients see it.
pub(super) fn row(row: entity::Model) -> Result<Shown, Status> {
    Ok(shown(&Item::read(row).map_err(inconsistent)?))
}

/// The edit that a request asks for: what its mask names, or what is set without a mask.
pub(super) fn edit(body: UpdateItemRequest) -> Result<Edit, Status> {
    let set = [("name", body.name.is_some()), ("price_krw", body.price_krw.is_some())];
    let mask = Mask::over(body.update_mask, &set)?;
    Ok(Edit {
        name: mask.pick("name", body.name),
        price_krw: mask.pick("price_krw", body.price_krw),
    })
}
