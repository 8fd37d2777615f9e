//! Positions: the source's time up to which a consumer has compared.

use std::collections::HashMap;

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    sea_query::OnConflict,
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

/// The positions of a consumer, by source.
pub(crate) async fn all(
    db: &impl ConnectionTrait,
    consumer: &str,
) -> Result<HashMap<String, i64>, DbErr> {
    let rows = Entity::find().filter(Column::Consumer.eq(consumer)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.source, row.time)).collect())
}

/// Everything up to this time was applied, held or parked.
pub(crate) async fn set(tx: &Tx, consumer: &str, source: &str, time: i64) -> Result<(), DbErr> {
    let row = ActiveModel {
        consumer: Set(consumer.to_owned()),
        source: Set(source.to_owned()),
        time: Set(time),
    };
    let there = OnConflict::columns([Column::Consumer, Column::Source])
        .update_column(Column::Time)
        .to_owned();
    Entity::insert(row).on_conflict(there).exec_without_returning(tx).await.map(drop)
}

pub(crate) async fn clear(tx: &Tx, consumer: &str) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::Consumer.eq(consumer)).exec(tx).await.map(drop)
}
