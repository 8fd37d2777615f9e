//! The rules of a channel. Pure: time and secrets arrive inside the command.

mod decide;
mod policy;
mod rejection;
pub(crate) mod store;
#[cfg(test)]
mod tests;

use jangteo::notification::v1::{
    ChannelConfirmed, ChannelCreated, ChannelDeleted, ChannelTold, Language,
};
use uuid::Uuid;

pub(crate) use self::rejection::Rejection;
use crate::domain::Actor;

/// The ids of channels are UUIDv5 in this namespace: the UUIDv5 of `channel.jangteo.dev` among DNS names.
const NAMESPACE: Uuid = Uuid::from_u128(0xf264_42f8_304c_50a2_8c60_6bc1_0a48_62a8);

/// One more way to tell a person everything that he is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Channel {
    /// The channel.
    pub(crate) id: Uuid,
    /// Whose it is.
    pub(crate) owner: String,
    /// Which language it speaks.
    pub(crate) language: Language,
    /// Where it stands.
    pub(crate) state: State,
}

/// Where a channel stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// A mail with the code was sent there; nothing else is, until somebody knows the code.
    Unconfirmed { address: String, code: String },
    /// Everything new goes there.
    Mail { address: String },
    /// Everything new goes there, signed with the secret.
    Webhook { url: String, secret: String },
    /// Nothing goes anywhere, and where it went is forgotten.
    Deleted { at: i64 },
}

/// Where somebody wants to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// At an address that is his if he knows the code.
    Mail { address: String, code: String },
    /// By requests that are signed with the secret.
    Webhook { url: String, secret: String },
}

/// What a channel can be told, at a time in ms since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Somebody wants to be told there.
    Create { owner: String, target: Target, language: Language, at: i64 },
    /// Somebody says what came by mail.
    Confirm { by: Actor, code: String, at: i64 },
    /// Its owner has something new to hear of.
    Tell { notification: Uuid, at: i64 },
    /// Its owner has enough of it.
    Delete { by: Actor, at: i64 },
}

impl Target {
    /// What it speaks, as events name it.
    fn kind(&self) -> &'static str {
        match self {
            Self::Mail { .. } => "mail",
            Self::Webhook { .. } => "webhook",
        }
    }

    fn address(&self) -> &str {
        match self {
            Self::Mail { address, .. } => address,
            Self::Webhook { url, .. } => url,
        }
    }
}

impl Channel {
    /// The channel of a person to an address: there is one.
    pub(crate) fn id_of(owner: &str, target: &Target) -> Uuid {
        let name = format!("{owner}\n{}\n{}", target.kind(), target.address());
        Uuid::new_v5(&NAMESPACE, name.as_bytes())
    }

    /// Whether everything new goes through it.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, State::Mail { .. } | State::Webhook { .. })
    }

    /// Whether this reader may know of it.
    pub(crate) fn is_seen_by(&self, reader: &str) -> bool {
        self.owner == reader && !matches!(self.state, State::Deleted { .. })
    }
}

jangteo_kit::events! {
    /// What happens to channels.
    pub(crate) enum Event { ChannelCreated, ChannelConfirmed, ChannelTold, ChannelDeleted }
}
