//! Dispatches in their table: the one place where columns meet states.

use jangteo_kit::execute::{Stored, Versioned};

use super::{Dispatch, State};
use crate::grpc::channels::shown_dispatch;

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "dispatch")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub revision: i64,
        pub sequence: i64,
        pub correlation_id: Uuid,
        pub create_time: i64,
        pub update_time: i64,
        pub channel_id: Uuid,
        pub owner: String,
        pub notification_id: Option<Uuid>,
        pub attempts: i32,
        pub state: String,
        pub wake_time: Option<i64>,
        #[sea_orm(column_type = "Text", nullable)]
        pub failure: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

impl Stored for Dispatch {
    type Entity = entity::Entity;
    type Row = entity::ActiveModel;
    type Reply = jangteo::notification::v1::Dispatch;

    fn reply(versioned: &Versioned<Self>) -> Self::Reply {
        shown_dispatch(versioned)
    }

    fn read(row: entity::Model) -> Result<Versioned<Self>, String> {
        let head = jangteo_kit::head!(row);
        let state = state(&row)?;
        let entity::Model { id, owner, attempts, .. } = row;
        let (channel, notification) = (row.channel_id, row.notification_id);
        Ok(Versioned { state: Self { id, channel, owner, notification, attempts, state }, head })
    }

    fn write(Versioned { state: dispatch, head }: &Versioned<Self>) -> entity::ActiveModel {
        let (name, wake_time, failure) = columns(&dispatch.state);
        jangteo_kit::row!(entity::ActiveModel of head {
            channel_id: dispatch.channel,
            owner: dispatch.owner.clone(),
            notification_id: dispatch.notification,
            attempts: dispatch.attempts,
            state: name.to_owned(),
            wake_time: wake_time,
            failure: failure.map(str::to_owned),
        })
    }
}

fn columns(state: &State) -> (&'static str, Option<i64>, Option<&str>) {
    match state {
        State::Sending => ("sending", None, None),
        State::Waiting { until, failure } => ("waiting", Some(*until), Some(failure)),
        State::Sent => ("sent", None, None),
        State::Dead { failure } => ("dead", None, Some(failure)),
    }
}

fn state(row: &entity::Model) -> Result<State, String> {
    match (row.state.as_str(), row.wake_time, row.failure.clone()) {
        ("sending", None, None) => Ok(State::Sending),
        ("waiting", Some(until), Some(failure)) => Ok(State::Waiting { until, failure }),
        ("sent", None, None) => Ok(State::Sent),
        ("dead", None, Some(failure)) => Ok(State::Dead { failure }),
        (state, ..) => {
            Err(format!("dispatch {}: state `{state}` does not fit its columns", row.id))
        }
    }
}

/// The name under which the table keeps a contract's state; none: any.
pub(crate) fn name(state: jangteo::notification::v1::dispatch::State) -> Option<&'static str> {
    use jangteo::notification::v1::dispatch::State as Shown;
    match state {
        Shown::Unspecified => None,
        Shown::Sending => Some("sending"),
        Shown::Waiting => Some("waiting"),
        Shown::Sent => Some("sent"),
        Shown::Dead => Some("dead"),
    }
}

#[cfg(test)]
mod tests;
