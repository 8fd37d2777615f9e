//! What became of rentals: whether they are paid, from their own events, and what their renters
//! thought of them, from those of reviews. Each writes only its own columns.

use jangteo::{
    rental::v1::{RentalConfirmed, RentalPaid, RentalPaymentCancelled},
    review::v1::ReviewWritten,
};
use jangteo_kit::{
    event::Event,
    project::{Slot, Unfit},
    store::Failure,
};
use sea_orm::{ActiveValue::Set, DbErr};

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
use entity::ActiveModel;

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
    let (rental, at) = (event.aggregate_id, Set(Some(event.time)));
    let row = ActiveModel { rental_id: Set(rental), ..Default::default() };
    let row = match said {
        Said::Paid(paid) => ActiveModel { paid: Set(Some(paid)), pay_time: at, ..row },
        Said::Scored(score) => ActiveModel { score: Set(Some(score)), score_time: at, ..row },
    };
    slot.write(row).await?;
    slot.touch::<item::Entity>(item::Column::RentalId, rental).await
}
