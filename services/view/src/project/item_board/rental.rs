//! What became of rentals: whether they are paid, from their own events, and what their renters
//! thought of them, from those of reviews. Each writes only its own columns.

use jangteo::{
    rental::v1::{RentalConfirmed, RentalPaid, RentalPaymentCancelled},
    review::v1::ReviewWritten,
};
use jangteo_kit::{
    event::Event,
    project::{Slot, Unfit},
    store::{Failure, Tx},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, DbErr, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::entity as item;
use crate::project::{is, read};

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "item_board_rental")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub generation: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub rental_id: Uuid,
        pub paid: Option<bool>,
        pub pay_time: Option<i64>,
        pub score: Option<i32>,
        pub score_time: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
use entity::{ActiveModel, Column, Entity};

/// What an event says of a rental.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Whether it is paid.
    Paid(bool),
    /// What its renter thought of it, 1 to 5.
    Scored(i32),
}

/// What an event says; `None` where it is of no interest.
pub(super) fn said(event: &Event) -> Result<Option<Said>, Failure<Unfit>> {
    if is::<RentalPaid>(event) {
        return Ok(Some(Said::Paid(true)));
    }
    if is::<RentalConfirmed>(event) || is::<RentalPaymentCancelled>(event) {
        return Ok(Some(Said::Paid(false)));
    }
    let written = read::<ReviewWritten>(event)?;
    Ok(written.map(|written| Said::Scored(written.score)))
}

/// Writes what was said of a rental; the item that shows it has changed as well.
pub(super) async fn write(slot: &Slot<'_>, event: &Event, said: Said) -> Result<(), DbErr> {
    let rental = event.aggregate_id;
    let row = ActiveModel {
        generation: Set(slot.generation),
        rental_id: Set(rental),
        ..Default::default()
    };
    let (row, own) = match said {
        Said::Paid(paid) => {
            let (paid, pay_time) = (Set(Some(paid)), Set(Some(event.time)));
            (ActiveModel { paid, pay_time, ..row }, [Column::Paid, Column::PayTime])
        }
        Said::Scored(score) => {
            let (score, score_time) = (Set(Some(score)), Set(Some(event.time)));
            (ActiveModel { score, score_time, ..row }, [Column::Score, Column::ScoreTime])
        }
    };
    let there =
        OnConflict::columns([Column::Generation, Column::RentalId]).update_columns(own).to_owned();
    Entity::insert(row).on_conflict(there).exec_without_returning(slot.tx).await?;
    touch(slot, rental).await
}

/// Lets whoever watches see the item again. A rental is of one item, so one number is enough.
async fn touch(slot: &Slot<'_>, rental: Uuid) -> Result<(), DbErr> {
    item::Entity::update_many()
        .col_expr(item::Column::Change, Expr::value(slot.change()))
        .filter(item::Column::Generation.eq(slot.generation))
        .filter(item::Column::RentalId.eq(rental))
        .exec(slot.tx)
        .await
        .map(drop)
}

/// Removes the rows of a generation.
pub(super) async fn clear(tx: &Tx, generation: i64) -> Result<(), DbErr> {
    let rows = Entity::delete_many().filter(Column::Generation.eq(generation));
    rows.exec(tx).await.map(drop)
}
