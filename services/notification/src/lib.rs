//! Notifications: what people are told of, once per event, recipient and kind.
//!
//! ```text
//!         ┌─────────────▶ Unread ── Read ──┐
//! Send ───┤                                ▼
//!         └─ old news ───────────────────▶ Read
//! ```
//!
//! It asks nobody else. It follows offers, deals, products, items, rentals, orders, tickets, deliveries,
//! payments and reviews, and tells each person of what happened to him; of what may yet be undone, such as
//! an approved payment, it tells nobody. News older than a day when it arrives, of a context that came
//! late, counts as read. What it keeps are kind and facts; a text is made when somebody reads it, in his
//! language.
//!
//! Whoever wants to be told elsewhere, too, has channels: mail or webhooks. What is new goes through each:
//!
//! ```text
//! CreateChannel ─┬─ mail ────▶ Unconfirmed ── the code ──▶ Active ──▶ Deleted
//!                └─ webhook ──────────────────────────────▶ ▲            │ CreateChannel
//!                                                           └────────────┘
//!
//!               ┌────────── its time has come ─────────┐
//!               ▼                                      │
//! Start ──▶ Sending ─┬─ it did not go through ──▶ Waiting
//!               ▲    ├─ it did ─────────────────▶ Sent
//!               │    └─ it never will, or
//!               │       it was tried for days ───▶ Dead
//!               └──────────── RetryDispatch ─────────┘
//! ```
//!
//! A dispatch asks this context itself to be sent (`SendDispatch`), as it would ask any other: so a
//! crash, a drain or another replica changes nothing, and no transaction is open meanwhile. A try whose
//! answer is lost is made again under the same id.
//!
//! It publishes `NotificationSent`, `NotificationRead`, `ChannelCreated`, `ChannelConfirmed`,
//! `ChannelTold`, `ChannelDeleted`, `DispatchSent` and `DispatchDied`, and follows them itself: they fill
//! the read model that lists and streams a person's notifications, and set dispatches going.

mod channel;
mod dispatch;
mod domain;
mod grpc;
mod migration;
mod policy;
mod project;
mod queries;
mod send;
mod store;
mod text;
mod watch;

use jangteo::notification::v1::{
    channel_service_server::ChannelServiceServer,
    notification_service_server::NotificationServiceServer,
    sender_service_server::SenderServiceServer,
};
use jangteo_kit::{project::Served, service::Service};

pub use crate::send::{MailServer, Senders, Sending};
use crate::{
    channel::Channel,
    dispatch::Dispatch,
    domain::Notification,
    grpc::{channels, notifications, sender},
    project::Mine,
};

/// The context as a process hosts it.
pub fn service(senders: &Senders) -> Service {
    let (checks, sends) = (senders.clone(), senders.clone());
    Service::new("notification", migration::all)
        .grpc(|context| {
            let served = Served::new(context.clone(), Mine);
            NotificationServiceServer::new(notifications::Grpc { context, served })
        })
        .grpc(move |context| {
            ChannelServiceServer::new(channels::Grpc { context, senders: checks.clone() })
        })
        .grpc(move |context| {
            SenderServiceServer::new(sender::Grpc { context, senders: sends.clone() })
        })
        .aggregate::<Notification>()
        .aggregate::<Channel>()
        .aggregate::<Dispatch>()
        .follows::<Notification>()
        .follows::<Channel>()
        .follows::<Dispatch>()
        .read_model(Mine)
}
