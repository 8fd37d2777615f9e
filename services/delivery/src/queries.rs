//! Lists of deliveries by their ids, since a UUIDv7 begins with its time: a person's the newest
//! first, and what waits for a courier the longest first.

use std::cmp::Reverse;

use jangteo::delivery::v1::{
    ListDeliveriesRequest, ListWaitingDeliveriesRequest, list_deliveries_request::Side,
};
use jangteo_kit::{
    page::{PageToken, cut, page_size},
    status::failed,
    store::{Failure, Store},
};
use sea_orm::{
    ColumnTrait, DatabaseConnection, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use tonic::Status;
use uuid::Uuid;

use crate::store::{
    self,
    entity::{Column, Entity, Model},
};

/// Rows of a page where the caller does not say.
const PAGE: u64 = 20;

/// Names the list of what waits, which is the same for all couriers.
const WAITING: &str = "deliveries:waiting";

/// A page of the deliveries of `person`, with the token of the next one.
pub(crate) async fn list(
    db: &Store,
    request: &ListDeliveriesRequest,
    person: &str,
) -> Result<(Vec<Model>, String), Status> {
    let scope = format!("deliveries/{person}\n{}\n{}", request.side, request.state);
    let limit = page_size(request.page_size, PAGE);
    let before = last(&scope, &request.page_token)?;
    let db = db.reader().map_err(failed)?;
    let mut rows = Vec::new();
    for side in sides(request.side()) {
        // One more than asked for tells whether there is a next page.
        rows.extend(page(db, request, (*side, person), before, limit + 1).await.map_err(away)?);
    }
    rows.sort_unstable_by_key(|row| Reverse(row.id));
    // A courier who brings what he has bought himself is on two sides of it.
    rows.dedup_by_key(|row| row.id);
    Ok(cut(rows, limit, |last| PageToken::new(&scope).with(last.id)))
}

/// Each side has its index.
fn sides(side: Side) -> &'static [Column] {
    match side {
        Side::Unspecified => &[Column::Customer, Column::Seller, Column::Courier],
        Side::Customer => &[Column::Customer],
        Side::Seller => &[Column::Seller],
        Side::Courier => &[Column::Courier],
    }
}

async fn page(
    db: &DatabaseConnection,
    request: &ListDeliveriesRequest,
    (side, person): (Column, &str),
    before: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let names = store::names(request.state()).iter().copied();
    let mut find = Entity::find().filter(side.eq(person)).filter(Column::State.is_in(names));
    if let Some(last) = before {
        find = find.filter(Column::Id.lt(last));
    }
    find.order_by_desc(Column::Id).limit(limit).all(db).await
}

/// A page of the deliveries that wait for a courier, with the token of the next one.
pub(crate) async fn waiting(
    db: &Store,
    request: &ListWaitingDeliveriesRequest,
) -> Result<(Vec<Model>, String), Status> {
    let limit = page_size(request.page_size, PAGE);
    let mut find = Entity::find().filter(Column::State.eq(store::STARTED));
    if let Some(last) = last(WAITING, &request.page_token)? {
        find = find.filter(Column::Id.gt(last));
    }
    let find = find.order_by_asc(Column::Id).limit(limit + 1);
    let rows = find.all(db.reader().map_err(failed)?).await.map_err(away)?;
    Ok(cut(rows, limit, |last| PageToken::new(WAITING).with(last.id)))
}

/// The last delivery of the page before, if there was one.
fn last(scope: &str, token: &str) -> Result<Option<Uuid>, Status> {
    PageToken::parse(scope, token)?.map(|mut token| token.take::<Uuid>()).transpose()
}

fn away(error: DbErr) -> Status {
    failed(Failure::Database(error))
}

#[cfg(test)]
mod tests;
