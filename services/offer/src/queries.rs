//! Lists of offers, newest first: by id, since a UUIDv7 begins with its time.

use std::cmp::Reverse;

use jangteo::offer::v1::{ListOffersRequest, list_offers_request::Side, offer::State};
use jangteo_kit::{
    ids::parse,
    page::{PageToken, cut, page_size},
    status::failed,
    store::{Failure, Never, Store},
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tonic::Status;
use uuid::Uuid;

use crate::store::{
    entity::{Column, Entity, Model},
    name,
};

/// Rows of a page where the caller does not say.
const PAGE: u64 = 20;

/// A page of the reader's offers, with the token of the next one.
pub(crate) async fn list(
    db: &Store,
    request: &ListOffersRequest,
    reader: &str,
) -> Result<(Vec<Model>, String), Status> {
    let scope = scope(request, reader);
    let limit = page_size(request.page_size, PAGE);
    let token = PageToken::parse(&scope, &request.page_token)?;
    let before = token.map(|mut token| token.take::<Uuid>()).transpose()?;
    let wanted = wanted(request)?.add_option(before.map(|last| Column::Id.lt(last)));
    let db = db.reader().map_err(failed)?;
    let mut rows = Vec::new();
    for side in sides(request.side()) {
        let find = Entity::find().filter(side.eq(reader)).filter(wanted.clone());
        // One more than asked for tells whether there is a next page.
        let found = find.order_by_desc(Column::Id).limit(limit + 1).all(db).await;
        rows.extend(found.map_err(|error| failed(Failure::<Never>::Database(error)))?);
    }
    rows.sort_unstable_by_key(|row| Reverse(row.id));
    Ok(cut(rows, limit, |last| PageToken::new(&scope).with(last.id)))
}

fn wanted(request: &ListOffersRequest) -> Result<Condition, Status> {
    // Only what was made has a seller: the rest nobody sees, also who asked for it.
    let mut wanted = Condition::all().add(Column::Seller.is_not_null());
    if !request.post_id.is_empty() {
        wanted = wanted.add(Column::PostId.eq(parse("post_id", &request.post_id)?));
    }
    Ok(wanted.add_option(named(request.state()).map(|state| Column::State.eq(state))))
}

/// Nobody buys from himself, so no offer is on both sides; each side has its index.
fn sides(side: Side) -> &'static [Column] {
    match side {
        Side::Unspecified => &[Column::Seller, Column::Buyer],
        Side::Buyer => &[Column::Buyer],
        Side::Seller => &[Column::Seller],
    }
}

/// The name under which the table keeps a contract's state; none for the unspecified one.
fn named(state: State) -> Option<&'static str> {
    match state {
        State::Unspecified => None,
        State::Pending => Some(name::PENDING),
        State::Accepted => Some(name::ACCEPTED),
        State::InDeal => Some(name::IN_DEAL),
        State::Refused => Some(name::REFUSED),
        State::Withdrawn => Some(name::WITHDRAWN),
        State::Completed => Some(name::COMPLETED),
        State::AutoCancelled => Some(name::AUTO_CANCELLED),
        State::Expired => Some(name::EXPIRED),
    }
}

fn scope(request: &ListOffersRequest, reader: &str) -> String {
    let ListOffersRequest { side, post_id, state, .. } = request;
    format!("offers/{side}\n{post_id}\n{state}\n{reader}")
}

#[cfg(test)]
mod tests;
