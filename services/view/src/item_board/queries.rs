//! Rows of an owner's board, newest first: by item id, since a UUIDv7 begins with its time.

use jangteo::view::v1::{
    ItemBoardRow,
    item_board_row::{ItemStatus, PaymentStatus, RentalStatus},
};
use jangteo_kit::{event::timestamp, project::Place};
use sea_orm::{
    ColumnTrait, DatabaseConnection, DbErr, EntityTrait, JoinType, QueryFilter, QueryOrder,
    QuerySelect, Select, SelectTwo,
};
use uuid::Uuid;

use crate::{
    CHANGES,
    project::item_board::{
        entity::{Column, Entity, Model},
        rental::entity as rental,
    },
};

/// An item, and what became of the rental that it shows, once that is known.
pub(super) type Row = (Model, Option<rental::Model>);

fn of(generation: i64, owner: &str) -> Select<Entity> {
    Entity::find().filter(Column::Generation.eq(generation)).filter(Column::Owner.eq(owner))
}

fn with_rental(find: Select<Entity>) -> SelectTwo<Entity, rental::Entity> {
    let rental = Entity::belongs_to(rental::Entity)
        .from((Column::Generation, Column::RentalId))
        .to((rental::Column::Generation, rental::Column::RentalId));
    find.join(JoinType::LeftJoin, rental.into()).select_also(rental::Entity)
}

/// One item of the owner.
pub(super) async fn one(
    db: &DatabaseConnection,
    generation: i64,
    owner: &str,
    item: Uuid,
) -> Result<Option<Row>, DbErr> {
    let his = of(generation, owner).filter(Column::Removed.eq(false));
    with_rental(his.filter(Column::ItemId.eq(item))).one(db).await
}

/// The first items of the owner; those that come after one of them, if it is given.
pub(super) async fn some(
    db: &DatabaseConnection,
    generation: i64,
    owner: &str,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Row>, DbErr> {
    let mut find = of(generation, owner).filter(Column::Removed.eq(false));
    if let Some(after) = after {
        find = find.filter(Column::ItemId.lt(after));
    }
    with_rental(find.order_by_desc(Column::ItemId).limit(limit)).all(db).await
}

/// The owner's rows that changed after `place`, in the order of their changes.
pub(super) async fn changed(
    db: &DatabaseConnection,
    owner: &str,
    place: Place,
) -> Result<Vec<Row>, DbErr> {
    let later = of(place.generation, owner).filter(Column::Change.gt(place.change));
    with_rental(later.order_by_asc(Column::Change).limit(CHANGES)).all(db).await
}

/// A row as clients see it: a function of all its columns, whatever came last.
pub(super) fn shown((row, rental): Row) -> ItemBoardRow {
    let rental_status = rental_status(&row);
    ItemBoardRow {
        item_status: item_status(row.retired, rental_status).into(),
        payment_status: payment_status(&row, rental.as_ref()).into(),
        rental_status: rental_status.into(),
        score: rental.as_ref().and_then(|rental| rental.score).unwrap_or_default(),
        update_time: Some(timestamp(update_time(&row, rental.as_ref()))),
        item_id: row.item_id.to_string(),
        owner: row.owner,
        name: row.name,
        price_krw: row.price_krw,
        rental_id: row.rental_id.map(|id| id.to_string()).unwrap_or_default(),
        renter: row.renter.unwrap_or_default(),
        create_time: Some(timestamp(row.create_time)),
    }
}

fn rental_status(row: &Model) -> RentalStatus {
    let number = i32::try_from(row.rental_status).unwrap_or_default();
    RentalStatus::try_from(number).unwrap_or_default()
}

/// B-F5, B-F10: the rental that an item shows tells whether it can be rented (B-T7).
fn item_status(retired: bool, rental: RentalStatus) -> ItemStatus {
    match rental {
        _ if retired => ItemStatus::Retired,
        RentalStatus::NotRenting | RentalStatus::Renting => ItemStatus::NotRentable,
        RentalStatus::Unspecified | RentalStatus::Returned => ItemStatus::Rentable,
    }
}

fn payment_status(row: &Model, rental: Option<&rental::Model>) -> PaymentStatus {
    match (row.rental_id, rental.and_then(|rental| rental.paid)) {
        (None, _) => PaymentStatus::Unspecified,
        (Some(_), Some(true)) => PaymentStatus::Paid,
        (Some(_), Some(false) | None) => PaymentStatus::NotPaid,
    }
}

fn update_time(row: &Model, rental: Option<&rental::Model>) -> i64 {
    let of_rental = rental.and_then(|rental| rental.pay_time.max(rental.score_time));
    of_rental.map_or(row.update_time, |time| time.max(row.update_time))
}
