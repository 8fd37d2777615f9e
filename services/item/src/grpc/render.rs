//! Between the contract's messages and the domain.

use jangteo::{
    errors::Refusal,
    item::v1::{Item as Shown, UpdateItemRequest, item::State as ShownState},
};
use jangteo_kit::{
    event::timestamp,
    execute::{Stored, Versioned},
    status::failed,
    store::{Failure, Never},
};
use tonic::{Code, Status};

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
    let item = Item::read(row).map_err(|what| failed(Failure::<Never>::Inconsistent(what)))?;
    Ok(shown(&item))
}

/// The edit that a request asks for: what its mask names, or what is set without a mask (AIP-134).
pub(super) fn edit(body: UpdateItemRequest) -> Result<Edit, Status> {
    let mask = body.update_mask.map(|mask| mask.paths).unwrap_or_default();
    let all = mask.is_empty() || mask.iter().any(|path| path == "*");
    for path in &mask {
        let is_set = match path.as_str() {
            "*" => true,
            "name" => body.name.is_some(),
            "price_krw" => body.price_krw.is_some(),
            _ => return Err(masked(path, "update_mask", "NOT_EDITABLE", NOT_EDITABLE)),
        };
        if !all && !is_set {
            return Err(masked(path, path, "REQUIRED", "set every field that the mask names"));
        }
    }
    let named = |path: &str| all || mask.iter().any(|named| named == path);
    Ok(Edit {
        name: body.name.filter(|_| named("name")),
        price_krw: body.price_krw.filter(|_| named("price_krw")),
    })
}

const NOT_EDITABLE: &str = "name only name and price_krw, or *";

fn masked(path: &str, field: &str, reason: &str, what_to_do: &str) -> Status {
    let said = format!("update_mask names {path}: {what_to_do}");
    Refusal::new(Code::InvalidArgument, "FIELD_INVALID", said)
        .violation(field, reason, what_to_do)
        .into()
}

#[cfg(test)]
mod tests {
    use prost_types::FieldMask;

    use super::*;

    fn request(paths: &[&str]) -> UpdateItemRequest {
        let paths = paths.iter().map(|path| (*path).to_owned()).collect();
        UpdateItemRequest {
            price_krw: Some(9_000),
            update_mask: Some(FieldMask { paths }),
            ..UpdateItemRequest::default()
        }
    }

    #[test]
    fn a_mask_picks_and_its_absence_takes_what_is_set() {
        let price = Edit { price_krw: Some(9_000), ..Edit::default() };
        for paths in [&[][..], &["*"], &["*", "name"], &["price_krw"]] {
            assert_eq!(edit(request(paths)).unwrap(), price, "{paths:?}");
        }
        let named = UpdateItemRequest { name: Some("Camera".to_owned()), ..request(&["name"]) };
        let name = Edit { name: Some("Camera".to_owned()), ..Edit::default() };
        assert_eq!(edit(named).unwrap(), name);
    }

    #[test]
    fn a_mask_of_another_field_or_without_its_value_is_refused() {
        for path in ["id", "name"] {
            assert_eq!(edit(request(&[path])).unwrap_err().code(), Code::InvalidArgument);
        }
    }
}
