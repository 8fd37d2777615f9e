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
    project::{ReadModel, Slot, Unfit},
    store::{Failure, Tx},
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, DbErr, EntityTrait, QueryFilter,
};

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
use entity::{ActiveModel, Column, Entity};

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
                Some(Change::Founded(row)) => insert(&slot, event, *row).await,
                Some(Change::Altered(row)) => update(&slot, event, *row).await,
                Some(Change::Rental(said)) => Ok(rental::write(&slot, event, said).await?),
                None => Ok(()),
            }
        })
    }

    fn clear<'a>(&'a self, tx: &'a Tx, generation: i64) -> BoxFuture<'a, Result<(), DbErr>> {
        Box::pin(async move {
            let rows = Entity::delete_many().filter(Column::Generation.eq(generation));
            rows.exec(tx).await?;
            rental::clear(tx, generation).await
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

async fn insert(slot: &Slot<'_>, event: &Event, row: ActiveModel) -> Result<(), Failure<Unfit>> {
    let row = ActiveModel {
        generation: Set(slot.generation),
        item_id: Set(event.aggregate_id),
        change: Set(slot.change()),
        ..row
    };
    Entity::insert(row).exec_without_returning(slot.tx).await?;
    Ok(())
}

async fn update(slot: &Slot<'_>, event: &Event, row: ActiveModel) -> Result<(), Failure<Unfit>> {
    let row =
        ActiveModel { generation: NotSet, item_id: NotSet, change: Set(slot.change()), ..row };
    let updated = Entity::update_many()
        .set(row)
        .filter(Column::Generation.eq(slot.generation))
        .filter(Column::ItemId.eq(event.aggregate_id))
        .exec(slot.tx)
        .await?;
    if updated.rows_affected == 0 {
        return Err(unfit(format!("item {} was never registered", event.aggregate_id)));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
