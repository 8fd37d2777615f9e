//! Between the contract's messages and the domain.

use jangteo::{
    errors::Refusal,
    post::v1::{Post as Shown, UpdatePostRequest, post::State as ShownState},
};
use jangteo_kit::{
    event::timestamp,
    execute::{Stored, Versioned},
    status::inconsistent,
};
use tonic::{Code, Status};

use crate::{
    domain::{Edit, Post, State},
    store::entity,
};

/// A post as clients see it.
pub(crate) fn shown(Versioned { state: post, head }: &Versioned<Post>) -> Shown {
    let (state, agreement) = match &post.state {
        State::Available => (ShownState::Available, None),
        State::Reserved(agreement) => (ShownState::Reserved, Some(agreement)),
        State::Sold(agreement) => (ShownState::Sold, Some(agreement)),
        State::Hidden => (ShownState::Hidden, None),
        State::Deleted => (ShownState::Deleted, None),
    };
    Shown {
        id: head.id.to_string(),
        seller: post.seller.clone(),
        goods: post.listing.goods.clone(),
        price_krw: post.listing.price_krw,
        neighbourhood: post.listing.neighbourhood.clone(),
        state: state.into(),
        create_time: Some(timestamp(head.create_time)),
        update_time: Some(timestamp(head.update_time)),
        etag: head.etag(),
        agreed_price_krw: agreement.map(|agreement| agreement.price_krw),
    }
}

/// A row of a list as clients see it.
pub(super) fn row(row: entity::Model) -> Result<Shown, Status> {
    Ok(shown(&Post::read(row).map_err(inconsistent)?))
}

/// The edit that a request asks for: what its mask names, or what is set without a mask (AIP-134).
pub(super) fn edit(body: UpdatePostRequest) -> Result<Edit, Status> {
    let mask = body.update_mask.map(|mask| mask.paths).unwrap_or_default();
    let all = mask.is_empty() || mask.iter().any(|path| path == "*");
    if let Some(other) = mask.iter().find(|path| !EDITABLE.contains(&path.as_str())) {
        return Err(masked(
            other,
            "NOT_EDITABLE",
            "name only goods, price_krw and neighbourhood, or *",
        ));
    }
    let named = |path: &str| all || mask.iter().any(|named| named == path);
    let missing = [
        ("goods", body.goods.is_none()),
        ("price_krw", body.price_krw.is_none()),
        ("neighbourhood", body.neighbourhood.is_none()),
    ];
    if let Some((path, _)) = missing.iter().find(|(path, none)| !all && named(path) && *none) {
        return Err(masked(path, "REQUIRED", "set every field that the mask names"));
    }
    Ok(Edit {
        goods: body.goods.filter(|_| named("goods")),
        price_krw: body.price_krw.filter(|_| named("price_krw")),
        neighbourhood: body.neighbourhood.filter(|_| named("neighbourhood")),
    })
}

const EDITABLE: [&str; 4] = ["goods", "price_krw", "neighbourhood", "*"];

fn masked(path: &str, reason: &str, what_to_do: &str) -> Status {
    let field = if reason == "REQUIRED" { path } else { "update_mask" };
    Refusal::new(
        Code::InvalidArgument,
        "FIELD_INVALID",
        format!("update_mask names {path}: {what_to_do}"),
    )
    .violation(field, reason, what_to_do)
    .into()
}

#[cfg(test)]
mod tests {
    use prost_types::FieldMask;

    use super::*;

    fn request(paths: &[&str]) -> UpdatePostRequest {
        let paths = paths.iter().map(|path| (*path).to_owned()).collect();
        UpdatePostRequest {
            goods: Some("무선마우스".to_owned()),
            price_krw: Some(9_000),
            update_mask: Some(FieldMask { paths }),
            ..UpdatePostRequest::default()
        }
    }

    #[test]
    fn a_mask_picks_and_its_absence_takes_what_is_set() {
        let price = Edit { price_krw: Some(9_000), ..Edit::default() };
        assert_eq!(edit(request(&["price_krw"])).unwrap(), price);
        let both = Edit { goods: Some("무선마우스".to_owned()), ..price };
        assert_eq!(edit(request(&[])).unwrap(), both);
        assert_eq!(edit(request(&["*"])).unwrap(), both);
    }

    #[test]
    fn a_mask_of_another_field_or_without_its_value_is_refused() {
        for paths in [["id"], ["neighbourhood"]] {
            assert_eq!(edit(request(&paths)).unwrap_err().code(), Code::InvalidArgument);
        }
    }
}
