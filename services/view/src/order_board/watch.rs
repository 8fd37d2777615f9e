//! Follows a person's orders.

use futures::future::BoxFuture;
use jangteo::view::v1::{
    WatchOrderBoardResponse,
    watch_order_board_response::{Change, Reset},
};
use jangteo_kit::project::{Place, Told, Watched};
use sea_orm::{DatabaseConnection, DbErr};

use super::queries::{self, Row};

/// The orders of one person, on either side.
pub(super) struct Of {
    pub(super) person: String,
}

impl Watched for Of {
    type Row = Row;
    type Answer = WatchOrderBoardResponse;

    fn changed<'a>(
        &'a self,
        db: &'a DatabaseConnection,
        place: Place,
    ) -> BoxFuture<'a, Result<Vec<Row>, DbErr>> {
        Box::pin(queries::changed(db, &self.person, place))
    }

    fn change(row: &Row) -> i64 {
        row.change
    }

    fn answer(told: Told<Row>, resume_token: String) -> WatchOrderBoardResponse {
        let change = match told {
            Told::Reset => Change::Reset(Reset {}),
            Told::Row(row) => Change::Row(row.shown),
        };
        WatchOrderBoardResponse { change: Some(change), resume_token }
    }
}
