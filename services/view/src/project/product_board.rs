//! All products and how many pieces there are, from the events of stock alone: each of them carries
//! how many there are, so a row is what the last one said.

use futures::future::BoxFuture;
use jangteo::inventory::v1::{
    ProductChanged, ProductRegistered, ProductReleased, StockDecreased, StockHeld, StockIncreased,
    StockReleased,
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
use entity::{ActiveModel, Column, Entity};

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
                return insert(&slot, event, founded(registered, event.time)?).await;
            }
            match altered(event)? {
                Some(columns) => update(&slot, event, columns).await,
                None => Ok(()),
            }
        })
    }

    fn clear<'a>(&'a self, tx: &'a Tx, generation: i64) -> BoxFuture<'a, Result<(), DbErr>> {
        Box::pin(async move {
            let rows = Entity::delete_many().filter(Column::Generation.eq(generation));
            rows.exec(tx).await.map(drop)
        })
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

async fn insert(slot: &Slot<'_>, event: &Event, row: ActiveModel) -> Result<(), Failure<Unfit>> {
    let row = ActiveModel {
        generation: Set(slot.generation),
        product_id: Set(event.aggregate_id),
        change: Set(slot.change()),
        ..row
    };
    Entity::insert(row).exec_without_returning(slot.tx).await?;
    Ok(())
}

async fn update(slot: &Slot<'_>, event: &Event, row: ActiveModel) -> Result<(), Failure<Unfit>> {
    let row =
        ActiveModel { generation: NotSet, product_id: NotSet, change: Set(slot.change()), ..row };
    let updated = Entity::update_many()
        .set(row)
        .filter(Column::Generation.eq(slot.generation))
        .filter(Column::ProductId.eq(event.aggregate_id))
        .exec(slot.tx)
        .await?;
    if updated.rows_affected == 0 {
        return Err(unfit(format!("product {} was never registered", event.aggregate_id)));
    }
    Ok(())
}
