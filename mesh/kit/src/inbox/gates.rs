//! Gate rows: how far each consumer is with each aggregate.

use std::collections::BTreeMap;

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{Alias, Expr, ExprTrait, OnConflict, Query},
};

use super::{discarded, held};
use crate::{
    decide::Gate,
    journal::{Key, among},
    store::Tx,
};

pub(super) mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "gate")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub consumer: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub source: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub aggregate_id: Uuid,
        pub sequence: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
use entity::{ActiveModel, Column, Entity};

/// Creates the gates that are absent and locks all, in the order of their keys.
pub(super) async fn lock(
    tx: &Tx,
    consumer: &str,
    source: &str,
    keys: Vec<Key>,
) -> Result<BTreeMap<Key, Gate>, DbErr> {
    let absent = keys.iter().map(|(kind, id)| ActiveModel {
        consumer: Set(consumer.to_owned()),
        source: Set(source.to_owned()),
        kind: Set(kind.clone()),
        aggregate_id: Set(*id),
        sequence: Set(0),
    });
    let key = [Column::Consumer, Column::Source, Column::Kind, Column::AggregateId];
    let there = OnConflict::new().do_nothing_on(key).to_owned();
    Entity::insert_many(absent).on_conflict(there).exec_without_returning(tx).await?;
    let rows = select(consumer, source, &keys).lock_exclusive().all(tx).await?;
    let gates = held::with(tx, consumer, source, wanted(rows, &keys)).await?;
    discarded::with(tx, consumer, source, gates).await
}

/// The gates of these aggregates, without a lock; those that are absent are left out.
pub(crate) async fn load(
    db: &impl ConnectionTrait,
    consumer: &str,
    source: &str,
    keys: &[Key],
) -> Result<BTreeMap<Key, Gate>, DbErr> {
    let rows = select(consumer, source, keys).all(db).await?;
    let gates = held::with(db, consumer, source, wanted(rows, keys)).await?;
    discarded::with(db, consumer, source, gates).await
}

fn select(consumer: &str, source: &str, keys: &[Key]) -> sea_orm::Select<Entity> {
    Entity::find()
        .filter(Column::Consumer.eq(consumer))
        .filter(Column::Source.eq(source))
        .filter(among(keys, Column::Kind, Column::AggregateId))
        .order_by_asc(Column::Kind)
        .order_by_asc(Column::AggregateId)
}

fn wanted(rows: Vec<entity::Model>, keys: &[Key]) -> BTreeMap<Key, Gate> {
    let gate = |row: entity::Model| {
        ((row.kind, row.aggregate_id), Gate { last: row.sequence, ..Gate::default() })
    };
    rows.into_iter().map(gate).filter(|(key, _)| keys.contains(key)).collect()
}

/// Writes how far a gate is now.
pub(super) async fn move_to(
    tx: &Tx,
    consumer: &str,
    source: &str,
    key: &Key,
    sequence: i64,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Sequence, Expr::value(sequence))
        .filter(Column::Consumer.eq(consumer))
        .filter(Column::Source.eq(source))
        .filter(Column::Kind.eq(key.0.as_str()))
        .filter(Column::AggregateId.eq(key.1))
        .exec(tx)
        .await
        .map(drop)
}

#[derive(FromQueryResult)]
struct Count {
    count: i64,
}

/// How many aggregates `new` knows less of than `old` does.
pub(crate) async fn behind(db: &impl ConnectionTrait, old: &str, new: &str) -> Result<u64, DbErr> {
    let (ours, theirs) = (Alias::new("ours"), Alias::new("theirs"));
    let same = |column: Column| Expr::col((ours.clone(), column)).equals((theirs.clone(), column));
    let covered = Query::select()
        .expr(Expr::value(1))
        .from_as(Entity, theirs.clone())
        .and_where(Expr::col((theirs.clone(), Column::Consumer)).eq(new))
        .and_where(same(Column::Source))
        .and_where(same(Column::Kind))
        .and_where(same(Column::AggregateId))
        .and_where(
            Expr::col((theirs.clone(), Column::Sequence))
                .gte(Expr::col((ours.clone(), Column::Sequence))),
        )
        .to_owned();
    let lacking = Query::select()
        .expr_as(Expr::cust("COUNT(*)"), "count")
        .from_as(Entity, ours.clone())
        .and_where(Expr::col((ours.clone(), Column::Consumer)).eq(old))
        // A gate that nothing has passed knows nothing.
        .and_where(Expr::col((ours.clone(), Column::Sequence)).gt(0))
        .and_where(Expr::exists(covered).not())
        .to_owned();
    let statement = db.get_database_backend().build(&lacking);
    let row = Count::find_by_statement(statement).one(db).await?;
    Ok(row.map_or(0, |row| u64::try_from(row.count).unwrap_or(0)))
}

/// How many aggregates a consumer knows something of.
pub(crate) async fn count(db: &impl ConnectionTrait, consumer: &str) -> Result<u64, DbErr> {
    let passed = Column::Consumer.eq(consumer).and(Column::Sequence.gt(0));
    Entity::find().filter(passed).count(db).await
}

/// The gates of a consumer on a source, for its tests of being up to date.
pub(crate) async fn gates_of(
    db: &impl ConnectionTrait,
    consumer: &str,
    source: &str,
    key: &Key,
) -> Result<Gate, DbErr> {
    let keys = [key.clone()];
    Ok(load(db, consumer, source, &keys).await?.remove(key).unwrap_or_default())
}

/// Removes all gates and held events of a consumer.
pub(crate) async fn clear(tx: &Tx, consumer: &str) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::Consumer.eq(consumer)).exec(tx).await?;
    held::clear(tx, consumer).await
}
