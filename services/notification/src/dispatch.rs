//! The rules of a dispatch. Pure: time and what came of sending arrive inside the command.

mod decide;
mod policy;
mod rejection;
pub(crate) mod store;
#[cfg(test)]
mod tests;

use jangteo::notification::v1::{DispatchDied, DispatchSent};
use jangteo_kit::decide::Heard;
use uuid::Uuid;

pub(crate) use self::rejection::Rejection;
use crate::domain::Actor;

/// The ids of dispatches are UUIDv5 in this namespace: the UUIDv5 of `dispatch.jangteo.dev` among DNS names.
const NAMESPACE: Uuid = Uuid::from_u128(0x1716_45f6_49ea_5fa8_aaf8_5bbc_0ac9_9e94);

/// Something on its way through a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dispatch {
    /// The dispatch.
    pub(crate) id: Uuid,
    /// Which channel.
    pub(crate) channel: Uuid,
    /// Whose channel that is.
    pub(crate) owner: String,
    /// What is sent; nothing: the mail that asks for the channel's confirmation.
    pub(crate) notification: Option<Uuid>,
    /// How often it was sent, or is being sent.
    pub(crate) attempts: i32,
    /// Where it stands.
    pub(crate) state: State,
}

/// Where a dispatch stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It is being sent.
    Sending,
    /// It is sent again.
    Waiting { until: i64, failure: String },
    /// It went through. Final.
    Sent,
    /// It did not, and is not sent again unless its owner says so.
    Dead { failure: String },
}

/// What came of sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Whoever is to have it has taken it.
    Sent,
    /// It did not go through now, and may go through later.
    Failed(String),
    /// It never will.
    Refused(String),
}

/// What a dispatch can be told, at a time in ms since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// A channel has something to carry.
    Start { channel: Uuid, owner: String, what: What },
    /// What was heard of sending it.
    Heard { heard: Heard<Outcome>, at: i64 },
    /// It has waited long enough.
    Wake,
    /// Its owner wants it to be sent once more.
    Retry { by: Actor },
}

/// What a channel has to carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A notification.
    Notification(Uuid),
    /// The code that confirms it; told by this event.
    Confirmation(Uuid),
}

impl Dispatch {
    /// The dispatch that carries something through a channel: there is one.
    pub(crate) fn id_of(channel: Uuid, what: What) -> Uuid {
        let (What::Notification(id) | What::Confirmation(id)) = what;
        Uuid::new_v5(&NAMESPACE, format!("{channel}/{id}").as_bytes())
    }

    /// Names its latest try.
    pub(crate) fn key(&self) -> String {
        format!("dispatches/{}/attempts/{}", self.id, self.attempts)
    }
}

jangteo_kit::events! {
    /// What happens to dispatches.
    pub(crate) enum Event { DispatchSent, DispatchDied }
}
