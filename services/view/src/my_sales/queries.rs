//! Rows of my-page, newest first: by post id, since a UUIDv7 begins with its time.

use jangteo::view::v1::MySale;
use jangteo_kit::{event::timestamp, project::Place};
use sea_orm::{
    ColumnTrait, DatabaseConnection, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Select,
};
use uuid::Uuid;

use crate::{
    CHANGES,
    project::my_sales::entity::{Column, Entity, Model},
};

fn of(generation: i64, seller: &str) -> Select<Entity> {
    Entity::find().filter(Column::Generation.eq(generation)).filter(Column::Seller.eq(seller))
}

/// One sale of the seller.
pub(super) async fn one(
    db: &DatabaseConnection,
    generation: i64,
    seller: &str,
    post: Uuid,
) -> Result<Option<Model>, DbErr> {
    let mine = of(generation, seller).filter(Column::Removed.eq(false));
    mine.filter(Column::PostId.eq(post)).one(db).await
}

/// The first sales of the seller; those that come after one of them, if it is given.
pub(super) async fn some(
    db: &DatabaseConnection,
    generation: i64,
    seller: &str,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let mut find = of(generation, seller).filter(Column::Removed.eq(false));
    if let Some(after) = after {
        find = find.filter(Column::PostId.lt(after));
    }
    find.order_by_desc(Column::PostId).limit(limit).all(db).await
}

/// The seller's rows that changed after `place`, in the order of their changes.
pub(super) async fn changed(
    db: &DatabaseConnection,
    seller: &str,
    place: Place,
) -> Result<Vec<Model>, DbErr> {
    let later = of(place.generation, seller).filter(Column::Change.gt(place.change));
    later.order_by_asc(Column::Change).limit(CHANGES).all(db).await
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
