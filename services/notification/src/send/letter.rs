//! What is sent.

use jangteo_kit::event::timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    channel::{Channel, State},
    domain::Notification,
    text,
};

/// What is sent to one person, in his language, whatever carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Letter {
    /// The same whenever it is sent again: whoever gets it twice knows it by that.
    pub(super) id: Uuid,
    /// What it is about, such as `rental_confirmed`.
    pub(super) kind: String,
    /// The resource it is about, such as `rentals/R`.
    pub(super) subject: String,
    /// What it says.
    pub(super) text: String,
    /// How to get no more of them.
    pub(super) footer: String,
    /// When it happened, in ms since 1970.
    pub(super) event_time: i64,
}

impl Letter {
    /// What tells a notification through a channel, as long as that is open: one that was deleted and
    /// created again may lead to somebody else.
    pub(crate) fn of(channel: &Channel, notification: &Notification) -> Option<Self> {
        if !channel.is_open() {
            return None;
        }
        let note = &notification.note;
        Some(Self {
            id: notification.id,
            kind: note.kind.name().to_owned(),
            subject: note.subject.clone(),
            text: text::text(note.kind, &note.arguments, channel.language),
            footer: text::footer(channel.id, channel.language),
            event_time: note.event_time,
        })
    }

    /// What asks for the confirmation of a channel, as long as it needs one.
    pub(crate) fn asking(dispatch: Uuid, channel: &Channel, at: i64) -> Option<Self> {
        let State::Unconfirmed { code, .. } = &channel.state else { return None };
        Some(Self {
            id: dispatch,
            kind: "channel_created".to_owned(),
            subject: format!("channels/{}", channel.id),
            text: text::confirmation(code, channel.language),
            footer: text::footer(channel.id, channel.language),
            event_time: at,
        })
    }

    /// As programs read it.
    pub(super) fn json(&self) -> Value {
        let time = timestamp(self.event_time).to_string();
        json!({
            "type": format!("notification.{}", self.kind),
            "timestamp": time,
            "data": {
                "id": self.id.to_string(),
                "kind": self.kind,
                "subject": self.subject,
                "text": self.text,
                "eventTime": time,
            },
        })
    }
}

#[cfg(test)]
mod tests;
