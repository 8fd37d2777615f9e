//! The journal's rows, as commands write them and the relay marks them.

use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, Order, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::Expr,
};

use crate::{
    event::Event,
    store::{Failure, Tx, now_sql},
};

pub(super) mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "journal")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub kind: String,
        pub aggregate_id: Uuid,
        pub sequence: i64,
        pub r#type: String,
        pub payload: Vec<u8>,
        pub correlation_id: Uuid,
        pub causation_id: Uuid,
        pub traceparent: String,
        pub time: i64,
        pub acked_time: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) use entity::{Column, Entity};

impl entity::Model {
    /// The row as an event of `context`.
    pub(super) fn event(self, context: &str) -> Event {
        Event {
            context: context.to_owned(),
            kind: self.kind,
            aggregate_id: self.aggregate_id,
            sequence: self.sequence,
            type_name: self.r#type,
            payload: self.payload,
            correlation_id: self.correlation_id,
            causation_id: self.causation_id,
            traceparent: self.traceparent,
            time: self.time,
        }
    }
}

/// The table, where it lies in no SQL database.
pub const TABLE: &str = "journal";

/// An event as a journal holds it that lies in no SQL database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Later rows have higher ones.
    pub id: i64,
    /// The event.
    pub event: Event,
    /// When the broker acknowledged it, in ms since 1970.
    pub acked_time: Option<i64>,
}

impl Written {
    /// The key of its row: those of an aggregate are in order.
    pub fn key(&self) -> String {
        key(&self.event)
    }
}

pub(super) fn key(event: &Event) -> String {
    let Event { kind, aggregate_id, sequence, .. } = event;
    format!("{kind} {aggregate_id} {sequence:020}")
}

/// Writes events, in the transaction of the state that they tell of.
pub(crate) async fn append<R>(tx: &Tx, events: &[Event]) -> Result<(), Failure<R>> {
    if events.is_empty() {
        return Ok(());
    }
    if let Some(rows) = tx.rows() {
        for event in events {
            let written = Written { id: rows.number(), event: event.clone(), acked_time: None };
            let key = written.key();
            if !rows.insert(TABLE, key.clone(), written) {
                return Err(Failure::Inconsistent(format!("there is an event {key} already")));
            }
        }
        return Ok(());
    }
    let rows = events.iter().map(|event| entity::ActiveModel {
        id: NotSet,
        kind: Set(event.kind.clone()),
        aggregate_id: Set(event.aggregate_id),
        sequence: Set(event.sequence),
        r#type: Set(event.type_name.clone()),
        payload: Set(event.payload.clone()),
        correlation_id: Set(event.correlation_id),
        causation_id: Set(event.causation_id),
        traceparent: Set(event.traceparent.clone()),
        time: Set(event.time),
        acked_time: Set(None),
    });
    Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// The oldest events that no ack is known of, each with its row's id. There is no cursor: rows that
/// commit late are found all the same.
pub(crate) async fn unpublished(
    db: &impl ConnectionTrait,
    context: &str,
    limit: u64,
) -> Result<Vec<(i64, Event)>, DbErr> {
    let rows = Entity::find()
        .filter(Column::AckedTime.is_null())
        .order_by(Column::Id, Order::Asc)
        .limit(limit)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.event(context))).collect())
}

/// Every event that was written behind a row, with its row's id.
pub(crate) async fn written(
    db: &impl ConnectionTrait,
    context: &str,
    after: i64,
) -> Result<Vec<(i64, Event)>, DbErr> {
    let rows = Entity::find().filter(Column::Id.gt(after)).order_by(Column::Id, Order::Asc);
    Ok(rows.all(db).await?.into_iter().map(|row| (row.id, row.event(context))).collect())
}

/// How many events no ack is known of.
pub(crate) async fn backlog(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Entity::find().filter(Column::AckedTime.is_null()).count(db).await
}

/// Marks rows as acknowledged, by the database's own clock.
pub(crate) async fn mark(tx: &Tx, ids: Vec<i64>) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::AckedTime, Expr::cust(now_sql(tx.get_database_backend())))
        .filter(Column::Id.is_in(ids))
        .exec(tx)
        .await
        .map(drop)
}
