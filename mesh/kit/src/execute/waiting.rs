//! What aggregates wait for: one row each, in the database of their state.

use std::sync::Arc;

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::{
    aggregate::{Stored, Versioned},
    call::RequestKey,
    cause::Cause,
    request::{self, Verdict},
};
use crate::{
    decide::{Asking, Pending, Unanswered, begun},
    status::refusal,
    store::{Failure, Tx},
    token,
};

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "waiting")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub aggregate_id: Uuid,
        // When it began to wait for this very question or timer.
        pub since: i64,
        pub wake_time: i64,
        pub call_key: Option<String>,
        pub attempts: i64,
        pub deadline: Option<i64>,
        pub until: Option<i64>,
        pub causation_id: Uuid,
        pub traceparent: String,
        pub token: String,
        pub principal: Option<String>,
        pub method: Option<String>,
        pub request_id: Option<Uuid>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
pub(crate) use entity::Model as Waiting;
use entity::{Column, Entity};

impl Waiting {
    /// How far the asking of its question is.
    pub(crate) fn asking(&self) -> Asking {
        Asking {
            attempts: u32::try_from(self.attempts).unwrap_or(u32::MAX),
            deadline: self.deadline,
            wake: self.wake_time,
        }
    }

    /// The cause of whatever is executed for it from now on.
    pub(crate) fn cause(&self, at: i64) -> Cause {
        Cause {
            at,
            causation_id: self.causation_id,
            correlation_id: None,
            traceparent: self.traceparent.clone(),
            newborn: false,
            asks: true,
            until: self.until,
            request: None,
            token: self.token.clone(),
        }
    }

    /// The request that is answered when the state waits no more.
    fn request(&self) -> Option<(String, String, Uuid)> {
        Some((self.principal.clone()?, self.method.clone()?, self.request_id?))
    }
}

/// Notes what a saved state waits for, and answers its request once it waits no more.
pub(super) async fn follow<A: Stored>(
    tx: &Tx,
    context: &str,
    cause: &Cause,
    before: Option<&Versioned<A>>,
    next: &Versioned<A>,
) -> Result<(), Failure<A::Rejection>> {
    let waited = before.and_then(|before| before.state.pending());
    let was_due = before.and_then(|before| before.state.due());
    let id = next.head.id;
    match (waited, next.state.pending(), next.state.due()) {
        (Some(waited), Some(waits), _) if waited.is(&waits) => Ok(()),
        (waited, Some(waits), _) => {
            let mut row = if waited.is_some() { known(tx, A::KIND, id).await? } else { None };
            if cause.request.is_some() || is_decided(&next.state) {
                // From here on it is another request's affair, or nobody's.
                settle(tx, context, cause, row.take(), next).await?;
            }
            put(tx, asked(cause, row.as_ref(), next, &waits)).await
        }
        (None, None, due) if time(due.as_ref()) == time(was_due.as_ref()) => Ok(()),
        (waited, None, due) => {
            if waited.is_some() {
                settle(tx, context, cause, known(tx, A::KIND, id).await?, next).await?;
            }
            match due {
                Some((at, _)) => put(tx, timer::<A>(cause, id, at)).await,
                None if waited.is_some() || was_due.is_some() => Ok(remove(tx, A::KIND, id).await?),
                None => Ok(()),
            }
        }
    }
}

/// Whether the request that led here has its answer, whatever is still to be done.
pub(super) fn is_decided<A: Stored>(state: &A) -> bool {
    let finishes = |waits: Pending<_>| waits.unanswered == Unanswered::Finish;
    state.pending().is_none_or(finishes) && state.outcome().is_ok()
}

fn time<C>(due: Option<&(i64, C)>) -> Option<i64> {
    due.map(|(at, _)| *at)
}

/// The row of a question; it keeps request and deadline of the one before it in the same chain.
fn asked<A: Stored>(
    cause: &Cause,
    known: Option<&Waiting>,
    next: &Versioned<A>,
    waits: &Pending<A::Command>,
) -> Waiting {
    let until = known.and_then(|known| known.until).or(cause.until);
    let asking = begun(waits.unanswered, waits.limit, until, cause.at, cause.asks);
    let own = |key: &RequestKey| (key.principal.clone(), key.method.clone(), key.id);
    let request = known.and_then(Waiting::request).or_else(|| cause.request.as_ref().map(own));
    let (principal, method, request_id) = match request.filter(|_| !is_decided(&next.state)) {
        Some((principal, method, id)) => (Some(principal), Some(method), Some(id)),
        None => (None, None, None),
    };
    Waiting {
        call_key: Some(waits.key.clone()),
        attempts: asking.attempts.into(),
        deadline: asking.deadline,
        until,
        token: token::merged(known.map_or("", |known| &known.token), &cause.token),
        principal,
        method,
        request_id,
        ..timer::<A>(cause, next.head.id, asking.wake)
    }
}

/// The row of a timer.
fn timer<A: Stored>(cause: &Cause, id: Uuid, at: i64) -> Waiting {
    Waiting {
        kind: A::KIND.to_owned(),
        aggregate_id: id,
        since: cause.at,
        wake_time: at,
        call_key: None,
        attempts: 0,
        deadline: None,
        until: None,
        causation_id: cause.causation_id,
        traceparent: cause.traceparent.clone(),
        token: String::new(),
        principal: None,
        method: None,
        request_id: None,
    }
}

/// Answers the request for which the state has waited.
async fn settle<A: Stored>(
    tx: &Tx,
    context: &str,
    cause: &Cause,
    row: Option<Waiting>,
    next: &Versioned<A>,
) -> Result<(), Failure<A::Rejection>> {
    let Some(row) = row else { return Ok(()) };
    let Some(request) = row.request() else { return Ok(()) };
    let verdict = match next.state.outcome() {
        Ok(()) => {
            let token = token_of::<A>(context, cause, next);
            Verdict::yes(&A::reply(next), token::merged(&row.token, &token))
        }
        Err(no) => Verdict::no(&refusal(&no).into()),
    };
    Ok(request::fill(tx, request, verdict, cause.at).await?)
}

/// What this and its peers have written.
pub(super) fn token_of<A: Stored>(context: &str, cause: &Cause, next: &Versioned<A>) -> String {
    token::merged(&cause.token, &token::of(context, A::KIND, &next.head))
}

/// The row of an aggregate.
pub(crate) async fn find(
    db: &impl ConnectionTrait,
    kind: &str,
    id: Uuid,
) -> Result<Option<Waiting>, DbErr> {
    Entity::find_by_id((kind.to_owned(), id)).one(db).await
}

/// The same, for whoever writes.
pub(crate) async fn known(tx: &Tx, kind: &str, id: Uuid) -> Result<Option<Waiting>, DbErr> {
    match tx.rows() {
        Some(rows) => Ok(rows.one(TABLE, &place(kind, id))),
        None => find(tx, kind, id).await,
    }
}

/// The table.
pub(crate) const TABLE: &str = "waiting";

fn place(kind: &str, id: Uuid) -> String {
    format!("{kind} {id}")
}

/// The rows whose time has come, the longest first.
pub(crate) async fn due(
    db: &impl ConnectionTrait,
    at: i64,
    limit: u64,
) -> Result<Vec<Waiting>, DbErr> {
    Entity::find()
        .filter(Column::WakeTime.lte(at))
        .order_by_asc(Column::WakeTime)
        .limit(limit)
        .all(db)
        .await
}

/// Writes a row, whether or not there is one.
pub(crate) async fn put<R>(tx: &Tx, row: Waiting) -> Result<(), Failure<R>> {
    if let Some(rows) = tx.rows() {
        rows.put(TABLE, place(&row.kind, row.aggregate_id), Arc::new(row));
        return Ok(());
    }
    let there = OnConflict::columns([Column::Kind, Column::AggregateId])
        .update_columns([
            Column::Since,
            Column::WakeTime,
            Column::CallKey,
            Column::Attempts,
            Column::Deadline,
            Column::Until,
            Column::CausationId,
            Column::Traceparent,
            Column::Token,
            Column::Principal,
            Column::Method,
            Column::RequestId,
        ])
        .to_owned();
    let row = entity::ActiveModel {
        kind: Set(row.kind),
        aggregate_id: Set(row.aggregate_id),
        since: Set(row.since),
        wake_time: Set(row.wake_time),
        call_key: Set(row.call_key),
        attempts: Set(row.attempts),
        deadline: Set(row.deadline),
        until: Set(row.until),
        causation_id: Set(row.causation_id),
        traceparent: Set(row.traceparent),
        token: Set(row.token),
        principal: Set(row.principal),
        method: Set(row.method),
        request_id: Set(row.request_id),
    };
    Ok(Entity::insert(row).on_conflict(there).exec_without_returning(tx).await.map(drop)?)
}

/// Wakes a row later, unless somebody has written it meanwhile.
pub(crate) async fn put_off(tx: &Tx, row: &Waiting, wake_time: i64) -> Result<(), DbErr> {
    if let Some(rows) = tx.rows() {
        rows.change(TABLE, &place(&row.kind, row.aggregate_id), |now: &mut Waiting| {
            if now.wake_time == row.wake_time {
                now.wake_time = wake_time;
            }
        });
        return Ok(());
    }
    Entity::update_many()
        .col_expr(Column::WakeTime, Expr::value(wake_time))
        .filter(Column::Kind.eq(row.kind.as_str()))
        .filter(Column::AggregateId.eq(row.aggregate_id))
        .filter(Column::WakeTime.eq(row.wake_time))
        .exec(tx)
        .await
        .map(drop)
}

/// Removes a row that nobody needs.
pub(crate) async fn remove(tx: &Tx, kind: &str, id: Uuid) -> Result<(), DbErr> {
    if let Some(rows) = tx.rows() {
        rows.remove(TABLE, &place(kind, id));
        return Ok(());
    }
    Entity::delete_by_id((kind.to_owned(), id)).exec(tx).await.map(drop)
}
