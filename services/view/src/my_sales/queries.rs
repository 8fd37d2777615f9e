//! Rows of my-page, newest first: by post id, since a UUIDv7 begins with its time.

use jangteo::view::v1::{ListMySalesRequest, ListMySalesResponse, MySale};
use jangteo_kit::{
    event::timestamp,
    page::{PageToken, page_size},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use tonic::Status;
use uuid::Uuid;

use super::database;
use crate::project::my_sales::entity::{Column, Entity, Model};

/// Rows of a page where the caller does not say.
const PAGE: u64 = 20;

fn of(generation: i64, seller: &str) -> Select<Entity> {
    Entity::find().filter(Column::Generation.eq(generation)).filter(Column::Seller.eq(seller))
}

/// One sale of the seller.
pub(super) async fn one(
    db: &impl ConnectionTrait,
    generation: i64,
    seller: &str,
    post: Uuid,
) -> Result<Option<Model>, Status> {
    let mine = of(generation, seller).filter(Column::Removed.eq(false));
    mine.filter(Column::PostId.eq(post)).one(db).await.map_err(database)
}

/// A page of the seller's sales.
pub(super) async fn page(
    db: &impl ConnectionTrait,
    generation: i64,
    seller: &str,
    request: &ListMySalesRequest,
) -> Result<ListMySalesResponse, Status> {
    let scope = format!("my_sales/{seller}");
    let limit = page_size(request.page_size, PAGE);
    let mut find = of(generation, seller).filter(Column::Removed.eq(false));
    if let Some(mut token) = PageToken::parse(&scope, &request.page_token)? {
        find = find.filter(Column::PostId.lt(token.take::<Uuid>()?));
    }
    // One more than asked for tells whether there is a next page.
    let rows = find.order_by_desc(Column::PostId).limit(limit + 1).all(db).await;
    let mut rows = rows.map_err(database)?;
    let more = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = rows.last().filter(|_| more).map(|last| PageToken::new(&scope).with(last.post_id));
    Ok(ListMySalesResponse {
        sales: rows.into_iter().map(shown).collect(),
        next_page_token: next.map(|token| token.text()).unwrap_or_default(),
    })
}

/// The seller's rows that changed after `change`, in the order of their changes.
pub(super) async fn changed(
    db: &impl ConnectionTrait,
    generation: i64,
    seller: &str,
    change: i64,
) -> Result<Vec<Model>, DbErr> {
    let later = of(generation, seller).filter(Column::Change.gt(change));
    later.order_by_asc(Column::Change).limit(500).all(db).await
}

/// A row as clients see it.
pub(super) fn shown(row: Model) -> MySale {
    MySale {
        post_id: row.post_id.to_string(),
        seller: row.seller,
        goods: row.goods,
        price_krw: row.price_krw,
        neighbourhood: row.neighbourhood,
        state: i32::try_from(row.state).unwrap_or_default(),
        agreed_price_krw: row.agreed_price_krw,
        deal_id: row.deal_id.map(|id| id.to_string()).unwrap_or_default(),
        buyer: row.buyer.unwrap_or_default(),
        create_time: Some(timestamp(row.create_time)),
        update_time: Some(timestamp(row.update_time)),
    }
}
