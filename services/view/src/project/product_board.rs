//! All products and how many pieces there are, from the events of stock alone: each of them carries
//! how many there are, so a row is what the last one said.

use futures::future::BoxFuture;
use jangteo::inventory::v1::{
    ProductChanged, ProductRegistered, ProductReleased, StockDecreased, StockHeld, StockIncreased,
    StockReleased,
};
use jangteo_kit::{
    event::Event,
    project::{ReadModel, Slot, Unfit, clear},
    store::{Failure, Tx},
};
use sea_orm::{ActiveValue::Set, DbErr};

use super::{read, some_id, unfit};

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "product_board")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub generation: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub product_id: Uuid,
        pub owner: String,
        pub name: String,
        /// In lower case, to search in.
        pub name_folded: String,
        pub spec: String,
        pub price_krw: i64,
        pub on_hand: i64,
        pub available: i64,
        pub released: bool,
        pub store_id: Option<Uuid>,
        pub create_time: i64,
        pub update_time: i64,
        pub change: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
use entity::{ActiveModel, Entity};

/// The read model.
#[derive(Clone, Copy)]
pub(crate) struct ProductBoard;

impl ReadModel for ProductBoard {
    fn name(&self) -> &'static str {
        "product_board"
    }

    fn sources(&self) -> &'static [&'static str] {
        &["inventory"]
    }

    fn project<'a>(
        &'a self,
        slot: Slot<'a>,
        event: &'a Event,
    ) -> BoxFuture<'a, Result<(), Failure<Unfit>>> {
        Box::pin(async move {
            if let Some(registered) = read(event)? {
                let row = founded(registered, event.time)?;
                let row = ActiveModel { product_id: Set(event.aggregate_id), ..row };
                return Ok(slot.insert(row).await?);
            }
            match altered(event)? {
                Some(columns) => update(&slot, event, columns).await,
                None => Ok(()),
            }
        })
    }

    fn clear<'a>(&'a self, tx: &'a Tx, generation: i64) -> BoxFuture<'a, Result<(), DbErr>> {
        Box::pin(clear::<Entity>(tx, generation))
    }
}

fn founded(registered: ProductRegistered, time: i64) -> Result<ActiveModel, Failure<Unfit>> {
    let ProductRegistered { owner, name, spec, price_krw, on_hand, available, .. } = registered;
    Ok(ActiveModel {
        owner: Set(owner),
        released: Set(false),
        store_id: Set(some_id("store_id", &registered.store_id)?),
        create_time: Set(time),
        update_time: Set(time),
        ..listed(name, spec, price_krw, stock(on_hand, available))
    })
}

/// What an event changes of a product that is there; `None` where it is of no interest.
fn altered(event: &Event) -> Result<Option<ActiveModel>, Failure<Unfit>> {
    let columns = if let Some(changed) = read::<ProductChanged>(event)? {
        let stock = stock(changed.on_hand, changed.available);
        listed(changed.name, changed.spec, changed.price_krw, stock)
    } else if let Some(ProductReleased { on_hand, available, .. }) = read(event)? {
        ActiveModel { released: Set(true), ..stock(on_hand, available) }
    } else if let Some(StockHeld { on_hand, available, .. }) = read(event)? {
        stock(on_hand, available)
    } else if let Some(StockReleased { on_hand, available, .. }) = read(event)? {
        stock(on_hand, available)
    } else if let Some(StockDecreased { on_hand, available, .. }) = read(event)? {
        stock(on_hand, available)
    } else if let Some(StockIncreased { on_hand, available, .. }) = read(event)? {
        stock(on_hand, available)
    } else {
        return Ok(None);
    };
    Ok(Some(ActiveModel { update_time: Set(event.time), ..columns }))
}

fn stock(on_hand: i64, available: i64) -> ActiveModel {
    ActiveModel { on_hand: Set(on_hand), available: Set(available), ..Default::default() }
}

fn listed(name: String, spec: String, price_krw: i64, stock: ActiveModel) -> ActiveModel {
    ActiveModel {
        name_folded: Set(name.to_lowercase()),
        name: Set(name),
        spec: Set(spec),
        price_krw: Set(price_krw),
        ..stock
    }
}

async fn update(slot: &Slot<'_>, event: &Event, row: ActiveModel) -> Result<(), Failure<Unfit>> {
    if slot.update(ActiveModel { product_id: Set(event.aggregate_id), ..row }).await? {
        Ok(())
    } else {
        Err(unfit(format!("product {} was never registered", event.aggregate_id)))
    }
}
