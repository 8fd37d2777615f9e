//! Channels and dispatches as their owner sees them.

use jangteo::notification::v1::{
    Channel as Shown, Dispatch as ShownDispatch,
    channel::{Kind, State as ShownState},
    dispatch::State as DispatchState,
};
use jangteo_kit::{
    event::timestamp,
    execute::{Stored, Versioned},
    status::inconsistent,
};
use tonic::Status;

use crate::{
    channel::{self, Channel, State},
    dispatch::{self, Dispatch},
};

/// A channel. The code that confirms it only its mailbox knows.
pub(crate) fn shown(Versioned { state: channel, head }: &Versioned<Channel>) -> Shown {
    let (kind, state, address, secret) = match &channel.state {
        State::Unconfirmed { address, .. } => {
            (Kind::Mail, ShownState::Unconfirmed, address.as_str(), "")
        }
        State::Mail { address } => (Kind::Mail, ShownState::Active, address.as_str(), ""),
        State::Webhook { url, secret } => {
            (Kind::Webhook, ShownState::Active, url.as_str(), secret.as_str())
        }
        State::Deleted { .. } => (Kind::Unspecified, ShownState::Deleted, "", ""),
    };
    Shown {
        id: head.id.to_string(),
        owner: channel.owner.clone(),
        kind: kind.into(),
        address: address.to_owned(),
        language: channel.language.into(),
        state: state.into(),
        secret: secret.to_owned(),
        create_time: Some(timestamp(head.create_time)),
        update_time: Some(timestamp(head.update_time)),
        etag: head.etag(),
    }
}

/// A dispatch.
pub(crate) fn shown_dispatch(
    Versioned { state: dispatch, head }: &Versioned<Dispatch>,
) -> ShownDispatch {
    let (state, failure, next) = match &dispatch.state {
        dispatch::State::Sending => (DispatchState::Sending, "", None),
        dispatch::State::Waiting { until, failure } => {
            (DispatchState::Waiting, failure.as_str(), Some(*until))
        }
        dispatch::State::Sent => (DispatchState::Sent, "", None),
        dispatch::State::Dead { failure } => (DispatchState::Dead, failure.as_str(), None),
    };
    ShownDispatch {
        id: head.id.to_string(),
        channel_id: dispatch.channel.to_string(),
        notification_id: dispatch.notification.map(|id| id.to_string()).unwrap_or_default(),
        state: state.into(),
        attempts: dispatch.attempts,
        failure: failure.to_owned(),
        next_attempt_time: next.map(timestamp),
        create_time: Some(timestamp(head.create_time)),
        update_time: Some(timestamp(head.update_time)),
    }
}

/// A row of a list.
pub(super) fn row(row: channel::store::entity::Model) -> Result<Shown, Status> {
    Ok(shown(&Channel::read(row).map_err(inconsistent)?))
}

/// A row of a list.
pub(super) fn dispatch_row(row: dispatch::store::entity::Model) -> Result<ShownDispatch, Status> {
    Ok(shown_dispatch(&Dispatch::read(row).map_err(inconsistent)?))
}
