//! What the journal knows, beside what its own stream tells.

use std::collections::{BTreeMap, HashMap};

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::Expr,
};
use uuid::Uuid;

use super::rows::{Column, Entity, TABLE, Written, append};
use crate::{
    event::Event,
    store::{Failure, Never, Tx, now_sql},
};

/// An aggregate: its kind and id.
pub type Key = (String, Uuid);

/// The rows of these aggregates, so that an index by kind and id finds each: with the ids alone it
/// would be read through for all of them.
pub(crate) fn among<'a, C: ColumnTrait>(
    keys: impl IntoIterator<Item = &'a Key>,
    kind: C,
    id: C,
) -> Condition {
    let mut by_kind: BTreeMap<&str, Vec<Uuid>> = BTreeMap::new();
    for (kind, id) in keys {
        by_kind.entry(kind).or_default().push(*id);
    }
    if by_kind.is_empty() {
        return Condition::all().add(id.is_in(Vec::<Uuid>::new()));
    }
    by_kind.into_iter().fold(Condition::any(), |any, (of, ids)| {
        any.add(Condition::all().add(kind.eq(of)).add(id.is_in(ids)))
    })
}

/// One aggregate's own history.
pub(crate) struct Known {
    /// The last sequence that the broker acknowledged.
    pub(crate) acked: i64,
    /// What was written since, by sequence.
    pub(crate) unacked: BTreeMap<i64, Event>,
}

/// When an event was acknowledged last, in ms since 1970 by the database's clock; none: never.
pub(crate) async fn newest_ack(db: &impl ConnectionTrait) -> Result<Option<i64>, DbErr> {
    let newest = Entity::find().select_only().column_as(Column::AckedTime.max(), "newest");
    Ok(newest.into_tuple().one(db).await?.flatten())
}

/// Those of these events that are not in the journal, or under whose number another one waits there
/// to be published.
pub(crate) async fn unknown(
    db: &impl ConnectionTrait,
    context: &str,
    events: Vec<Event>,
) -> Result<Vec<Event>, DbErr> {
    if events.is_empty() {
        return Ok(events);
    }
    let rows = Entity::find().filter(numbered(&events)).all(db).await?;
    let known: HashMap<Uuid, (bool, Event)> = rows
        .into_iter()
        .map(|row| (row.acked_time.is_some(), row.event(context)))
        .map(|(acked, event)| (event.id(), (acked, event)))
        .collect();
    let is_known = |event: &Event| {
        known.get(&event.id()).is_some_and(|(acked, known)| *acked || known.is(event))
    };
    Ok(events.into_iter().filter(|event| !is_known(event)).collect())
}

/// The rows with the numbers of these events.
fn numbered(events: &[Event]) -> Condition {
    let mut by_aggregate: BTreeMap<(&str, Uuid), Vec<i64>> = BTreeMap::new();
    for event in events {
        by_aggregate.entry((&event.kind, event.aggregate_id)).or_default().push(event.sequence);
    }
    by_aggregate.into_iter().fold(Condition::any(), |any, ((kind, id), sequences)| {
        any.add(of(kind, id).add(Column::Sequence.is_in(sequences)))
    })
}

fn of(kind: &str, id: Uuid) -> Condition {
    Condition::all().add(Column::Kind.eq(kind)).add(Column::AggregateId.eq(id))
}

/// The history of one aggregate.
pub(crate) async fn known(tx: &Tx, context: &str, (kind, id): &Key) -> Result<Known, DbErr> {
    let acked = Entity::find()
        .filter(of(kind, *id).add(Column::AckedTime.is_not_null()))
        .order_by_desc(Column::Sequence)
        .one(tx)
        .await?;
    let unacked = Entity::find().filter(of(kind, *id).add(Column::AckedTime.is_null()));
    let unacked = unacked.all(tx).await?.into_iter().map(|row| (row.sequence, row.event(context)));
    Ok(Known { acked: acked.map_or(0, |row| row.sequence), unacked: unacked.collect() })
}

/// The last sequence of an aggregate; 0: it has no history.
pub(crate) async fn last(db: &impl ConnectionTrait, kind: &str, id: Uuid) -> Result<i64, DbErr> {
    let last = Entity::find().select_only().column_as(Column::Sequence.max(), "last");
    let last: Option<Option<i64>> = last.filter(of(kind, id)).into_tuple().one(db).await?;
    Ok(last.flatten().unwrap_or(0))
}

/// The same, for whoever writes.
pub(crate) async fn last_before(tx: &Tx, kind: &str, id: Uuid) -> Result<i64, DbErr> {
    let Some(rows) = tx.rows() else { return last(tx, kind, id).await };
    let history = rows.all::<Written>(TABLE, &format!("{kind} {id} "));
    Ok(history.last().map_or(0, |written| written.event.sequence))
}

/// Gives events that nobody has heard of other numbers: later ones.
pub(crate) async fn renumber(
    tx: &Tx,
    (kind, id): &Key,
    numbers: &[(i64, i64)],
) -> Result<(), DbErr> {
    // From behind: no two may have the same number at any time.
    for (from, to) in numbers.iter().rev() {
        Entity::update_many()
            .col_expr(Column::Sequence, Expr::value(*to))
            .filter(of(kind, *id).add(Column::Sequence.eq(*from)))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Writes events that were acknowledged in a life that the database has forgotten: acknowledged as of
/// now, so that whoever compares finds them.
pub(crate) async fn adopt(tx: &Tx, events: &[Event]) -> Result<(), Failure<Never>> {
    append(tx, events).await?;
    if events.is_empty() {
        return Ok(());
    }
    Entity::update_many()
        .col_expr(Column::AckedTime, Expr::cust(now_sql(tx.get_database_backend())))
        .filter(numbered(events))
        .exec(tx)
        .await?;
    Ok(())
}
