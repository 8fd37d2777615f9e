//! Follows a person's notifications.

use futures::future::BoxFuture;
use jangteo::notification::v1::{
    Language, WatchNotificationsResponse,
    watch_notifications_response::{Change, Reset},
};
use jangteo_kit::project::{Place, Told, Watched};
use sea_orm::{DatabaseConnection, DbErr};

use crate::{project::entity::Model, queries};

/// The notifications of one person, in one language.
pub(crate) struct Of {
    pub(crate) recipient: String,
    pub(crate) language: Language,
}

/// A row that is to be told of, with the language to tell it in.
pub(crate) type Row = (Model, Language);

impl Watched for Of {
    type Row = Row;
    type Answer = WatchNotificationsResponse;

    fn changed<'a>(
        &'a self,
        db: &'a DatabaseConnection,
        place: Place,
    ) -> BoxFuture<'a, Result<Vec<Row>, DbErr>> {
        Box::pin(async move {
            let rows = queries::changed(db, &self.recipient, place).await?;
            Ok(rows.into_iter().map(|row| (row, self.language)).collect())
        })
    }

    fn change((row, _): &Row) -> i64 {
        row.change
    }

    fn answer(told: Told<Row>, resume_token: String) -> WatchNotificationsResponse {
        let change = match told {
            Told::Reset => Change::Reset(Reset {}),
            Told::Row((row, language)) => Change::Notification(queries::shown(row, language)),
        };
        WatchNotificationsResponse { change: Some(change), resume_token }
    }
}
