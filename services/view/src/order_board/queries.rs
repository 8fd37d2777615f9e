//! Rows of the board of orders, newest first: by order id, since a UUIDv7 begins with its time.

use std::cmp::Reverse;

use jangteo::{
    order::v1::{OrderPlaced, OrderedLine},
    view::v1::{
        ListOrderBoardRowsRequest, OrderBoardRow,
        list_order_board_rows_request::Side,
        order_board_row::{Line, Status},
    },
};
use jangteo_kit::{event::timestamp, ids::parse, project::Place};
use prost::Message;
use sea_orm::{
    ColumnTrait, Condition, DatabaseConnection, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
};
use uuid::Uuid;

use crate::{
    CHANGES,
    project::order_board::entity::{Column, Entity, Model},
};

/// An order on the board.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) order_id: Uuid,
    /// The number of its last change.
    pub(super) change: i64,
    /// As clients see it.
    pub(super) shown: OrderBoardRow,
}

impl Row {
    /// One as the database has it, unless it can't be read.
    fn of(row: Model) -> Result<Self, DbErr> {
        Ok(Self { order_id: row.order_id, change: row.change, shown: shown(row)? })
    }
}

/// Which orders a person wants to see.
pub(super) struct Wanted {
    pub(super) person: String,
    pub(super) side: Side,
    pub(super) store: Option<Uuid>,
}

impl Wanted {
    /// What a person asks for.
    pub(super) fn of(
        person: String,
        request: &ListOrderBoardRowsRequest,
    ) -> Result<Self, tonic::Status> {
        let of_store = Some(&request.store_id).filter(|store| !store.is_empty());
        let store = of_store.map(|store| parse("store_id", store)).transpose()?;
        Ok(Self { person, side: request.side(), store })
    }

    /// Names the list that these orders make.
    pub(super) fn scope(&self) -> String {
        let Self { person, side, store } = self;
        format!("order_board/{person}\n{}\n{}", side.as_str_name(), store.unwrap_or_default())
    }

    /// The orders on this side of the person; there is nobody on it before one was placed.
    fn select(&self, generation: i64, side: Column) -> Select<Entity> {
        let find = Entity::find().filter(Column::Generation.eq(generation));
        let of_store = self.store.map(|store| Column::StoreId.eq(store));
        find.filter(side.eq(self.person.as_str())).filter(Condition::all().add_option(of_store))
    }
}

/// Nobody buys from himself, so no order is on both sides; each side has its index.
fn sides(side: Side) -> &'static [Column] {
    match side {
        Side::Unspecified => &[Column::Customer, Column::Seller],
        Side::Customer => &[Column::Customer],
        Side::Seller => &[Column::Seller],
    }
}

fn mine(person: &str) -> Condition {
    Condition::any().add(Column::Customer.eq(person)).add(Column::Seller.eq(person))
}

/// One order of the person.
pub(super) async fn one(
    db: &DatabaseConnection,
    generation: i64,
    person: &str,
    order: Uuid,
) -> Result<Option<Row>, DbErr> {
    let found = Entity::find_by_id((generation, order)).filter(mine(person)).one(db).await?;
    found.map(Row::of).transpose()
}

/// The first orders of those wanted; those that come after one of them, if it is given.
pub(super) async fn some(
    db: &DatabaseConnection,
    generation: i64,
    wanted: &Wanted,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Row>, DbErr> {
    let later = Condition::all().add_option(after.map(|after| Column::OrderId.lt(after)));
    let mut rows = vec![];
    for side in sides(wanted.side) {
        let find = wanted.select(generation, *side).filter(later.clone());
        rows.extend(find.order_by_desc(Column::OrderId).limit(limit).all(db).await?);
    }
    rows.sort_unstable_by_key(|row| Reverse(row.order_id));
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    rows.into_iter().map(Row::of).collect()
}

/// The person's rows that changed after `place`, in the order of their changes.
pub(super) async fn changed(
    db: &DatabaseConnection,
    person: &str,
    place: Place,
) -> Result<Vec<Row>, DbErr> {
    // One query for both sides: between two, a change of the first could slip away.
    let later = Entity::find()
        .filter(Column::Generation.eq(place.generation))
        .filter(Column::Change.gt(place.change))
        .filter(mine(person));
    let rows = later.order_by_asc(Column::Change).limit(CHANGES).all(db).await?;
    rows.into_iter().map(Row::of).collect()
}

/// A row as clients see it: a function of all its columns, whatever came last.
fn shown(row: Model) -> Result<OrderBoardRow, DbErr> {
    Ok(OrderBoardRow {
        status: status(&row).into(),
        refunded: row.refund_time.is_some(),
        lines: row.ordered.as_deref().map(lines).transpose()?.unwrap_or_default(),
        order_id: row.order_id.to_string(),
        customer: row.customer.unwrap_or_default(),
        seller: row.seller.unwrap_or_default(),
        store_id: row.store_id.map(|id| id.to_string()).unwrap_or_default(),
        total_krw: row.total_krw.unwrap_or_default(),
        cancel_reason: row.cancel_reason.unwrap_or_default(),
        place_time: row.place_time.map(timestamp),
        pay_time: row.pay_time.map(timestamp),
        accept_time: row.accept_time.map(timestamp),
        cook_start_time: row.cook_start_time.map(timestamp),
        cook_time: row.cook_time.map(timestamp),
        delivery_start_time: row.delivery_start_time.map(timestamp),
        pick_up_time: row.pick_up_time.map(timestamp),
        deliver_time: row.deliver_time.map(timestamp),
        cancel_time: row.cancel_time.map(timestamp),
        refund_time: row.refund_time.map(timestamp),
    })
}

/// The furthest that an order has come. One that is called off stays so, whatever is heard of it later.
fn status(row: &Model) -> Status {
    let steps = [
        (row.cancel_time, Status::Cancelled),
        (row.deliver_time, Status::Delivered),
        (row.pick_up_time, Status::PickedUp),
        (row.delivery_start_time, Status::DeliveryStarted),
        (row.cook_time, Status::Cooked),
        (row.cook_start_time, Status::Cooking),
        (row.accept_time, Status::Accepted),
    ];
    let furthest = steps.into_iter().find(|(time, _)| time.is_some());
    furthest.map_or(Status::Placed, |(_, status)| status)
}

fn lines(ordered: &[u8]) -> Result<Vec<Line>, DbErr> {
    let ordered = OrderPlaced::decode(ordered);
    let ordered = ordered.map_err(|error| DbErr::Type(format!("lines of an order: {error}")))?;
    let line = |line| {
        let OrderedLine { product_id, name, quantity, price_krw } = line;
        Line { product_id, name, quantity, price_krw }
    };
    Ok(ordered.lines.into_iter().map(line).collect())
}
