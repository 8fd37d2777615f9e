//! Reads a part of the journal in the order in which it was written.

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::rows::{Column, Entity};
use crate::event::Event;

/// Which acknowledged events to read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Window {
    /// Those that were written at or after this time, in ms since 1970.
    pub(crate) since: Option<i64>,
    /// Those that were written before this time, in ms since 1970.
    pub(crate) until: Option<i64>,
}

/// The next acknowledged events of a window behind a row, each with its row's id. One that is
/// acknowledged later is published by whoever acknowledges it.
pub(crate) async fn window(
    db: &impl ConnectionTrait,
    context: &str,
    window: Window,
    after: i64,
    limit: u64,
) -> Result<Vec<(i64, Event)>, DbErr> {
    let within = Condition::all()
        .add(Column::AckedTime.is_not_null())
        .add(Column::Id.gt(after))
        .add_option(window.since.map(|since| Column::Time.gte(since)))
        .add_option(window.until.map(|until| Column::Time.lt(until)));
    let rows = Entity::find().filter(within).order_by_asc(Column::Id).limit(limit).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.event(context))).collect())
}
