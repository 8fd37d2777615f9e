//! Follows an owner's items.

use futures::future::BoxFuture;
use jangteo::view::v1::{
    WatchItemBoardResponse,
    watch_item_board_response::{Change, Reset},
};
use jangteo_kit::project::{Place, Told, Watched};
use sea_orm::{DatabaseConnection, DbErr};

use super::queries::{self, Row};

/// The items of one owner.
pub(super) struct Of {
    pub(super) owner: String,
}

impl Watched for Of {
    type Row = Row;
    type Answer = WatchItemBoardResponse;

    fn changed<'a>(
        &'a self,
        db: &'a DatabaseConnection,
        place: Place,
    ) -> BoxFuture<'a, Result<Vec<Row>, DbErr>> {
        Box::pin(queries::changed(db, &self.owner, place))
    }

    fn change((item, _): &Row) -> i64 {
        item.change
    }

    fn answer(told: Told<Row>, resume_token: String) -> WatchItemBoardResponse {
        let change = match told {
            Told::Reset => Change::Reset(Reset {}),
            Told::Row((item, _)) if item.removed => Change::RemovedItemId(item.item_id.to_string()),
            Told::Row(row) => Change::Row(queries::shown(row)),
        };
        WatchItemBoardResponse { change: Some(change), resume_token }
    }
}
