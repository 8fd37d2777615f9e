//! Follows what a person has ordered.

use futures::future::BoxFuture;
use jangteo::view::v1::{
    WatchOrderHistoryResponse,
    watch_order_history_response::{Change, Reset},
};
use jangteo_kit::project::{Place, Told, Watched};
use sea_orm::{DatabaseConnection, DbErr};

use super::queries;
use crate::project::order_history::entity::Model;

/// The orders of one customer.
pub(super) struct Of {
    pub(super) person: String,
}

impl Watched for Of {
    type Row = Model;
    type Answer = WatchOrderHistoryResponse;

    fn changed<'a>(
        &'a self,
        db: &'a DatabaseConnection,
        place: Place,
    ) -> BoxFuture<'a, Result<Vec<Model>, DbErr>> {
        Box::pin(queries::changed(db, &self.person, place))
    }

    fn change(row: &Model) -> i64 {
        row.change
    }

    fn answer(told: Told<Model>, resume_token: String) -> WatchOrderHistoryResponse {
        let change = match told {
            Told::Reset => Change::Reset(Reset {}),
            Told::Row(row) => Change::Entry(queries::shown(&row)),
        };
        WatchOrderHistoryResponse { change: Some(change), resume_token }
    }
}
