//! What people have ordered, newest first: by order id, since a UUIDv7 begins with its time.

use jangteo::view::v1::OrderHistoryEntry;
use jangteo_kit::{event::timestamp, project::Place};
use sea_orm::{
    ColumnTrait, DatabaseConnection, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Select,
};
use uuid::Uuid;

use crate::{
    CHANGES,
    project::order_history::entity::{Column, Entity, Model},
};

/// The orders of a customer; there is none before one was placed.
fn of(generation: i64, customer: &str) -> Select<Entity> {
    Entity::find().filter(Column::Generation.eq(generation)).filter(Column::Customer.eq(customer))
}

/// One order of the customer.
pub(super) async fn one(
    db: &DatabaseConnection,
    generation: i64,
    customer: &str,
    order: Uuid,
) -> Result<Option<Model>, DbErr> {
    of(generation, customer).filter(Column::OrderId.eq(order)).one(db).await
}

/// The first orders of the customer; those that come after one of them, if it is given.
pub(super) async fn some(
    db: &DatabaseConnection,
    generation: i64,
    customer: &str,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let mut find = of(generation, customer);
    if let Some(after) = after {
        find = find.filter(Column::OrderId.lt(after));
    }
    find.order_by_desc(Column::OrderId).limit(limit).all(db).await
}

/// The customer's rows that changed after `place`, in the order of their changes.
pub(super) async fn changed(
    db: &DatabaseConnection,
    customer: &str,
    place: Place,
) -> Result<Vec<Model>, DbErr> {
    let later = of(place.generation, customer).filter(Column::Change.gt(place.change));
    later.order_by_asc(Column::Change).limit(CHANGES).all(db).await
}

/// A row as clients see it: a function of all its columns, whatever came last.
pub(super) fn shown(row: &Model) -> OrderHistoryEntry {
    let updated = row.order_time.max(row.payment_time).max(row.delivery_time);
    OrderHistoryEntry {
        order_id: row.order_id.to_string(),
        pieces: row.pieces.unwrap_or_default(),
        total_krw: row.total_krw.unwrap_or_default(),
        order_status: status(row.order_status),
        payment_status: status(row.payment_status),
        delivery_status: status(row.delivery_status),
        create_time: row.create_time.map(timestamp),
        update_time: updated.map(timestamp),
    }
}

/// A status as the contract has it; 0: nothing was heard yet.
fn status(column: Option<i64>) -> i32 {
    column.and_then(|number| i32::try_from(number).ok()).unwrap_or_default()
}
