//! Offers as the contract shows them.

use jangteo::offer::v1::{
    Offer as Shown,
    offer::{State as ShownState, Type},
};
use jangteo_kit::{
    event::timestamp,
    execute::{Stored, Versioned},
    status::inconsistent,
};
use tonic::Status;
use uuid::Uuid;

use crate::{
    domain::{Offer, Open, Standing, State},
    store::entity,
};

/// An offer as its buyer and its seller see it. One that was not made has no state, seller or price.
pub(crate) fn shown(Versioned { state: offer, head }: &Versioned<Offer>) -> Shown {
    let plain = Shown {
        id: head.id.to_string(),
        post_id: offer.post.to_string(),
        buyer: offer.buyer.clone(),
        r#type: kind(offer).into(),
        create_time: Some(timestamp(head.create_time)),
        update_time: Some(timestamp(head.update_time)),
        etag: head.etag(),
        ..Shown::default()
    };
    let State::Made(terms, standing) = &offer.state else { return plain };
    let (state, deal) = state_and_deal(*standing);
    // One that asks again does not expire before it has its answer.
    let is_open = matches!(standing, Standing::Open(_));
    Shown {
        seller: terms.seller.clone(),
        list_price_krw: terms.list_price_krw,
        price_krw: offer.price_krw(terms),
        state: state.into(),
        expire_time: is_open.then(|| timestamp(offer.expires())),
        deal_id: deal.map(|deal| deal.to_string()),
        ..plain
    }
}

fn kind(offer: &Offer) -> Type {
    match offer.proposed_krw {
        Some(_) => Type::PriceProposal,
        None => Type::PurchaseRequest,
    }
}

fn state_and_deal(standing: Standing) -> (ShownState, Option<Uuid>) {
    match standing {
        Standing::Open(Open::Pending) | Standing::AskingAgain(Open::Pending) => {
            (ShownState::Pending, None)
        }
        Standing::Open(Open::Accepted) | Standing::AskingAgain(Open::Accepted) => {
            (ShownState::Accepted, None)
        }
        Standing::InDeal { deal, .. } => (ShownState::InDeal, Some(deal)),
        Standing::Refused => (ShownState::Refused, None),
        Standing::Withdrawn => (ShownState::Withdrawn, None),
        Standing::Completed { deal } => (ShownState::Completed, Some(deal)),
        Standing::AutoCancelled => (ShownState::AutoCancelled, None),
        Standing::Expired => (ShownState::Expired, None),
    }
}

/// A row of a list as clients see it.
pub(super) fn row(row: entity::Model) -> Result<Shown, Status> {
    Ok(shown(&Offer::read(row).map_err(inconsistent)?))
}
