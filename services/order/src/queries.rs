//! Lists of a person's orders, newest first: by id, since a UUIDv7 begins with its time.

use std::cmp::Reverse;

use jangteo::order::v1::{ListOrdersRequest, list_orders_request::Side};
use jangteo_kit::{
    page::{PageToken, cut, page_size},
    status::failed,
    store::{Failure, Never, Store},
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

/// A page of the orders of `person`, with the token of the next one.
pub(crate) async fn list(
    db: &Store,
    request: &ListOrdersRequest,
    person: &str,
) -> Result<(Vec<Model>, String), Status> {
    let scope = format!("orders/{person}\n{}\n{}", request.side, request.state);
    let limit = page_size(request.page_size, PAGE);
    let token = PageToken::parse(&scope, &request.page_token)?;
    let before = token.map(|mut token| token.take::<Uuid>()).transpose()?;
    let db = db.reader().map_err(failed)?;
    let mut rows = Vec::new();
    for side in sides(request.side()) {
        // One more than asked for tells whether there is a next page.
        let found = page(db, request, (*side, person), before, limit + 1).await;
        rows.extend(found.map_err(|error| failed(Failure::<Never>::Database(error)))?);
    }
    rows.sort_unstable_by_key(|row| Reverse(row.id));
    Ok(cut(rows, limit, |last| PageToken::new(&scope).with(last.id)))
}

/// Nobody buys from himself, so no order is on both sides; each side has its index.
fn sides(side: Side) -> &'static [Column] {
    match side {
        Side::Unspecified => &[Column::Customer, Column::Seller],
        Side::Customer => &[Column::Customer],
        Side::Seller => &[Column::Seller],
    }
}

async fn page(
    db: &DatabaseConnection,
    request: &ListOrdersRequest,
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

#[cfg(test)]
mod tests;
