//! Notifications in their table: the one place where columns meet states.

use jangteo::notification::v1::MarkNotificationReadResponse;
use jangteo_kit::execute::{Stored, Versioned};
use uuid::Uuid;

use crate::domain::{Arguments, Kind, Note, Notification, State};

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "notification")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub revision: i64,
        pub sequence: i64,
        pub correlation_id: Uuid,
        pub create_time: i64,
        pub update_time: i64,
        pub recipient: String,
        pub kind: String,
        pub subject: String,
        /// As JSON.
        #[sea_orm(column_type = "Text")]
        pub arguments: String,
        pub event_time: i64,
        pub state: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What people see of it is the read model's; its own commands answer that they are done.
impl Stored for Notification {
    type Entity = entity::Entity;
    type Row = entity::ActiveModel;
    type Reply = MarkNotificationReadResponse;

    fn reply(_: &Versioned<Self>) -> Self::Reply {
        MarkNotificationReadResponse {}
    }

    fn read(row: entity::Model) -> Result<Versioned<Self>, String> {
        let head = jangteo_kit::head!(row);
        let (id, state) = (row.id, state(&row)?);
        let note = Note {
            kind: kind(&row)?,
            arguments: arguments(id, &row.arguments)?,
            recipient: row.recipient,
            subject: row.subject,
            event_time: row.event_time,
        };
        Ok(Versioned { state: Self { id, note, state }, head })
    }

    fn write(Versioned { state: notification, head }: &Versioned<Self>) -> entity::ActiveModel {
        let Note { recipient, kind, subject, arguments, event_time } = &notification.note;
        jangteo_kit::row!(entity::ActiveModel of head {
            recipient: recipient.clone(),
            kind: kind.name().to_owned(),
            subject: subject.clone(),
            arguments: json(arguments),
            event_time: *event_time,
            state: name(notification.state).to_owned(),
        })
    }
}

fn name(state: State) -> &'static str {
    match state {
        State::Unread => "unread",
        State::Read => "read",
    }
}

fn state(row: &entity::Model) -> Result<State, String> {
    match row.state.as_str() {
        "unread" => Ok(State::Unread),
        "read" => Ok(State::Read),
        state => Err(format!("notification {}: no state `{state}`", row.id)),
    }
}

fn kind(row: &entity::Model) -> Result<Kind, String> {
    Kind::parse(&row.kind).ok_or_else(|| format!("notification {}: no kind `{}`", row.id, row.kind))
}

fn arguments(id: Uuid, json: &str) -> Result<Arguments, String> {
    serde_json::from_str(json).map_err(|error| format!("notification {id}: no arguments: {error}"))
}

/// Arguments as a column holds them.
pub(crate) fn json(arguments: &Arguments) -> String {
    serde_json::to_string(arguments).expect("texts by name are JSON")
}

#[cfg(test)]
mod tests;
