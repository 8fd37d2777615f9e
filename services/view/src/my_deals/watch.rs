//! Follows a person's deals.

use futures::future::BoxFuture;
use jangteo::view::v1::{
    WatchMyDealsResponse,
    watch_my_deals_response::{Change, Reset},
};
use jangteo_kit::project::{Place, Told, Watched};
use sea_orm::{DatabaseConnection, DbErr};

use super::queries::{self, Row};

/// The deals of one person.
pub(super) struct Of {
    pub(super) person: String,
}

impl Watched for Of {
    type Row = Row;
    type Answer = WatchMyDealsResponse;

    fn changed<'a>(
        &'a self,
        db: &'a DatabaseConnection,
        place: Place,
    ) -> BoxFuture<'a, Result<Vec<Row>, DbErr>> {
        Box::pin(queries::changed(db, &self.person, place))
    }

    fn change((deal, _): &Row) -> i64 {
        deal.change
    }

    fn answer(told: Told<Row>, resume_token: String) -> WatchMyDealsResponse {
        let change = match told {
            Told::Reset => Change::Reset(Reset {}),
            Told::Row(row) => Change::Deal(queries::shown(row)),
        };
        WatchMyDealsResponse { change: Some(change), resume_token }
    }
}
