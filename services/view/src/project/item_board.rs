//! An owner's items, from the events of items; what became of their rentals, from those of rentals and
//! reviews.
//!
//! Each has rows of its own, so it does not matter which comes first. Which rental an item shows only
//! its own events say, and they come in order: nothing is left of a rental that was called off.

pub(crate) mod rental;

use futures::future::BoxFuture;
use jangteo::{
    item::v1::{
        ItemChanged, ItemDeleted, ItemLent, ItemRegistered, ItemReleased, ItemReserved,
        ItemRetired, ItemReturned,
    },
    view::v1::item_board_row::RentalStatus,
};
use jangteo_kit::{
    event::Event,
    project::{ReadModel, Slot, Unfit, clear},
    store::{Failure, Tx},
};
use sea_orm::{ActiveValue::Set, DbErr};

use super::{id, is, number, read, unfit};

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "item_board_item")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub generation: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub item_id: Uuid,
        pub owner: String,
        pub name: String,
        pub price_krw: i64,
        pub rental_id: Option<Uuid>,
        pub renter: Option<String>,
        pub rental_status: i64,
        pub retired: bool,
        pub create_time: i64,
        pub update_time: i64,
        pub change: i64,
        pub removed: bool,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
use entity::{ActiveModel, Entity};

/// The read model.
#[derive(Clone, Copy)]
pub(crate) struct ItemBoard;

impl ReadModel for ItemBoard {
    fn name(&self) -> &'static str {
        "item_board"
    }

    fn sources(&self) -> &'static [&'static str] {
        &["item", "rental", "review"]
    }

    fn project<'a>(
        &'a self,
        slot: Slot<'a>,
        event: &'a Event,
    ) -> BoxFuture<'a, Result<(), Failure<Unfit>>> {
        Box::pin(async move {
            match changes(event)? {
                Some(Change::Founded(row)) => {
                    let row = ActiveModel { item_id: Set(event.aggregate_id), ..*row };
                    Ok(slot.insert(row).await?)
                }
                Some(Change::Altered(row)) => update(&slot, event, *row).await,
                Some(Change::Rental(said)) => Ok(rental::write(&slot, event, said).await?),
                None => Ok(()),
            }
        })
    }

    fn clear<'a>(&'a self, tx: &'a Tx, generation: i64) -> BoxFuture<'a, Result<(), DbErr>> {
        Box::pin(async move {
            clear::<Entity>(tx, generation).await?;
            clear::<rental::entity::Entity>(tx, generation).await
        })
    }
}

/// What an event says.
#[derive(Debug, PartialEq)]
enum Change {
    /// An item is there from now on.
    Founded(Box<ActiveModel>),
    /// These columns of an item are different.
    Altered(Box<ActiveModel>),
    /// Something became of a rental.
    Rental(rental::Said),
}

/// What an event says; `None` where it is of no interest.
fn changes(event: &Event) -> Result<Option<Change>, Failure<Unfit>> {
    if let Some(registered) = read(event)? {
        return Ok(Some(Change::Founded(Box::new(founded(registered, event.time)))));
    }
    if let Some(said) = rental::said(event)? {
        return Ok(Some(Change::Rental(said)));
    }
    let altered = if let Some(ItemChanged { name, price_krw, .. }) = read(event)? {
        ActiveModel { name: Set(name), price_krw: Set(price_krw), ..Default::default() }
    } else if let Some(ItemReserved { rental_id, renter, .. }) = read(event)? {
        reserved(&rental_id, renter)?
    } else if is::<ItemReleased>(event) {
        free()
    } else if is::<ItemLent>(event) {
        standing(RentalStatus::Renting)
    } else if is::<ItemReturned>(event) {
        standing(RentalStatus::Returned)
    } else if is::<ItemRetired>(event) {
        ActiveModel { retired: Set(true), ..Default::default() }
    } else if is::<ItemDeleted>(event) {
        ActiveModel { removed: Set(true), ..Default::default() }
    } else {
        return Ok(None);
    };
    let altered = ActiveModel { update_time: Set(event.time), ..altered };
    Ok(Some(Change::Altered(Box::new(altered))))
}

fn founded(registered: ItemRegistered, time: i64) -> ActiveModel {
    ActiveModel {
        owner: Set(registered.owner),
        name: Set(registered.name),
        price_krw: Set(registered.price_krw),
        retired: Set(false),
        create_time: Set(time),
        update_time: Set(time),
        removed: Set(false),
        ..free()
    }
}

/// The columns of an item that shows no rental.
fn free() -> ActiveModel {
    ActiveModel { rental_id: Set(None), renter: Set(None), ..standing(RentalStatus::Unspecified) }
}

/// The columns of an item that shows a rental from now on.
fn reserved(rental_id: &str, renter: String) -> Result<ActiveModel, Failure<Unfit>> {
    Ok(ActiveModel {
        rental_id: Set(Some(id("rental_id", rental_id)?)),
        renter: Set(Some(renter)),
        ..standing(RentalStatus::NotRenting)
    })
}

fn standing(status: RentalStatus) -> ActiveModel {
    ActiveModel { rental_status: Set(number(status)), ..Default::default() }
}

async fn update(slot: &Slot<'_>, event: &Event, row: ActiveModel) -> Result<(), Failure<Unfit>> {
    if slot.update(ActiveModel { item_id: Set(event.aggregate_id), ..row }).await? {
        Ok(())
    } else {
        Err(unfit(format!("item {} was never registered", event.aggregate_id)))
    }
}

#[cfg(test)]
mod tests;
