//! The answers to request ids: written with the effect, given again to a repeat.

use prost::Message;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait, DbErr, EntityTrait, IntoActiveModel as _, QueryFilter,
    SqlErr, sea_query::Expr,
};
use tonic::{Code, Status};
use tonic_types::pb;
use uuid::Uuid;

use super::call::RequestKey;
use crate::{
    decide::{Answer, answer},
    status::Refused,
    store::{Failure, Never, Store, Tx},
};

/// What a request was answered.
#[derive(Clone)]
pub(super) struct Reply<M> {
    pub(super) message: M,
    /// The consistency token of what it wrote.
    pub(super) token: String,
}

/// A request id that comes again.
pub(super) enum Found<M> {
    /// Not seen before.
    New,
    /// Settled: the first answer.
    Done(Result<Reply<M>, Status>),
    /// It has begun, and nobody knows yet what will come of it.
    Running,
    /// Used for another request.
    Reused,
}

/// How a request stands, as its record says it.
pub(super) struct Verdict {
    name: &'static str,
    reply: Vec<u8>,
    token: String,
}

const YES: &str = "yes";
const NO: &str = "no";
const RUNNING: &str = "running";

impl Verdict {
    /// It has begun.
    pub(super) const RUNNING: Self = Self { name: RUNNING, reply: vec![], token: String::new() };

    /// It was done.
    pub(super) fn yes(message: &impl Message, token: String) -> Self {
        Self { name: YES, reply: message.encode_to_vec(), token }
    }

    /// It was refused after it had begun.
    pub(super) fn no(status: &Status) -> Self {
        // The details of every status of ours hold its code and message, too.
        Self { name: NO, reply: status.details().to_vec(), token: String::new() }
    }
}

/// The table.
pub const TABLE: &str = "request";

fn place(principal: &str, method: &str, id: Uuid) -> String {
    format!("{principal} {method} {id}")
}

/// Looks a request up.
pub(super) async fn look_up<M: Message + Default>(
    store: &Store,
    key: &RequestKey,
) -> Result<Found<M>, Failure<Never>> {
    let row: Option<entity::Model> = if let Some(rows) = store.rows() {
        rows.one(TABLE, &place(&key.principal, &key.method, key.id))
    } else {
        let id = (key.principal.clone(), key.method.clone(), key.id);
        Entity::find_by_id(id).one(store.reader()?).await?
    };
    let Some(row) = row else { return Ok(Found::New) };
    match (answer(Some(&row.body_hash), &key.body_hash), row.verdict.as_str()) {
        (Answer::Reused, _) => Ok(Found::Reused),
        (_, RUNNING) => Ok(Found::Running),
        (_, NO) => Ok(Found::Done(Err(refusal(&row.reply)))),
        _ => match M::decode(row.reply.as_slice()) {
            Ok(message) => Ok(Found::Done(Ok(Reply { message, token: row.token }))),
            Err(error) => Err(Failure::Inconsistent(format!("reply to {}: {error}", key.id))),
        },
    }
}

fn refusal(details: &[u8]) -> Status {
    let said = pb::Status::decode(details).unwrap_or_default();
    Status::with_details(Code::from(said.code), said.message, details.to_vec().into())
}

/// Records the answer in the transaction of the effect.
///
/// # Errors
/// [`Refused::Repeated`]: there is a record of this request; a repeat that runs at the same time waits
/// here for the first.
pub(super) async fn record<R>(
    tx: &Tx,
    key: &RequestKey,
    verdict: Verdict,
    at: i64,
) -> Result<(), Failure<Refused<R>>> {
    let row = entity::Model {
        principal: key.principal.clone(),
        method: key.method.clone(),
        request_id: key.id,
        body_hash: key.body_hash.clone(),
        verdict: verdict.name.to_owned(),
        reply: verdict.reply,
        token: verdict.token,
        time: at,
    };
    if let Some(rows) = tx.rows() {
        let first = rows.insert(TABLE, place(&key.principal, &key.method, key.id), row);
        return if first { Ok(()) } else { Err(Failure::Rejected(Refused::Repeated)) };
    }
    let row = row.into_active_model().reset_all();
    match Entity::insert(row).exec_without_returning(tx).await {
        Ok(_) => Ok(()),
        Err(error) => Err(match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => Failure::Rejected(Refused::Repeated),
            _ => Failure::Database(error),
        }),
    }
}

/// Answers a request that has run until now; its answer is kept from now on.
pub(super) async fn fill(
    tx: &Tx,
    (principal, method, id): (String, String, Uuid),
    verdict: Verdict,
    at: i64,
) -> Result<(), DbErr> {
    if let Some(rows) = tx.rows() {
        rows.change(TABLE, &place(&principal, &method, id), |row: &mut entity::Model| {
            verdict.name.clone_into(&mut row.verdict);
            (row.reply, row.token, row.time) = (verdict.reply, verdict.token, at);
        });
        return Ok(());
    }
    Entity::update_many()
        .col_expr(Column::Verdict, Expr::value(verdict.name))
        .col_expr(Column::Reply, Expr::value(verdict.reply))
        .col_expr(Column::Token, Expr::value(verdict.token))
        .col_expr(Column::Time, Expr::value(at))
        .filter(Column::Principal.eq(principal))
        .filter(Column::Method.eq(method))
        .filter(Column::RequestId.eq(id))
        .exec(tx)
        .await
        .map(drop)
}

/// Forgets the answers that were given before a time; what still runs is not answered yet.
pub(crate) async fn forget(tx: &Tx, before: i64) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::Time.lt(before))
        .filter(Column::Verdict.ne(RUNNING))
        .exec(tx)
        .await
        .map(drop)
}

use entity::{Column, Entity};

mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "request")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub principal: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub method: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub request_id: Uuid,
        pub body_hash: Vec<u8>,
        pub reply: Vec<u8>,
        pub token: String,
        pub time: i64,
        pub verdict: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
