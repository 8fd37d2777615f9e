//! Between the contract's messages and the domain.

use jangteo::post::v1::{Post as Shown, UpdatePostRequest, post::State as ShownState};
use jangteo_kit::{
    event::timestamp,
    execute::{Stored, Versioned},
    mask::Mask,
    status::inconsistent,
};
use tonic::Status;

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

/// The edit that a request asks for: what its mask names, or what is set without a mask.
pub(super) fn edit(body: UpdatePostRequest) -> Result<Edit, Status> {
    let set = [
        ("goods", body.goods.is_some()),
        ("price_krw", body.price_krw.is_some()),
        ("neighbourhood", body.neighbourhood.is_some()),
    ];
    let mask = Mask::over(body.update_mask, &set)?;
    Ok(Edit {
        goods: mask.pick("goods", body.goods),
        price_krw: mask.pick("price_krw", body.price_krw),
        neighbourhood: mask.pick("neighbourhood", body.neighbourhood),
    })
}
