//! Reads acknowledged events by kind, aggregate and sequence.

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::{
    known::Key,
    rows::{Column, Entity},
};
use crate::event::Event;

/// Where a page of events begins: after this kind, aggregate and sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) kind: String,
    pub(super) id: Uuid,
    pub(super) sequence: i64,
}

/// Which events to read.
pub(super) struct Which {
    pub(super) aggregate: Option<(String, Uuid)>,
    pub(super) from_sequence: i64,
    pub(super) after: Option<Place>,
    pub(super) limit: u64,
}

/// A page of acknowledged events.
pub(super) async fn page(
    db: &impl ConnectionTrait,
    context: &str,
    which: Which,
) -> Result<Vec<Event>, DbErr> {
    let mut find = Entity::find()
        .filter(Column::AckedTime.is_not_null())
        .filter(Column::Sequence.gte(which.from_sequence));
    if let Some((kind, id)) = which.aggregate {
        find = find.filter(Column::Kind.eq(kind)).filter(Column::AggregateId.eq(id));
    }
    if let Some(place) = which.after {
        find = find.filter(later(&place));
    }
    let rows = find
        .order_by_asc(Column::Kind)
        .order_by_asc(Column::AggregateId)
        .order_by_asc(Column::Sequence)
        .limit(which.limit)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.event(context)).collect())
}

/// What was acknowledged of one aggregate from a sequence on.
pub(crate) async fn events(
    db: &impl ConnectionTrait,
    context: &str,
    key: &Key,
    from_sequence: i64,
) -> Result<Vec<Event>, DbErr> {
    let limit = u64::from(u32::MAX);
    let which = Which { aggregate: Some(key.clone()), from_sequence, after: None, limit };
    page(db, context, which).await
}

fn later(place: &Place) -> Condition {
    let kind = || Column::Kind.eq(place.kind.as_str());
    Condition::any()
        .add(Column::Kind.gt(place.kind.as_str()))
        .add(Condition::all().add(kind()).add(Column::AggregateId.gt(place.id)))
        .add(
            Condition::all()
                .add(kind())
                .add(Column::AggregateId.eq(place.id))
                .add(Column::Sequence.gt(place.sequence)),
        )
}
