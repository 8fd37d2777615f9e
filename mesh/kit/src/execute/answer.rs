//! What questions of other contexts were answered: kept under the key of the call, as long as the
//! aggregate is kept.

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait, DbErr, EntityTrait, IntoActiveModel as _, QueryFilter,
    QuerySelect, sea_query::Expr,
};
use uuid::Uuid;

use super::call::CallKey;
use crate::{
    decide::No,
    store::{Failure, Row, Tx, raced},
};

/// What is known of a call.
pub(super) enum Known {
    /// It was answered yes.
    Yes(Yes),
    /// It was answered no.
    No(No),
    /// It was undone, perhaps before it came.
    Dead,
    /// Its key was used for another question.
    Reused,
}

/// A yes, as it was given.
#[derive(Clone)]
pub(super) struct Yes {
    /// The answer, encoded.
    pub(super) reply: Vec<u8>,
    /// What it wrote, as a consistency token.
    pub(super) token: String,
    /// What it belongs to.
    pub(super) correlation_id: Uuid,
}

const YES: &str = "yes";
const NO: &str = "no";
const DEAD: &str = "dead";

/// Whether a row of answers says that its call was undone.
pub fn is_undone(row: &Row) -> bool {
    row.downcast_ref::<entity::Model>().is_some_and(|row| row.verdict == DEAD)
}

/// How a call stands, for whoever undoes it: his request is not the one that was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It has not come yet.
    New,
    /// It was answered yes.
    Taken,
    /// It was answered no.
    Refused,
    /// It was undone.
    Dead,
}

/// How a call stands, with a lock on it.
pub(super) async fn standing<R>(tx: &Tx, key: &CallKey) -> Result<Standing, Failure<R>> {
    Ok(match locked(tx, key).await?.map(|row| row.verdict).as_deref() {
        None => Standing::New,
        Some(YES) => Standing::Taken,
        Some(DEAD) => Standing::Dead,
        Some(_) => Standing::Refused,
    })
}

/// The table.
pub const TABLE: &str = "answer";

fn place(key: &CallKey) -> String {
    format!("{} {}", key.caller, key.key)
}

async fn locked(tx: &Tx, key: &CallKey) -> Result<Option<entity::Model>, DbErr> {
    if let Some(rows) = tx.rows() {
        return Ok(rows.one(TABLE, &place(key)));
    }
    let id = (key.caller.clone(), key.key.clone());
    Entity::find_by_id(id).lock_exclusive().one(tx).await
}

/// What is known of a call, with a lock on it; nothing if it is new.
pub(super) async fn look_up<R>(tx: &Tx, key: &CallKey) -> Result<Option<Known>, Failure<R>> {
    let Some(row) = locked(tx, key).await? else { return Ok(None) };
    Ok(Some(match row.verdict.as_str() {
        DEAD => Known::Dead,
        _ if row.body_hash != key.body_hash => Known::Reused,
        YES => Known::Yes(Yes {
            reply: row.reply,
            token: row.token,
            correlation_id: row.correlation_id,
        }),
        _ => {
            Known::No(serde_json::from_slice(&row.reply).map_err(|error| {
                Failure::Inconsistent(format!("answer to {}: {error}", key.key))
            })?)
        }
    }))
}

/// Keeps a yes.
pub(super) async fn keep_yes<R>(
    tx: &Tx,
    key: &CallKey,
    yes: Yes,
    at: i64,
) -> Result<(), Failure<R>> {
    insert(tx, key, YES, yes, at).await
}

/// Keeps a no.
pub(super) async fn keep_no<R>(tx: &Tx, key: &CallKey, no: &No, at: i64) -> Result<(), Failure<R>> {
    let reply = serde_json::to_vec(no).map_err(|error| Failure::Inconsistent(error.to_string()))?;
    insert(tx, key, NO, Yes { reply, token: String::new(), correlation_id: Uuid::nil() }, at).await
}

/// Kills the key of a call, whether or not it was answered.
pub(super) async fn kill<R>(
    tx: &Tx,
    key: &CallKey,
    answered: bool,
    at: i64,
) -> Result<(), Failure<R>> {
    if !answered {
        let nothing = Yes { reply: vec![], token: String::new(), correlation_id: Uuid::nil() };
        return insert(tx, key, DEAD, nothing, at).await;
    }
    if let Some(rows) = tx.rows() {
        rows.change(TABLE, &place(key), |row: &mut entity::Model| {
            DEAD.clone_into(&mut row.verdict);
        });
        return Ok(());
    }
    Entity::update_many()
        .col_expr(Column::Verdict, Expr::value(DEAD))
        .filter(Column::Caller.eq(key.caller.as_str()))
        .filter(Column::CallKey.eq(key.key.as_str()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Whoever loses a race for the key looks again.
async fn insert<R>(
    tx: &Tx,
    key: &CallKey,
    verdict: &str,
    answer: Yes,
    at: i64,
) -> Result<(), Failure<R>> {
    let row = entity::Model {
        caller: key.caller.clone(),
        call_key: key.key.clone(),
        body_hash: key.body_hash.clone(),
        verdict: verdict.to_owned(),
        reply: answer.reply,
        token: answer.token,
        correlation_id: answer.correlation_id,
        time: at,
    };
    if let Some(rows) = tx.rows() {
        let first = rows.insert(TABLE, place(key), row);
        return if first { Ok(()) } else { Err(Failure::Raced) };
    }
    let row = row.into_active_model().reset_all();
    Entity::insert(row).exec_without_returning(tx).await.map_err(raced)?;
    Ok(())
}

use entity::{Column, Entity};

mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "answer")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub caller: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub call_key: String,
        pub body_hash: Vec<u8>,
        pub verdict: String,
        pub reply: Vec<u8>,
        pub token: String,
        pub correlation_id: Uuid,
        pub time: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
