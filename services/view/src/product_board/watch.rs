//! Follows all products.

use futures::future::BoxFuture;
use jangteo::view::v1::{
    WatchProductBoardResponse,
    watch_product_board_response::{Change, Reset},
};
use jangteo_kit::project::{Place, Told, Watched};
use sea_orm::{DatabaseConnection, DbErr};

use super::queries;
use crate::project::product_board::entity::Model;

/// The products of everybody.
pub(super) struct All;

impl Watched for All {
    type Row = Model;
    type Answer = WatchProductBoardResponse;

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

    fn answer(told: Told<Model>, resume_token: String) -> WatchProductBoardResponse {
        let change = match told {
            Told::Reset => Change::Reset(Reset {}),
            Told::Row(row) => Change::Row(queries::shown(row)),
        };
        WatchProductBoardResponse { change: Some(change), resume_token }
    }
}
