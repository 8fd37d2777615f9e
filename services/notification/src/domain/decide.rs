//! What a notification answers to each command in each state.

use jangteo::notification::v1::{NotificationRead, NotificationSent};
use jangteo_kit::{
    event::timestamp,
    execute::{Aggregate, Decision},
};
use uuid::Uuid;

use super::{Actor, Command, DAY, Event, Note, Notification, Rejection, State};

impl Aggregate for Notification {
    const KIND: &'static str = "notification";
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: Option<Self>, command: Command) -> Decision<Self> {
        match (state, command) {
            (None, Command::Send { id, note, at }) => Ok(Self::sent(id, note, at)),
            (Some(sent), Command::Send { .. }) => Ok((sent, vec![])),
            (None, Command::Read { .. }) => Err(Rejection::NotFound),
            (Some(sent), Command::Read { by, at }) => Ok(sent.seen_by(&by)?.read(at)),
        }
    }
}

impl Notification {
    fn sent(id: Uuid, note: Note, at: i64) -> (Self, Vec<Event>) {
        let is_old = at.saturating_sub(note.event_time) > DAY;
        let state = if is_old { State::Read } else { State::Unread };
        let event = NotificationSent {
            notification_id: id.to_string(),
            recipient: note.recipient.clone(),
            kind: note.kind.name().to_owned(),
            subject: note.subject.clone(),
            arguments: note.arguments.clone().into_iter().collect(),
            read: is_old,
            event_time: Some(timestamp(note.event_time)),
            time: Some(timestamp(at)),
        };
        (Self { id, note, state }, vec![event.into()])
    }

    /// What others are told looks like nothing at all.
    fn seen_by(self, actor: &Actor) -> Result<Self, Rejection> {
        if self.note.recipient == actor.0 { Ok(self) } else { Err(Rejection::NotFound) }
    }

    fn read(self, at: i64) -> (Self, Vec<Event>) {
        match self.state {
            State::Read => (self, vec![]),
            State::Unread => {
                let event = NotificationRead {
                    notification_id: self.id.to_string(),
                    recipient: self.note.recipient.clone(),
                    time: Some(timestamp(at)),
                };
                (Self { state: State::Read, ..self }, vec![event.into()])
            }
        }
    }
}
