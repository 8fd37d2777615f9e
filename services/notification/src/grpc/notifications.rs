//! A person's notifications.

use futures::stream::BoxStream;
use jangteo::notification::v1::{
    ListNotificationsRequest, ListNotificationsResponse, MarkNotificationReadRequest,
    MarkNotificationReadResponse, WatchNotificationsRequest, WatchNotificationsResponse,
    notification_service_server::NotificationService,
};
use jangteo_kit::{
    context::Context,
    execute::{Call, execute},
    ids::parse,
    page::{cut, page_size},
    project::Served,
};
use tonic::{Request, Response, Status};

use super::Reply;
use crate::{
    domain::{Actor, Command, Notification},
    project::Mine,
    queries::{self, Wanted},
    watch,
};

/// Rows of a page where the caller does not say.
const PAGE: u64 = 20;

/// Serves `jangteo.notification.v1.NotificationService`.
pub(crate) struct Grpc {
    pub(crate) context: Context,
    pub(crate) served: Served<Mine>,
}

#[tonic::async_trait]
impl NotificationService for Grpc {
    async fn list_notifications(
        &self,
        request: Request<ListNotificationsRequest>,
    ) -> Reply<ListNotificationsResponse> {
        let recipient = self.served.person(&request).await?;
        let request = request.into_inner();
        let (wanted, language) = (Wanted { recipient, state: request.state() }, request.language());
        let limit = page_size(request.page_size, PAGE);
        let after = wanted.after(&request.page_token)?;
        let find = |db, generation| queries::some(db, generation, &wanted, after, limit + 1);
        let (rows, next_page_token) =
            cut(self.served.read(find).await?, limit, |last| wanted.token(last));
        let notifications = rows.into_iter().map(|row| queries::shown(row, language)).collect();
        Ok(Response::new(ListNotificationsResponse { notifications, next_page_token }))
    }

    async fn mark_notification_read(
        &self,
        request: Request<MarkNotificationReadRequest>,
    ) -> Reply<MarkNotificationReadResponse> {
        let (call, body) = Call::of(request);
        let (id, by, at) = (parse("id", &body.id)?, Actor(call.user()?), call.at);
        execute::<Notification>(&self.context, call, id, Command::Read { by, at }).await
    }

    type WatchNotificationsStream = BoxStream<'static, Result<WatchNotificationsResponse, Status>>;

    async fn watch_notifications(
        &self,
        request: Request<WatchNotificationsRequest>,
    ) -> Reply<Self::WatchNotificationsStream> {
        let recipient = self.served.person(&request).await?;
        let request = request.into_inner();
        let of = watch::Of { recipient, language: request.language() };
        self.served.watch(of, &request.resume_token).map(Response::new)
    }
}
