//! What the journal knows, beside what its own stream tells.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::Expr,
};
use uuid::Uuid;

use super::rows::{Column, Entity, TABLE, Written, append, key};
use crate::{
    clock,
    event::Event,
    store::{Failure, Never, Rows, Store, Tx, now_sql},
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
    store: &Store,
    context: &str,
    events: Vec<Event>,
) -> Result<Vec<Event>, Failure<Never>> {
    if events.is_empty() {
        return Ok(events);
    }
    let known = under_their_numbers(store, context, &events).await?;
    let known: HashMap<Uuid, (bool, Event)> =
        known.into_iter().map(|(acked, event)| (event.id(), (acked, event))).collect();
    let is_known = |event: &Event| {
        known.get(&event.id()).is_some_and(|(acked, known)| *acked || known.is(event))
    };
    Ok(events.into_iter().filter(|event| !is_known(event)).collect())
}

/// What is known under the numbers of these events, and whether it was acknowledged.
async fn under_their_numbers(
    store: &Store,
    context: &str,
    events: &[Event],
) -> Result<Vec<(bool, Event)>, Failure<Never>> {
    if let Some(rows) = store.rows() {
        let rows = events.iter().filter_map(|event| rows.one::<Written>(TABLE, &key(event)));
        return Ok(rows.map(|row| (row.acked_time.is_some(), row.event)).collect());
    }
    let rows = Entity::find().filter(numbered(events)).all(store.reader()?).await?;
    Ok(rows.into_iter().map(|row| (row.acked_time.is_some(), row.event(context))).collect())
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
    if let Some(rows) = tx.rows() {
        return Ok(known_in(rows, kind, *id));
    }
    let acked = Entity::find()
        .filter(of(kind, *id).add(Column::AckedTime.is_not_null()))
        .order_by_desc(Column::Sequence)
        .one(tx)
        .await?;
    let unacked = Entity::find().filter(of(kind, *id).add(Column::AckedTime.is_null()));
    let unacked = unacked.all(tx).await?.into_iter().map(|row| (row.sequence, row.event(context)));
    Ok(Known { acked: acked.map_or(0, |row| row.sequence), unacked: unacked.collect() })
}

fn known_in(rows: &dyn Rows, kind: &str, id: Uuid) -> Known {
    let history = rows.all::<Written>(TABLE, &format!("{kind} {id} "));
    let (acked, unacked): (Vec<_>, Vec<_>) =
        history.into_iter().partition(|row| row.acked_time.is_some());
    Known {
        acked: acked.last().map_or(0, |row| row.event.sequence),
        unacked: unacked.into_iter().map(|row| (row.event.sequence, row.event)).collect(),
    }
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
        if let Some(rows) = tx.rows() {
            let place = format!("{kind} {id} {from:020}");
            let Some(mut written) = rows.one::<Written>(TABLE, &place) else { continue };
            written.event.sequence = *to;
            rows.remove(TABLE, &place);
            rows.put(TABLE, written.key(), Arc::new(written));
            continue;
        }
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
    if let Some(rows) = tx.rows() {
        for event in events {
            let acked_time = Some(clock::now_ms());
            rows.change(TABLE, &key(event), |row: &mut Written| row.acked_time = acked_time);
        }
        return Ok(());
    }
    Entity::update_many()
        .col_expr(Column::AckedTime, Expr::cust(now_sql(tx.get_database_backend())))
        .filter(numbered(events))
        .exec(tx)
        .await?;
    Ok(())
}
