//! My-page: a seller's posts (A-N3), from the events of posts alone, which carry deal and price.

use futures::future::BoxFuture;
use jangteo::{
    post::v1::{
        PostDeleted, PostEdited, PostHidden, PostReopened, PostReserved, PostSold, PostUnhidden,
        PostWritten,
    },
    view::v1::my_sale::State,
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
    #[sea_orm(table_name = "my_sale")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub generation: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub post_id: Uuid,
        pub seller: String,
        pub goods: String,
        pub price_krw: i64,
        pub neighbourhood: String,
        pub state: i64,
        pub agreed_price_krw: Option<i64>,
        pub deal_id: Option<Uuid>,
        pub buyer: Option<String>,
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
pub(crate) struct MySales;

impl ReadModel for MySales {
    fn name(&self) -> &'static str {
        "my_sales"
    }

    fn sources(&self) -> &'static [&'static str] {
        &["post"]
    }

    fn project<'a>(
        &'a self,
        slot: Slot<'a>,
        event: &'a Event,
    ) -> BoxFuture<'a, Result<(), Failure<Unfit>>> {
        Box::pin(async move {
            match changes(event)? {
                Some(Change::Founded(row)) => {
                    let row = ActiveModel { post_id: Set(event.aggregate_id), ..*row };
                    Ok(slot.insert(row).await?)
                }
                Some(Change::Altered(row)) => update(&slot, event, *row).await,
                None => Ok(()),
            }
        })
    }

    fn clear<'a>(&'a self, tx: &'a Tx, generation: i64) -> BoxFuture<'a, Result<(), DbErr>> {
        Box::pin(clear::<Entity>(tx, generation))
    }
}

/// What an event says of a row.
#[derive(Debug, PartialEq)]
enum Change {
    /// It is there from now on.
    Founded(Box<ActiveModel>),
    /// These columns are different.
    Altered(Box<ActiveModel>),
}

/// What an event says; `None` where it is of no interest.
fn changes(event: &Event) -> Result<Option<Change>, Failure<Unfit>> {
    if let Some(written) = read::<PostWritten>(event)? {
        return Ok(Some(Change::Founded(Box::new(founded(written, event.time)))));
    }
    let altered = if let Some(edited) = read::<PostEdited>(event)? {
        edit(edited)
    } else if let Some(PostReserved { deal_id, buyer, agreed_price_krw, .. }) = read(event)? {
        agreed(State::Reserved, &deal_id, buyer, agreed_price_krw)?
    } else if let Some(PostSold { deal_id, buyer, agreed_price_krw, .. }) = read(event)? {
        agreed(State::Sold, &deal_id, buyer, agreed_price_krw)?
    } else if is::<PostReopened>(event) || is::<PostUnhidden>(event) {
        free(State::Available)
    } else if is::<PostHidden>(event) {
        free(State::Hidden)
    } else if is::<PostDeleted>(event) {
        ActiveModel { removed: Set(true), ..Default::default() }
    } else {
        return Ok(None);
    };
    let altered = ActiveModel { update_time: Set(event.time), ..altered };
    Ok(Some(Change::Altered(Box::new(altered))))
}

fn founded(written: PostWritten, time: i64) -> ActiveModel {
    ActiveModel {
        seller: Set(written.seller),
        goods: Set(written.goods),
        price_krw: Set(written.price_krw),
        neighbourhood: Set(written.neighbourhood),
        create_time: Set(time),
        update_time: Set(time),
        removed: Set(false),
        ..free(State::Available)
    }
}

fn edit(edited: PostEdited) -> ActiveModel {
    ActiveModel {
        goods: Set(edited.goods),
        price_krw: Set(edited.price_krw),
        neighbourhood: Set(edited.neighbourhood),
        ..Default::default()
    }
}

/// The columns of a sale without an agreement.
fn free(state: State) -> ActiveModel {
    ActiveModel {
        state: Set(number(state)),
        agreed_price_krw: Set(None),
        deal_id: Set(None),
        buyer: Set(None),
        ..Default::default()
    }
}

/// The columns of a sale with one.
fn agreed(
    state: State,
    deal_id: &str,
    buyer: String,
    price_krw: i64,
) -> Result<ActiveModel, Failure<Unfit>> {
    Ok(ActiveModel {
        state: Set(number(state)),
        agreed_price_krw: Set(Some(price_krw)),
        deal_id: Set(Some(id("deal_id", deal_id)?)),
        buyer: Set(Some(buyer)),
        ..Default::default()
    })
}

async fn update(slot: &Slot<'_>, event: &Event, row: ActiveModel) -> Result<(), Failure<Unfit>> {
    if slot.update(ActiveModel { post_id: Set(event.aggregate_id), ..row }).await? {
        Ok(())
    } else {
        Err(unfit(format!("post {} was never written", event.aggregate_id)))
    }
}

#[cfg(test)]
mod tests;
