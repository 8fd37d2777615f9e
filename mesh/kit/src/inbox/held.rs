//! Held events: those behind a gap, and parked or set aside ones with all that follow them.

use prost::Message;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict, Query},
};
use uuid::Uuid;

use jangteo::journal::v1::JournalEvent;

use super::{
    Letter,
    gates::{Gates, entity as gates},
    simulated,
};
use crate::{
    clock,
    event::Event,
    journal::{Key, among},
    store::{Failure, Never, Store, Tx},
};

mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "held")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub consumer: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub source: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub aggregate_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub sequence: i64,
        pub event: Vec<u8>,
        pub cause: Option<String>,
        pub attempts: i64,
        pub traceparent: String,
        pub time: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
use entity::{ActiveModel, Column, Entity};

/// Completes gates with what is held behind them.
pub(super) async fn behind(
    db: &impl ConnectionTrait,
    consumers: &[&str],
    source: &str,
    keys: &[Key],
    gates: &mut Gates,
) -> Result<(), DbErr> {
    let place = [Column::Consumer, Column::Kind, Column::AggregateId, Column::Sequence];
    let rows: Vec<(String, String, Uuid, i64, Option<String>)> = Entity::find()
        .select_only()
        .columns(place)
        .column(Column::Cause)
        .filter(Column::Consumer.is_in(consumers.iter().copied()))
        .filter(Column::Source.eq(source))
        .filter(among(keys, Column::Kind, Column::AggregateId))
        .into_tuple()
        .all(db)
        .await?;
    for (consumer, kind, id, sequence, cause) in rows {
        if let Some(gate) = gates.get_mut(&(consumer, (kind, id))) {
            gate.hold(sequence);
            gate.parked |= cause.is_some();
        }
    }
    Ok(())
}

/// Stores an event that has to wait; with a cause it is parked.
pub(super) async fn put(
    tx: &Tx,
    consumer: &str,
    event: &Event,
    cause: Option<&str>,
) -> Result<(), DbErr> {
    if let Some(rows) = tx.rows() {
        simulated::hold(rows, consumer, event, cause);
        return Ok(());
    }
    let row = ActiveModel {
        consumer: Set(consumer.to_owned()),
        source: Set(event.context.clone()),
        kind: Set(event.kind.clone()),
        aggregate_id: Set(event.aggregate_id),
        sequence: Set(event.sequence),
        event: Set(JournalEvent::from(event).encode_to_vec()),
        cause: Set(cause.map(str::to_owned)),
        attempts: Set(i64::from(cause.is_some())),
        traceparent: Set(event.traceparent.clone()),
        time: Set(clock::now_ms()),
    };
    let key =
        [Column::Consumer, Column::Source, Column::Kind, Column::AggregateId, Column::Sequence];
    let there = OnConflict::columns(key)
        .update_columns([Column::Cause])
        .value(
            Column::Attempts,
            Expr::col((Entity, Column::Attempts)).add(i64::from(cause.is_some())),
        )
        .to_owned();
    Entity::insert(row).on_conflict(there).exec_without_returning(tx).await.map(drop)
}

/// Reads the held event with this sequence.
pub(super) async fn read<R>(
    tx: &Tx,
    consumer: &str,
    source: &str,
    key: &Key,
    sequence: i64,
) -> Result<Event, Failure<R>> {
    if let Some(rows) = tx.rows() {
        let held = simulated::held(rows, consumer, source, key, sequence);
        return held.ok_or_else(|| Failure::Inconsistent("a held event is gone".to_owned()));
    }
    let id = (consumer.to_owned(), source.to_owned(), key.0.clone(), key.1, sequence);
    let row = Entity::find_by_id(id.clone()).one(tx).await?;
    let row = row.ok_or_else(|| Failure::Inconsistent(format!("held event {id:?} is gone")))?;
    let event = JournalEvent::decode(row.event.as_slice())
        .map_err(|error| Failure::Inconsistent(error.to_string()))?;
    event.try_into().map_err(|error: uuid::Error| Failure::Inconsistent(error.to_string()))
}

/// The held event with this sequence does not wait any more.
pub(super) async fn remove(
    tx: &Tx,
    consumer: &str,
    source: &str,
    key: &Key,
    sequence: i64,
) -> Result<(), DbErr> {
    if let Some(rows) = tx.rows() {
        simulated::let_go(rows, consumer, source, key, sequence);
        return Ok(());
    }
    let id = (consumer.to_owned(), source.to_owned(), key.0.clone(), key.1, sequence);
    Entity::delete_by_id(id).exec(tx).await.map(drop)
}

/// The events that were set aside, the oldest first: each is next behind its gate, and not parked.
pub(super) async fn aside(store: &Store, consumer: &str) -> Result<Vec<Letter>, Failure<Never>> {
    if let Some(rows) = store.rows() {
        return Ok(simulated::aside(rows, consumer));
    }
    let gate = |column: gates::Column| Expr::col((gates::Entity, column));
    let same = |ours: Column, theirs| Expr::col((Entity, ours)).eq(gate(theirs));
    let behind = Query::select()
        .expr(Expr::value(1))
        .from(gates::Entity)
        .and_where(same(Column::Consumer, gates::Column::Consumer))
        .and_where(same(Column::Source, gates::Column::Source))
        .and_where(same(Column::Kind, gates::Column::Kind))
        .and_where(same(Column::AggregateId, gates::Column::AggregateId))
        .and_where(Expr::col((Entity, Column::Sequence)).eq(gate(gates::Column::Sequence).add(1)))
        .to_owned();
    let rows: Vec<(String, String, Uuid, i64)> = Entity::find()
        .select_only()
        .columns([Column::Source, Column::Kind, Column::AggregateId, Column::Sequence])
        .filter(Column::Consumer.eq(consumer))
        .filter(Column::Cause.is_null())
        .filter(Expr::exists(behind))
        .order_by_asc(Column::Time)
        .into_tuple()
        .all(store.reader()?)
        .await?;
    let letter = |(source, kind, id, sequence)| Letter {
        consumer: consumer.to_owned(),
        source,
        key: (kind, id),
        sequence,
    };
    Ok(rows.into_iter().map(letter).collect())
}

/// An event that is parked does not, from now on; tells whether it was.
pub(super) async fn unpark(tx: &Tx, letter: &Letter) -> Result<bool, DbErr> {
    if let Some(rows) = tx.rows() {
        return Ok(simulated::unpark(rows, letter));
    }
    let done = Entity::update_many()
        .col_expr(Column::Cause, Expr::value(None::<String>))
        .filter(this(letter))
        .filter(Column::Cause.is_not_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Why an event is parked.
pub(super) async fn cause(tx: &Tx, letter: &Letter) -> Result<Option<String>, DbErr> {
    if let Some(rows) = tx.rows() {
        return Ok(simulated::cause(rows, letter));
    }
    Ok(Entity::find().filter(this(letter)).one(tx).await?.and_then(|row| row.cause))
}

fn this(letter: &Letter) -> Condition {
    Condition::all()
        .add(Column::Consumer.eq(letter.consumer.as_str()))
        .add(Column::Source.eq(letter.source.as_str()))
        .add(Column::Kind.eq(letter.key.0.as_str()))
        .add(Column::AggregateId.eq(letter.key.1))
        .add(Column::Sequence.eq(letter.sequence))
}

/// A parked event.
pub(super) struct Parked {
    pub(super) letter: Letter,
    pub(super) cause: String,
    /// How often it was tried.
    pub(super) attempts: i64,
    pub(super) traceparent: String,
    /// When it was held or parked first, in ms since 1970.
    pub(super) time: i64,
    event: Vec<u8>,
}

impl Parked {
    /// The event.
    pub(super) fn event(&self) -> Result<JournalEvent, Failure<Never>> {
        JournalEvent::decode(self.event.as_slice())
            .map_err(|error| Failure::Inconsistent(error.to_string()))
    }
}

impl From<entity::Model> for Parked {
    fn from(row: entity::Model) -> Self {
        let entity::Model { consumer, source, kind, aggregate_id, sequence, .. } = row;
        Self {
            letter: Letter { consumer, source, key: (kind, aggregate_id), sequence },
            cause: row.cause.unwrap_or_default(),
            attempts: row.attempts,
            traceparent: row.traceparent,
            time: row.time,
            event: row.event,
        }
    }
}

/// Parked events, by their places.
pub(super) async fn parked(
    db: &impl ConnectionTrait,
    after: Option<Letter>,
    limit: u64,
) -> Result<Vec<Parked>, DbErr> {
    let place =
        (Column::Consumer, Column::Source, Column::Kind, Column::AggregateId, Column::Sequence);
    let mut cursor = Entity::find().filter(Column::Cause.is_not_null()).cursor_by(place);
    if let Some(Letter { consumer, source, key: (kind, id), sequence }) = after {
        cursor.after((consumer, source, kind, id, sequence));
    }
    let rows = cursor.first(limit).all(db).await?;
    Ok(rows.into_iter().map(Parked::from).collect())
}

/// The places of all parked events.
pub(crate) async fn letters(store: &Store) -> Result<Vec<Letter>, Failure<Never>> {
    if let Some(rows) = store.rows() {
        return Ok(simulated::parked(rows));
    }
    let all = parked(store.reader()?, None, u64::from(u32::MAX)).await?;
    Ok(all.into_iter().map(|parked| parked.letter).collect())
}

/// One parked event.
pub(super) async fn parked_one(
    db: &impl ConnectionTrait,
    letter: &Letter,
) -> Result<Option<Parked>, DbErr> {
    let found = Entity::find().filter(this(letter)).filter(Column::Cause.is_not_null());
    Ok(found.one(db).await?.map(Parked::from))
}

/// How many events wait behind one.
pub(super) async fn waiting(db: &impl ConnectionTrait, letter: &Letter) -> Result<u64, DbErr> {
    Entity::find()
        .filter(Column::Consumer.eq(letter.consumer.as_str()))
        .filter(Column::Source.eq(letter.source.as_str()))
        .filter(Column::Kind.eq(letter.key.0.as_str()))
        .filter(Column::AggregateId.eq(letter.key.1))
        .filter(Column::Sequence.gt(letter.sequence))
        .count(db)
        .await
}

/// How many events are parked.
pub(crate) async fn parked_count(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Entity::find().filter(Column::Cause.is_not_null()).count(db).await
}

pub(super) async fn clear(tx: &Tx, consumer: &str) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::Consumer.eq(consumer)).exec(tx).await.map(drop)
}
