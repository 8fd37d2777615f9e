//! Events that an operator has passed over: at every consumer of theirs, now and after a rebuild.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect,
    sea_query::OnConflict,
};
use uuid::Uuid;

use super::{Letter, gates::Gates, simulated};
use crate::{
    clock,
    journal::{Key, among},
    store::Tx,
};

mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "discarded")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub follower: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub source: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub aggregate_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub sequence: i64,
        pub time: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
use entity::{ActiveModel, Column, Entity};

/// All generations of a read model are one follower.
fn follower(consumer: &str) -> &str {
    consumer.split_once('@').map_or(consumer, |(model, _)| model)
}

/// Completes gates with what is passed over behind them.
pub(super) async fn behind(
    db: &impl ConnectionTrait,
    consumers: &[&str],
    source: &str,
    keys: &[Key],
    gates: &mut Gates,
) -> Result<(), DbErr> {
    let rows: Vec<(String, String, Uuid, i64)> = Entity::find()
        .select_only()
        .columns([Column::Follower, Column::Kind, Column::AggregateId, Column::Sequence])
        .filter(Column::Follower.is_in(consumers.iter().map(|consumer| follower(consumer))))
        .filter(Column::Source.eq(source))
        .filter(among(keys, Column::Kind, Column::AggregateId))
        .into_tuple()
        .all(db)
        .await?;
    for (whose, kind, id, sequence) in rows {
        let key = (kind, id);
        for ((consumer, before), gate) in &mut *gates {
            if *before == key && follower(consumer) == whose {
                gate.discarded.insert(sequence);
            }
        }
    }
    Ok(())
}

/// Passes an event over from now on.
pub(super) async fn put(tx: &Tx, letter: &Letter) -> Result<(), DbErr> {
    if let Some(rows) = tx.rows() {
        simulated::discard(rows, letter);
        return Ok(());
    }
    let (kind, id) = letter.key.clone();
    let row = ActiveModel {
        follower: Set(follower(&letter.consumer).to_owned()),
        source: Set(letter.source.clone()),
        kind: Set(kind),
        aggregate_id: Set(id),
        sequence: Set(letter.sequence),
        time: Set(clock::now_ms()),
    };
    let key =
        [Column::Follower, Column::Source, Column::Kind, Column::AggregateId, Column::Sequence];
    let there = OnConflict::new().do_nothing_on(key).to_owned();
    Entity::insert(row).on_conflict(there).exec_without_returning(tx).await.map(drop)
}
