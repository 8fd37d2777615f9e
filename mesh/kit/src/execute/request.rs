//! The answers to request ids: written with the effect, given again to a repeat.

use prost::Message;
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter};

use super::call::RequestKey;
use crate::{
    decide::{Answer, answer},
    store::{Failure, Tx, raced},
};

/// What a request was answered.
pub(super) struct Reply<M> {
    pub(super) message: M,
    /// The consistency token of what it wrote.
    pub(super) token: String,
}

/// A request id that comes again.
pub(super) enum Found<M> {
    /// Not seen before.
    New,
    /// Done: the first answer.
    Done(Reply<M>),
    /// Used for another request.
    Reused,
}

/// Looks a request up. A repeat that runs at the same time waits at [`record`] for the first.
pub(super) async fn look_up<M: Message + Default, R>(
    tx: &Tx,
    key: &RequestKey,
) -> Result<Found<M>, Failure<R>> {
    let id = (key.principal.clone(), key.method.clone(), key.id);
    let row = Entity::find_by_id(id).one(tx).await?;
    let Some(row) = row else { return Ok(Found::New) };
    match answer(Some(&row.body_hash), &key.body_hash) {
        Answer::Reused => Ok(Found::Reused),
        _ => match M::decode(row.reply.as_slice()) {
            Ok(message) => Ok(Found::Done(Reply { message, token: row.token })),
            Err(error) => Err(Failure::Inconsistent(format!("reply to {}: {error}", key.id))),
        },
    }
}

/// Records the answer in the transaction of the effect.
pub(super) async fn record<M: Message, R>(
    tx: &Tx,
    key: &RequestKey,
    reply: &Reply<M>,
    at: i64,
) -> Result<(), Failure<R>> {
    let row = ActiveModel {
        principal: Set(key.principal.clone()),
        method: Set(key.method.clone()),
        request_id: Set(key.id),
        body_hash: Set(key.body_hash.clone()),
        reply: Set(reply.message.encode_to_vec()),
        token: Set(reply.token.clone()),
        time: Set(at),
    };
    Entity::insert(row).exec_without_returning(tx).await.map_err(raced)?;
    Ok(())
}

/// Forgets the answers that were given before a time.
pub(crate) async fn forget(tx: &Tx, before: i64) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::Time.lt(before)).exec(tx).await.map(drop)
}

use entity::{ActiveModel, Column, Entity};

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
    }

    impl ActiveModelBehavior for ActiveModel {}
}
