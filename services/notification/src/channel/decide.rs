//! What a channel answers to each command in each state.

use jangteo::notification::v1::{
    ChannelConfirmed, ChannelCreated, ChannelDeleted, ChannelTold, Language,
};
use jangteo_kit::{
    event::timestamp,
    execute::{Aggregate, Decision},
};
use uuid::Uuid;

use super::{Channel, Command, Event, Rejection, State, Target};
use crate::domain::{Actor, DAY};

impl Aggregate for Channel {
    const KIND: &'static str = "channel";
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: Option<Self>, command: Command) -> Decision<Self> {
        match (state, command) {
            (None, Command::Create { owner, target, language, at }) => {
                Ok(Self::created(owner, target, language, at))
            }
            (None, _) => Err(Rejection::NotFound),
            (Some(channel), Command::Create { owner, target, language, at }) => {
                channel.may_be_created_again(&target, at)?;
                Ok(Self::created(owner, target, language, at))
            }
            (Some(channel), Command::Confirm { by, code, at }) => {
                channel.of(&by)?.confirmed(&code, at)
            }
            (Some(channel), Command::Tell { notification, at }) => {
                Ok(channel.told(notification, at))
            }
            (Some(channel), Command::Delete { by, at }) => Ok(channel.of(&by)?.deleted(at)),
        }
    }
}

impl Channel {
    fn created(owner: String, target: Target, language: Language, at: i64) -> (Self, Vec<Event>) {
        let (id, kind) = (Self::id_of(&owner, &target), target.kind().to_owned());
        let state = match target {
            Target::Mail { address, code } => State::Unconfirmed { address, code },
            Target::Webhook { url, secret } => State::Webhook { url, secret },
        };
        let event = ChannelCreated {
            channel_id: id.to_string(),
            owner: owner.clone(),
            kind,
            unconfirmed: matches!(state, State::Unconfirmed { .. }),
            time: Some(timestamp(at)),
        };
        (Self { id, owner, language, state }, vec![event.into()])
    }

    /// Whoever has a mail address that is not his own gets one mail a day by each person at most.
    fn may_be_created_again(&self, target: &Target, at: i64) -> Result<(), Rejection> {
        match (&self.state, target) {
            (State::Deleted { at: since }, Target::Mail { .. })
                if at.saturating_sub(*since) < DAY =>
            {
                Err(Rejection::DeletedLately)
            }
            (State::Deleted { .. }, _) => Ok(()),
            _ => Err(Rejection::Exists),
        }
    }

    /// To others it looks as if there were none; to its owner, too, once it is deleted.
    fn of(self, actor: &Actor) -> Result<Self, Rejection> {
        if self.owner == actor.0 { Ok(self) } else { Err(Rejection::NotFound) }
    }

    fn confirmed(self, said: &str, at: i64) -> Decision<Self> {
        match self.state {
            State::Unconfirmed { address, code } if code == said => {
                let event = ChannelConfirmed {
                    channel_id: self.id.to_string(),
                    owner: self.owner.clone(),
                    time: Some(timestamp(at)),
                };
                Ok((Self { state: State::Mail { address }, ..self }, vec![event.into()]))
            }
            State::Unconfirmed { .. } => Err(Rejection::WrongCode),
            State::Mail { .. } | State::Webhook { .. } => Ok((self, vec![])),
            State::Deleted { .. } => Err(Rejection::NotFound),
        }
    }

    fn told(self, notification: Uuid, at: i64) -> (Self, Vec<Event>) {
        if !self.is_open() {
            return (self, vec![]);
        }
        let event = ChannelTold {
            channel_id: self.id.to_string(),
            owner: self.owner.clone(),
            notification_id: notification.to_string(),
            time: Some(timestamp(at)),
        };
        (self, vec![event.into()])
    }

    fn deleted(self, at: i64) -> (Self, Vec<Event>) {
        if matches!(self.state, State::Deleted { .. }) {
            return (self, vec![]);
        }
        let event = ChannelDeleted {
            channel_id: self.id.to_string(),
            owner: self.owner.clone(),
            time: Some(timestamp(at)),
        };
        (Self { state: State::Deleted { at }, ..self }, vec![event.into()])
    }
}
