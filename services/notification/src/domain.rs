//! The rules of a notification. Pure: time and ids arrive inside the command.

mod decide;
mod kind;
mod rejection;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jangteo::notification::v1::{NotificationRead, NotificationSent};
use uuid::Uuid;

pub(crate) use self::{kind::Kind, rejection::Rejection};

/// What happened longer ago than this is no news any more.
pub(crate) const DAY: i64 = 24 * 3_600_000;

/// Every id is a UUIDv5 in this namespace: the UUIDv5 of `notification.jangteo.dev` among DNS names.
const NAMESPACE: Uuid = Uuid::from_u128(0xe581_00ec_809c_518d_9660_f6e1_fbe0_fc9e);

/// What a text speaks of, by name: goods, people, prices in won, times as RFC 3339 has them. What is not
/// known is not there.
pub(crate) type Arguments = BTreeMap<String, String>;

/// One person told of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notification {
    /// The notification.
    pub(crate) id: Uuid,
    /// What it says, and to whom.
    pub(crate) note: Note,
    /// Whether it was read.
    pub(crate) state: State,
}

/// What somebody is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Note {
    /// Who is told.
    pub(crate) recipient: String,
    /// What it is about.
    pub(crate) kind: Kind,
    /// The resource it is about, such as `rentals/R`.
    pub(crate) subject: String,
    /// What its text speaks of.
    pub(crate) arguments: Arguments,
    /// When it happened, in ms since 1970.
    pub(crate) event_time: i64,
}

/// Whether a notification was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Not yet (안 읽음).
    Unread,
    /// It was, or it was old news when it arrived (읽음). Final.
    Read,
}

/// What a notification can be told, at a time in ms since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Its event has arrived: somebody is told, once.
    Send { id: Uuid, note: Note, at: i64 },
    /// Somebody has read it.
    Read { by: Actor, at: i64 },
}

/// The person on whose behalf a command is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Actor(pub(crate) String);

impl Note {
    /// The notification that tells this of an event: the same one whenever the event comes again.
    pub(crate) fn id(&self, event: Uuid) -> Uuid {
        let name = format!("{event}/{}/{}", self.recipient, self.kind.name());
        Uuid::new_v5(&NAMESPACE, name.as_bytes())
    }
}

jangteo_kit::events! {
    /// What happens to notifications.
    pub(crate) enum Event { NotificationSent, NotificationRead }
}
