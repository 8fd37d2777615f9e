//! Follows a seller's sales.

use futures::future::BoxFuture;
use jangteo::view::v1::{
    WatchMySalesResponse,
    watch_my_sales_response::{Change, Reset},
};
use jangteo_kit::project::{Place, Told, Watched};
use sea_orm::{DatabaseConnection, DbErr};

use super::queries;
use crate::project::my_sales::entity::Model;

/// The sales of one seller.
pub(super) struct Of {
    pub(super) seller: String,
}

impl Watched for Of {
    type Row = Model;
    type Answer = WatchMySalesResponse;

    fn changed<'a>(
        &'a self,
        db: &'a DatabaseConnection,
        place: Place,
    ) -> BoxFuture<'a, Result<Vec<Model>, DbErr>> {
        Box::pin(queries::changed(db, &self.seller, place))
    }

    fn change(row: &Model) -> i64 {
        row.change
    }

    fn answer(told: Told<Model>, resume_token: String) -> WatchMySalesResponse {
        let change = match told {
            Told::Reset => Change::Reset(Reset {}),
            Told::Row(row) if row.removed => Change::RemovedPostId(row.post_id.to_string()),
            Told::Row(row) => Change::Sale(queries::shown(row)),
        };
        WatchMySalesResponse { change: Some(change), resume_token }
    }
}
