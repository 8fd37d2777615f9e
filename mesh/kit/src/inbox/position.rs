//! Positions: the source's time up to which a consumer has compared.

use std::collections::HashMap;

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

use crate::store::Tx;

mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "position")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub consumer: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub source: String,
        pub time: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
use entity::{ActiveModel, Column, Entity};

/// The position of a consumer in ms since 1970; a new one has none.
pub(crate) async fn get(
    db: &impl ConnectionTrait,
    consumer: &str,
    source: &str,
) -> Result<Option<i64>, DbErr> {
    let row = Entity::find_by_id((consumer.to_owned(), source.to_owned())).one(db).await?;
    Ok(row.map(|row| row.time))
}

/// Positions by consumer and source.
pub(crate) type Positions = HashMap<(String, String), i64>;

/// The positions of these consumers.
pub(crate) async fn all<'a>(
    db: &impl ConnectionTrait,
    consumers: impl Iterator<Item = &'a str>,
) -> Result<Positions, DbErr> {
    let rows = Entity::find().filter(Column::Consumer.is_in(consumers)).all(db).await?;
    Ok(rows.into_iter().map(|row| ((row.consumer, row.source), row.time)).collect())
}

/// Everything of a source up to this time was applied, held or parked by each of these consumers.
pub(crate) async fn set(
    tx: &Tx,
    consumers: &[String],
    source: &str,
    time: i64,
) -> Result<(), DbErr> {
    let row = |consumer: &String| ActiveModel {
        consumer: Set(consumer.clone()),
        source: Set(source.to_owned()),
        time: Set(time),
    };
    let rows: Vec<_> = consumers.iter().map(row).collect();
    let there = OnConflict::columns([Column::Consumer, Column::Source])
        .update_column(Column::Time)
        .to_owned();
    Entity::insert_many(rows).on_conflict(there).exec_without_returning(tx).await.map(drop)
}

/// The same, for consumers that have a position: one whose position was cleared meanwhile gets none, since
/// another generation has taken its place.
pub(crate) async fn advance(
    tx: &Tx,
    consumers: &[String],
    source: &str,
    time: i64,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Time, Expr::value(time))
        .filter(Column::Consumer.is_in(consumers))
        .filter(Column::Source.eq(source))
        .exec(tx)
        .await
        .map(drop)
}

pub(crate) async fn clear(tx: &Tx, consumer: &str) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::Consumer.eq(consumer)).exec(tx).await.map(drop)
}
