//! How far each order is, from the events of orders, stores, deliveries and payments.
//!
//! Between those there is no order of arrival (D.13-4). So an order has one row, which begins with
//! whichever event comes first; each source writes only its own columns; and how far the order is
//! nobody writes: it is told from all of them when the row is shown. That is once the order itself
//! has been heard of, since a payment may come to no order.

use futures::future::BoxFuture;
use jangteo::{
    delivery::v1::{DeliveryCompleted, DeliveryPickedUp, DeliveryStarted},
    order::v1::{OrderCancelled, OrderPlaced},
    payment::v1::{PaymentApproved, PaymentCancelled},
    store::v1::{CookingFinished, CookingStarted, TicketAccepted},
};
use jangteo_kit::{
    event::Event,
    project::{ReadModel, Slot, Unfit, clear},
    store::{Failure, Tx},
};
use prost::Message;
use sea_orm::{ActiveValue::Set, DbErr};
use uuid::Uuid;

use super::{is, order_paid, read, some_id};

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "order_board")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub generation: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub order_id: Uuid,
        /// Of orders, as all down to `cancel_time`: none until one was placed.
        pub customer: Option<String>,
        pub seller: Option<String>,
        pub store_id: Option<Uuid>,
        /// Its lines: what is left of the event that told of them, encoded.
        pub ordered: Option<Vec<u8>>,
        pub total_krw: Option<i64>,
        pub place_time: Option<i64>,
        pub cancel_reason: Option<String>,
        pub cancel_time: Option<i64>,
        /// Of stores.
        pub accept_time: Option<i64>,
        pub cook_start_time: Option<i64>,
        pub cook_time: Option<i64>,
        /// Of deliveries.
        pub delivery_start_time: Option<i64>,
        pub pick_up_time: Option<i64>,
        pub deliver_time: Option<i64>,
        /// Of payments.
        pub pay_time: Option<i64>,
        pub refund_time: Option<i64>,
        pub change: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
use entity::{ActiveModel, Entity};

/// The read model.
#[derive(Clone, Copy)]
pub(crate) struct OrderBoard;

impl ReadModel for OrderBoard {
    fn name(&self) -> &'static str {
        "order_board"
    }

    fn sources(&self) -> &'static [&'static str] {
        &["order", "store", "delivery", "payment"]
    }

    fn project<'a>(
        &'a self,
        slot: Slot<'a>,
        event: &'a Event,
    ) -> BoxFuture<'a, Result<(), Failure<Unfit>>> {
        Box::pin(async move {
            let Some((order, columns)) = said(event)? else { return Ok(()) };
            Ok(slot.write(ActiveModel { order_id: Set(order), ..columns }).await?)
        })
    }

    fn clear<'a>(&'a self, tx: &'a Tx, generation: i64) -> BoxFuture<'a, Result<(), DbErr>> {
        Box::pin(clear::<Entity>(tx, generation))
    }
}

/// Which columns of which order an event writes; `None` where it is of no interest.
fn said(event: &Event) -> Result<Option<(Uuid, ActiveModel)>, Failure<Unfit>> {
    if let Some(paid) = of_payment(event)? {
        return Ok(Some(paid));
    }
    let columns = of_order(event)?.or_else(|| of_ticket(event)).or_else(|| of_delivery(event));
    // Tickets and deliveries have the ids of their orders.
    Ok(columns.map(|columns| (event.aggregate_id, columns)))
}

fn of_order(event: &Event) -> Result<Option<ActiveModel>, Failure<Unfit>> {
    if let Some(placed) = read(event)? {
        return placed_columns(placed, event.time).map(Some);
    }
    let cancelled: Option<OrderCancelled> = read(event)?;
    Ok(cancelled.map(|cancelled| ActiveModel {
        cancel_reason: Set(Some(cancelled.reason)),
        cancel_time: Set(Some(event.time)),
        ..Default::default()
    }))
}

fn placed_columns(placed: OrderPlaced, time: i64) -> Result<ActiveModel, Failure<Unfit>> {
    let ordered = OrderPlaced { lines: placed.lines, ..Default::default() };
    Ok(ActiveModel {
        customer: Set(Some(placed.customer)),
        seller: Set(Some(placed.seller)),
        store_id: Set(some_id("store_id", &placed.store_id)?),
        ordered: Set(Some(ordered.encode_to_vec())),
        total_krw: Set(Some(placed.total_krw)),
        place_time: Set(Some(time)),
        ..Default::default()
    })
}

fn of_ticket(event: &Event) -> Option<ActiveModel> {
    let at = Set(Some(event.time));
    Some(if is::<TicketAccepted>(event) {
        ActiveModel { accept_time: at, ..Default::default() }
    } else if is::<CookingStarted>(event) {
        ActiveModel { cook_start_time: at, ..Default::default() }
    } else if is::<CookingFinished>(event) {
        ActiveModel { cook_time: at, ..Default::default() }
    } else {
        return None;
    })
}

fn of_delivery(event: &Event) -> Option<ActiveModel> {
    let at = Set(Some(event.time));
    Some(if is::<DeliveryStarted>(event) {
        ActiveModel { delivery_start_time: at, ..Default::default() }
    } else if is::<DeliveryPickedUp>(event) {
        ActiveModel { pick_up_time: at, ..Default::default() }
    } else if is::<DeliveryCompleted>(event) {
        ActiveModel { deliver_time: at, ..Default::default() }
    } else {
        return None;
    })
}

/// A payment tells by its key what it is for.
fn of_payment(event: &Event) -> Result<Option<(Uuid, ActiveModel)>, Failure<Unfit>> {
    let at = Set(Some(event.time));
    let (key, columns) = if let Some(PaymentApproved { key, .. }) = read(event)? {
        (key, ActiveModel { pay_time: at, ..Default::default() })
    } else if let Some(PaymentCancelled { key, refunded: true, .. }) = read(event)? {
        (key, ActiveModel { refund_time: at, ..Default::default() })
    } else {
        return Ok(None);
    };
    Ok(order_paid(&key)?.map(|order| (order, columns)))
}

#[cfg(test)]
mod tests;
