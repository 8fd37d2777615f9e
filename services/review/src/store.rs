//! Reviews in their table: the one place where columns meet states.

use jangteo::review::v1::review::State as Shown;
use jangteo_kit::{
    decide::No,
    execute::{Stored, Versioned},
};

use crate::{
    domain::{Asked, Review, State},
    grpc::shown,
};

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "review")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub revision: i64,
        pub sequence: i64,
        pub correlation_id: Uuid,
        pub create_time: i64,
        pub update_time: i64,
        pub item_id: Uuid,
        pub item_name: String,
        pub renter: String,
        pub owner: String,
        pub state: String,
        pub score: Option<i32>,
        /// Why the last attempt to write it came to nothing, as JSON.
        #[sea_orm(column_type = "Text", nullable)]
        pub failed: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

impl Stored for Review {
    type Entity = entity::Entity;
    type Row = entity::ActiveModel;
    type Reply = jangteo::review::v1::Review;

    fn reply(versioned: &Versioned<Self>) -> Self::Reply {
        shown(versioned)
    }

    fn read(row: entity::Model) -> Result<Versioned<Self>, String> {
        let state = state(&row)?;
        let head = jangteo_kit::head!(row);
        let entity::Model { id, item_id: item, item_name, renter, owner, .. } = row;
        Ok(Versioned { state: Self { id, item, item_name, renter, owner, state }, head })
    }

    fn write(Versioned { state: review, head }: &Versioned<Self>) -> entity::ActiveModel {
        let (name, score, failed) = columns(&review.state);
        jangteo_kit::row!(entity::ActiveModel of head {
            item_id: review.item,
            item_name: review.item_name.clone(),
            renter: review.renter.clone(),
            owner: review.owner.clone(),
            state: name.to_owned(),
            score: score,
            failed: failed.map(No::to_json),
        })
    }
}

/// The name of the state that everybody sees.
pub(crate) const WRITTEN: &str = "written";

fn columns(state: &State) -> (&'static str, Option<i32>, Option<&No>) {
    match state {
        State::Requested { failed } => ("requested", None, failed.as_ref()),
        State::Writing { score, asked: Asked::First } => ("writing", Some(*score), None),
        State::Writing { score, asked: Asked::Again } => ("writing_again", Some(*score), None),
        State::Written { score } => (WRITTEN, Some(*score), None),
    }
}

fn state(row: &entity::Model) -> Result<State, String> {
    match (row.state.as_str(), row.score, failed(row)?) {
        ("requested", None, failed) => Ok(State::Requested { failed }),
        ("writing", Some(score), None) => Ok(State::Writing { score, asked: Asked::First }),
        ("writing_again", Some(score), None) => Ok(State::Writing { score, asked: Asked::Again }),
        (WRITTEN, Some(score), None) => Ok(State::Written { score }),
        (state, ..) => Err(format!("review {}: state `{state}` does not fit its columns", row.id)),
    }
}

fn failed(row: &entity::Model) -> Result<Option<No>, String> {
    let read = row.failed.as_deref().map(No::from_json).transpose();
    read.map_err(|error| format!("review {}: no reason: {error}", row.id))
}

/// The names under which the table keeps a contract's state; of no state in particular: all.
pub(crate) fn names(state: Shown) -> &'static [&'static str] {
    match state {
        Shown::Unspecified => &["requested", "writing", "writing_again", WRITTEN],
        Shown::Requested => &["requested"],
        Shown::Writing => &["writing", "writing_again"],
        Shown::Written => &[WRITTEN],
    }
}

#[cfg(test)]
pub(crate) mod tests;
