//! Rows of the review board, newest first: by when they were written, since their ids tell when their
//! rentals began.

use jangteo::view::v1::ReviewBoardRow;
use jangteo_kit::{event::timestamp, page::PageToken, project};
use sea_orm::{
    ColumnTrait, Condition, DatabaseConnection, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
};
use tonic::Status;
use uuid::Uuid;

use crate::{
    CHANGES,
    project::review_board::entity::{Column, Entity, Model},
};

/// Where a review stands among the others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    time: i64,
    rental: Uuid,
}

impl Place {
    pub(super) fn of(row: &Model) -> Self {
        Self { time: row.write_time, rental: row.rental_id }
    }

    /// The place that a page token tells.
    pub(super) fn of_token(mut token: PageToken) -> Result<Self, Status> {
        Ok(Self { time: token.take()?, rental: token.take()? })
    }

    /// Adds the place to a page token.
    pub(super) fn onto(self, token: PageToken) -> PageToken {
        token.with(self.time).with(self.rental)
    }

    fn later(self) -> Condition {
        let same_time = Condition::all()
            .add(Column::WriteTime.eq(self.time))
            .add(Column::RentalId.lt(self.rental));
        Condition::any().add(Column::WriteTime.lt(self.time)).add(same_time)
    }
}

fn all(generation: i64) -> Select<Entity> {
    Entity::find().filter(Column::Generation.eq(generation))
}

/// One review.
pub(super) async fn one(
    db: &DatabaseConnection,
    generation: i64,
    rental: Uuid,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id((generation, rental)).one(db).await
}

/// The first reviews of this owner's items, of all items if he is not named; those that come after one
/// of them, if its place is given.
pub(super) async fn some(
    db: &DatabaseConnection,
    generation: i64,
    owner: &str,
    after: Option<Place>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let mut find = all(generation);
    if !owner.is_empty() {
        find = find.filter(Column::Owner.eq(owner));
    }
    if let Some(after) = after {
        find = find.filter(after.later());
    }
    let newest = find.order_by_desc(Column::WriteTime).order_by_desc(Column::RentalId);
    newest.limit(limit).all(db).await
}

/// The reviews that came after `place`, in the order of their changes.
pub(super) async fn changed(
    db: &DatabaseConnection,
    place: project::Place,
) -> Result<Vec<Model>, DbErr> {
    let later = all(place.generation).filter(Column::Change.gt(place.change));
    later.order_by_asc(Column::Change).limit(CHANGES).all(db).await
}

/// A row as clients see it.
pub(super) fn shown(row: Model) -> ReviewBoardRow {
    ReviewBoardRow {
        rental_id: row.rental_id.to_string(),
        item_id: row.item_id.to_string(),
        item_name: row.item_name,
        renter: row.renter,
        owner: row.owner,
        score: row.score,
        write_time: Some(timestamp(row.write_time)),
    }
}
