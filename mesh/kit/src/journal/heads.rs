//! How far each aggregate's history goes.

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};
use uuid::Uuid;

use super::{
    known::{Key, among},
    rows::{Column, Entity},
};
use crate::decide::Head;

/// One aggregate's last sequences.
#[derive(Debug, FromQueryResult)]
pub(super) struct Row {
    pub(super) kind: String,
    pub(super) aggregate_id: Uuid,
    pub(super) last: i64,
    pub(super) acked: i64,
}

/// The aggregates of which a row was acknowledged at or after `since`, after `after`.
pub(super) async fn page(
    db: &impl ConnectionTrait,
    since: Option<i64>,
    after: Option<(String, Uuid)>,
    limit: u64,
) -> Result<Vec<Row>, DbErr> {
    let mut find = Entity::find()
        .select_only()
        .column(Column::Kind)
        .column(Column::AggregateId)
        .distinct()
        .filter(
            since.map_or_else(|| Column::AckedTime.is_not_null(), |at| Column::AckedTime.gte(at)),
        );
    if let Some((kind, id)) = after {
        let same =
            Condition::all().add(Column::Kind.eq(kind.as_str())).add(Column::AggregateId.gt(id));
        find = find.filter(Condition::any().add(Column::Kind.gt(kind.as_str())).add(same));
    }
    let touched: Vec<(String, Uuid)> = find
        .order_by_asc(Column::Kind)
        .order_by_asc(Column::AggregateId)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?;
    of(db, &touched).await
}

/// All of them, as whoever drives a context reads them.
pub(crate) async fn heads(
    db: &impl ConnectionTrait,
    since: Option<i64>,
) -> Result<Vec<(Key, Head)>, DbErr> {
    let rows = page(db, since, None, u64::from(u32::MAX)).await?;
    let head = |row: Row| ((row.kind, row.aggregate_id), Head { acked: row.acked, last: row.last });
    Ok(rows.into_iter().map(head).collect())
}

async fn of(db: &impl ConnectionTrait, touched: &[(String, Uuid)]) -> Result<Vec<Row>, DbErr> {
    if touched.is_empty() {
        return Ok(Vec::new());
    }
    Entity::find()
        .select_only()
        .column(Column::Kind)
        .column(Column::AggregateId)
        .column_as(Column::Sequence.max(), "last")
        .column_as(Expr::max(acked()), "acked")
        .filter(among(touched, Column::Kind, Column::AggregateId))
        .group_by(Column::Kind)
        .group_by(Column::AggregateId)
        .order_by_asc(Column::Kind)
        .order_by_asc(Column::AggregateId)
        .into_model()
        .all(db)
        .await
}

/// The sequence of an acknowledged row, 0 of another.
fn acked() -> SimpleExpr {
    Expr::case(Column::AckedTime.is_not_null(), Expr::col(Column::Sequence)).finally(0i64).into()
}
