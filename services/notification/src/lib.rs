//! Notifications: what people are told of, once per event, recipient and kind.
//!
//! ```text
//!         ┌─────────────▶ Unread ── Read ──┐
//! Send ───┤                                ▼
//!         └─ old news ───────────────────▶ Read
//! ```
//!
//! It calls nobody. It follows offers, deals, items, rentals, payments and reviews, and tells each person
//! of what happened to him; of what may yet be undone, such as an approved payment, it tells nobody. News
//! older than a day when it arrives, of a context that came late, counts as read. What it keeps are kind
//! and facts; a text is made when somebody reads it, in his language.
//!
//! It publishes `NotificationSent` and `NotificationRead`, and follows them itself: they fill the read
//! model that lists and streams a person's notifications.

mod domain;
mod grpc;
mod migration;
mod policy;
mod project;
mod queries;
mod store;
mod text;
mod watch;

use jangteo::notification::v1::notification_service_server::NotificationServiceServer;
use jangteo_kit::{project::Served, service::Service};

use crate::{domain::Notification, project::Mine};

/// The context as a process hosts it.
pub fn service() -> Service {
    Service::new("notification", migration::all)
        .grpc(|context| {
            let served = Served::new(context.clone(), Mine);
            NotificationServiceServer::new(grpc::Grpc { context, served })
        })
        .aggregate::<Notification>()
        .follows::<Notification>()
        .read_model(Mine)
}
