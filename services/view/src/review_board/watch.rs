//! Follows all reviews.

use futures::future::BoxFuture;
use jangteo::view::v1::{
    WatchReviewBoardResponse,
    watch_review_board_response::{Change, Reset},
};
use jangteo_kit::project::{Place, Told, Watched};
use sea_orm::{DatabaseConnection, DbErr};

use super::queries;
use crate::project::review_board::entity::Model;

/// The reviews of everybody.
pub(super) struct All;

impl Watched for All {
    type Row = Model;
    type Answer = WatchReviewBoardResponse;

    fn changed<'a>(
        &'a self,
        db: &'a DatabaseConnection,
        place: Place,
    ) -> BoxFuture<'a, Result<Vec<Model>, DbErr>> {
        Box::pin(queries::changed(db, place))
    }

    fn change(row: &Model) -> i64 {
        row.change
    }

    fn answer(told: Told<Model>, resume_token: String) -> WatchReviewBoardResponse {
        let change = match told {
            Told::Reset => Change::Reset(Reset {}),
            Told::Row(row) => Change::Row(queries::shown(row)),
        };
        WatchReviewBoardResponse { change: Some(change), resume_token }
    }
}
