//! All reviews, from the events of reviews alone: what is written stays.

use futures::future::BoxFuture;
use jangteo::review::v1::ReviewWritten;
use jangteo_kit::{
    event::Event,
    project::{ReadModel, Slot, Unfit, clear},
    store::{Failure, Tx},
};
use sea_orm::{ActiveValue::Set, DbErr};

use super::{id, read};

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "review_board")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub generation: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub rental_id: Uuid,
        pub item_id: Uuid,
        pub item_name: String,
        pub renter: String,
        pub owner: String,
        pub score: i32,
        pub write_time: i64,
        pub change: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
use entity::{ActiveModel, Entity};

/// The read model.
#[derive(Clone, Copy)]
pub(crate) struct ReviewBoard;

impl ReadModel for ReviewBoard {
    fn name(&self) -> &'static str {
        "review_board"
    }

    fn sources(&self) -> &'static [&'static str] {
        &["review"]
    }

    fn project<'a>(
        &'a self,
        slot: Slot<'a>,
        event: &'a Event,
    ) -> BoxFuture<'a, Result<(), Failure<Unfit>>> {
        Box::pin(async move {
            let Some(written) = read(event)? else { return Ok(()) };
            Ok(slot.insert(founded(event, written)?).await?)
        })
    }

    fn clear<'a>(&'a self, tx: &'a Tx, generation: i64) -> BoxFuture<'a, Result<(), DbErr>> {
        Box::pin(clear::<Entity>(tx, generation))
    }
}

fn founded(event: &Event, written: ReviewWritten) -> Result<ActiveModel, Failure<Unfit>> {
    Ok(ActiveModel {
        rental_id: Set(event.aggregate_id),
        item_id: Set(id("item_id", &written.item_id)?),
        item_name: Set(written.item_name),
        renter: Set(written.renter),
        owner: Set(written.owner),
        score: Set(written.score),
        write_time: Set(event.time),
        ..Default::default()
    })
}
