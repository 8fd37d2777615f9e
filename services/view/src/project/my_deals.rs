//! The deals of a person, from the events of deals; what their goods are called, from those of posts and
//! of stock.
//!
//! Each has rows of its own, so it does not matter which comes first: a deal is shown once it was
//! reserved, its goods' name as soon as it is known.

use futures::future::BoxFuture;
use jangteo::{
    deal::v1::{DealCancelled, DealEnded, DealRefused, DealRescheduled, DealReserved},
    inventory::v1::{ProductChanged, ProductRegistered},
    post::v1::{PostEdited, PostWritten},
    view::v1::my_deal::State,
};
use jangteo_kit::{
    event::{Event, millis},
    project::{ReadModel, Slot, Unfit, clear},
    store::{Failure, Tx},
};
use sea_orm::{ActiveValue::Set, DbErr, Value};
use uuid::Uuid;

use super::{id, is, number, read, unfit};

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "my_deal")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub generation: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub deal_id: Uuid,
        /// Nil of a deal on a product.
        pub offer_id: Uuid,
        /// What the goods are listed as: the post, or the product.
        pub post_id: Uuid,
        pub seller: String,
        pub buyer: String,
        pub price_krw: i64,
        pub state: i64,
        pub meeting_time: Option<i64>,
        pub create_time: i64,
        pub update_time: i64,
        pub change: i64,
        /// Of a deal on a product: pieces of it.
        pub pieces: Option<i64>,
        /// Of one that is refused: why.
        pub refusal_reason: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
use entity::{ActiveModel, Column, Entity};

/// What posts call their goods, and how products are called.
pub(crate) mod goods {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "my_deal_goods")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub generation: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub post_id: Uuid,
        pub goods: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The read model.
#[derive(Clone, Copy)]
pub(crate) struct MyDeals;

impl ReadModel for MyDeals {
    fn name(&self) -> &'static str {
        "my_deals"
    }

    fn sources(&self) -> &'static [&'static str] {
        &["post", "deal", "inventory"]
    }

    fn project<'a>(
        &'a self,
        slot: Slot<'a>,
        event: &'a Event,
    ) -> BoxFuture<'a, Result<(), Failure<Unfit>>> {
        Box::pin(async move {
            match changes(event)? {
                Some(Change::Founded(row)) => {
                    let row = ActiveModel { deal_id: Set(event.aggregate_id), ..*row };
                    Ok(slot.insert(row).await?)
                }
                Some(Change::Altered(row)) => update(&slot, event, *row).await,
                Some(Change::Called(goods)) => Ok(call(&slot, event.aggregate_id, goods).await?),
                None => Ok(()),
            }
        })
    }

    fn clear<'a>(&'a self, tx: &'a Tx, generation: i64) -> BoxFuture<'a, Result<(), DbErr>> {
        Box::pin(async move {
            clear::<Entity>(tx, generation).await?;
            clear::<goods::Entity>(tx, generation).await
        })
    }
}

/// What an event says.
#[derive(Debug, PartialEq)]
enum Change {
    /// A deal is there from now on, and be it that it could not be made.
    Founded(Box<ActiveModel>),
    /// These columns of a deal are different.
    Altered(Box<ActiveModel>),
    /// A post's goods, or a product, are called this.
    Called(String),
}

/// What an event says; `None` where it is of no interest.
fn changes(event: &Event) -> Result<Option<Change>, Failure<Unfit>> {
    if let Some(PostWritten { goods, .. }) = read(event)? {
        return Ok(Some(Change::Called(goods)));
    }
    if let Some(PostEdited { goods, .. }) = read(event)? {
        return Ok(Some(Change::Called(goods)));
    }
    if let Some(ProductRegistered { name, .. }) = read(event)? {
        return Ok(Some(Change::Called(name)));
    }
    if let Some(ProductChanged { name, .. }) = read(event)? {
        return Ok(Some(Change::Called(name)));
    }
    if let Some(reserved) = read(event)? {
        return Ok(Some(Change::Founded(Box::new(founded(reserved, event.time)?))));
    }
    if let Some(refused) = read(event)? {
        return Ok(Some(Change::Founded(Box::new(unmade(refused, event.time)?))));
    }
    let altered = if let Some(DealRescheduled { meeting_time, .. }) = read(event)? {
        let meeting_time = meeting_time.as_ref().map(millis);
        ActiveModel { meeting_time: Set(meeting_time), ..Default::default() }
    } else if is::<DealEnded>(event) {
        standing(State::Ended)
    } else if is::<DealCancelled>(event) {
        standing(State::Cancelled)
    } else {
        return Ok(None);
    };
    let altered = ActiveModel { update_time: Set(event.time), ..altered };
    Ok(Some(Change::Altered(Box::new(altered))))
}

fn founded(reserved: DealReserved, time: i64) -> Result<ActiveModel, Failure<Unfit>> {
    let (offer, goods, pieces) = if reserved.product_id.is_empty() {
        (id("offer_id", &reserved.offer_id)?, id("post_id", &reserved.post_id)?, None)
    } else {
        (Uuid::nil(), id("product_id", &reserved.product_id)?, Some(reserved.quantity))
    };
    Ok(ActiveModel {
        offer_id: Set(offer),
        post_id: Set(goods),
        pieces: Set(pieces),
        seller: Set(reserved.seller),
        buyer: Set(reserved.buyer),
        price_krw: Set(reserved.price_krw),
        meeting_time: Set(reserved.meeting_time.as_ref().map(millis)),
        create_time: Set(time),
        update_time: Set(time),
        ..standing(State::Reserved)
    })
}

/// A deal that could not be made: whose the product is, the event does not say (C-F7).
fn unmade(refused: DealRefused, time: i64) -> Result<ActiveModel, Failure<Unfit>> {
    Ok(ActiveModel {
        offer_id: Set(Uuid::nil()),
        post_id: Set(id("product_id", &refused.product_id)?),
        pieces: Set(Some(refused.quantity)),
        seller: Set(String::new()),
        buyer: Set(refused.buyer),
        price_krw: Set(0),
        refusal_reason: Set(Some(refused.reason)),
        create_time: Set(time),
        update_time: Set(time),
        ..standing(State::Refused)
    })
}

fn standing(state: State) -> ActiveModel {
    ActiveModel { state: Set(number(state)), ..Default::default() }
}

async fn update(slot: &Slot<'_>, event: &Event, row: ActiveModel) -> Result<(), Failure<Unfit>> {
    if slot.update(ActiveModel { deal_id: Set(event.aggregate_id), ..row }).await? {
        Ok(())
    } else {
        Err(unfit(format!("deal {} was never reserved", event.aggregate_id)))
    }
}

/// Writes what a post calls its goods; if that is news, its deals have changed as well.
async fn call(slot: &Slot<'_>, post: Uuid, goods: String) -> Result<(), DbErr> {
    let row = goods::ActiveModel { post_id: Set(post), ..Default::default() };
    let known = slot.read(row.clone(), goods::Column::Goods).await?;
    if known == Some(Value::from(goods.as_str())) {
        return Ok(());
    }
    slot.write(goods::ActiveModel { goods: Set(goods), ..row }).await?;
    slot.touch::<Entity>(Column::PostId, post).await
}
