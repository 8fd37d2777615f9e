//! Gate rows: how far each consumer is with each aggregate.

use std::collections::{BTreeMap, HashMap};

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{Alias, Expr, ExprTrait, OnConflict, Query},
};
use uuid::Uuid;

use super::{discarded, held, position, simulated};
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

const KEY: [Column; 4] = [Column::Consumer, Column::Source, Column::Kind, Column::AggregateId];

/// Which gate: of which consumer, before which aggregate.
pub(crate) type GateKey = (String, Key);
/// Gates on one source.
pub(crate) type Gates = BTreeMap<GateKey, Gate>;

/// Creates the gates that are absent and locks all, in the order of their keys.
pub(super) async fn lock(
    tx: &Tx,
    consumers: &[&str],
    source: &str,
    keys: &[Key],
) -> Result<Gates, DbErr> {
    if let Some(rows) = tx.rows() {
        return Ok(simulated::gates(rows, consumers, source, keys));
    }
    let of = |name| keys.iter().map(move |key| row(name, source, key, 0));
    let absent: Vec<_> = consumers.iter().flat_map(|name| of(*name)).collect();
    let there = OnConflict::new().do_nothing_on(KEY).to_owned();
    Entity::insert_many(absent).on_conflict(there).exec_without_returning(tx).await?;
    let rows = select(consumers, source, keys).lock_exclusive().all(tx).await?;
    complete(tx, rows, consumers, source, keys).await
}

/// The gates of these aggregates, without a lock; those that are absent are left out.
pub(crate) async fn load(
    db: &impl ConnectionTrait,
    consumers: &[&str],
    source: &str,
    keys: &[Key],
) -> Result<Gates, DbErr> {
    let rows = select(consumers, source, keys).all(db).await?;
    complete(db, rows, consumers, source, keys).await
}

/// How far consumers are with these aggregates; where a gate is absent, there is a number less.
pub(crate) async fn reached(
    db: &impl ConnectionTrait,
    consumers: &[&str],
    source: &str,
    keys: &[Key],
) -> Result<HashMap<Key, Vec<i64>>, DbErr> {
    let columns = [Column::Kind, Column::AggregateId, Column::Sequence];
    let rows: Vec<(String, Uuid, i64)> =
        select(consumers, source, keys).select_only().columns(columns).into_tuple().all(db).await?;
    let mut reached: HashMap<Key, Vec<i64>> = HashMap::new();
    for (kind, id, last) in rows {
        reached.entry((kind, id)).or_default().push(last);
    }
    Ok(reached)
}

fn select(consumers: &[&str], source: &str, keys: &[Key]) -> sea_orm::Select<Entity> {
    Entity::find()
        .filter(Column::Consumer.is_in(consumers.iter().copied()))
        .filter(Column::Source.eq(source))
        .filter(among(keys, Column::Kind, Column::AggregateId))
        .order_by_asc(Column::Consumer)
        .order_by_asc(Column::Kind)
        .order_by_asc(Column::AggregateId)
}

/// The gates of these rows, with what is held and what is passed over behind them.
async fn complete(
    db: &impl ConnectionTrait,
    rows: Vec<entity::Model>,
    consumers: &[&str],
    source: &str,
    keys: &[Key],
) -> Result<Gates, DbErr> {
    let gate = |row: entity::Model| {
        let key = (row.kind, row.aggregate_id);
        ((row.consumer, key), Gate { last: row.sequence, ..Gate::default() })
    };
    let mut gates: Gates =
        rows.into_iter().map(gate).filter(|((_, key), _)| keys.contains(key)).collect();
    held::behind(db, consumers, source, keys, &mut gates).await?;
    discarded::behind(db, consumers, source, keys, &mut gates).await?;
    Ok(gates)
}

/// Writes how far gates are now: all of them are there, and locked.
pub(super) async fn move_to(tx: &Tx, source: &str, moved: &[(GateKey, i64)]) -> Result<(), DbErr> {
    if moved.is_empty() {
        return Ok(());
    }
    if let Some(rows) = tx.rows() {
        simulated::move_to(rows, source, moved);
        return Ok(());
    }
    let rows = moved.iter().map(|((name, key), last)| row(name, source, key, *last));
    let rows: Vec<_> = rows.collect();
    let there = OnConflict::columns(KEY).update_column(Column::Sequence).to_owned();
    Entity::insert_many(rows).on_conflict(there).exec_without_returning(tx).await.map(drop)
}

fn row(consumer: &str, source: &str, (kind, id): &Key, sequence: i64) -> ActiveModel {
    ActiveModel {
        consumer: Set(consumer.to_owned()),
        source: Set(source.to_owned()),
        kind: Set(kind.clone()),
        aggregate_id: Set(*id),
        sequence: Set(sequence),
    }
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
    let gates = load(db, &[consumer], source, std::slice::from_ref(key)).await?;
    Ok(gates.into_values().next().unwrap_or_default())
}

/// Removes all gates, held events and positions of a consumer.
pub(crate) async fn clear(tx: &Tx, consumer: &str) -> Result<(), DbErr> {
    if let Some(rows) = tx.rows() {
        simulated::clear(rows, consumer);
        return Ok(());
    }
    position::clear(tx, consumer).await?;
    Entity::delete_many().filter(Column::Consumer.eq(consumer)).exec(tx).await?;
    held::clear(tx, consumer).await
}
