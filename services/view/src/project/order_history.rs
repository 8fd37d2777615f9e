//! What people have ordered, from the events of orders, payments and deliveries.
//!
//! It does not matter which comes first: an order has one row, which begins with whichever event
//! does, and each source writes only its own columns. The row is shown once the order itself has
//! been heard of.

use futures::future::BoxFuture;
use jangteo::{
    delivery::v1::{DeliveryCancelled, DeliveryCompleted, DeliveryPickedUp, DeliveryStarted},
    order::v1::{OrderCancelled, OrderDelivered, OrderDelivering, OrderPlaced, OrderPreparing},
    payment::v1::{PaymentApproved, PaymentCancelled},
    view::v1::order_history_entry::{DeliveryStatus, OrderStatus, PaymentStatus},
};
use jangteo_kit::{
    event::Event,
    project::{ReadModel, Slot, Unfit, clear},
    store::{Failure, Tx},
};
use sea_orm::{ActiveValue::Set, DbErr};
use uuid::Uuid;

use super::{is, number, order_paid, read};

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "order_history")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub generation: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub order_id: Uuid,
        /// Of orders, as all down to `order_time`: none until one was placed.
        pub customer: Option<String>,
        pub pieces: Option<i64>,
        pub total_krw: Option<i64>,
        pub create_time: Option<i64>,
        pub order_status: Option<i64>,
        pub order_time: Option<i64>,
        /// Of payments.
        pub payment_status: Option<i64>,
        pub payment_time: Option<i64>,
        /// Of deliveries.
        pub delivery_status: Option<i64>,
        pub delivery_time: Option<i64>,
        pub change: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
use entity::{ActiveModel, Entity};

/// The read model.
#[derive(Clone, Copy)]
pub(crate) struct OrderHistory;

impl ReadModel for OrderHistory {
    fn name(&self) -> &'static str {
        "order_history"
    }

    fn sources(&self) -> &'static [&'static str] {
        &["order", "payment", "delivery"]
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
    if let Some((key, status)) = payment_status(event)? {
        let columns = ActiveModel {
            payment_status: Set(Some(number(status))),
            payment_time: Set(Some(event.time)),
            ..Default::default()
        };
        return Ok(order_paid(&key)?.map(|order| (order, columns)));
    }
    let columns = if let Some(placed) = read(event)? {
        placed_columns(placed, event.time)
    } else if let Some(status) = order_status(event) {
        order_columns(status, event.time)
    } else if let Some(status) = delivery_status(event) {
        ActiveModel {
            delivery_status: Set(Some(number(status))),
            delivery_time: Set(Some(event.time)),
            ..Default::default()
        }
    } else {
        return Ok(None);
    };
    // Deliveries have the ids of their orders.
    Ok(Some((event.aggregate_id, columns)))
}

fn placed_columns(placed: OrderPlaced, time: i64) -> ActiveModel {
    let pieces = placed.lines.iter().fold(0_i64, |sum, line| sum.saturating_add(line.quantity));
    ActiveModel {
        customer: Set(Some(placed.customer)),
        pieces: Set(Some(pieces)),
        total_krw: Set(Some(placed.total_krw)),
        create_time: Set(Some(time)),
        ..order_columns(OrderStatus::Placed, time)
    }
}

fn order_columns(status: OrderStatus, time: i64) -> ActiveModel {
    ActiveModel {
        order_status: Set(Some(number(status))),
        order_time: Set(Some(time)),
        ..Default::default()
    }
}

fn order_status(event: &Event) -> Option<OrderStatus> {
    Some(if is::<OrderPreparing>(event) {
        OrderStatus::Preparing
    } else if is::<OrderDelivering>(event) {
        OrderStatus::Delivering
    } else if is::<OrderDelivered>(event) {
        OrderStatus::Delivered
    } else if is::<OrderCancelled>(event) {
        OrderStatus::Cancelled
    } else {
        return None;
    })
}

fn delivery_status(event: &Event) -> Option<DeliveryStatus> {
    Some(if is::<DeliveryStarted>(event) {
        DeliveryStatus::Started
    } else if is::<DeliveryPickedUp>(event) {
        DeliveryStatus::PickedUp
    } else if is::<DeliveryCompleted>(event) {
        DeliveryStatus::Delivered
    } else if is::<DeliveryCancelled>(event) {
        DeliveryStatus::Cancelled
    } else {
        return None;
    })
}

/// The status of a payment, and its key, which tells what it is for.
fn payment_status(event: &Event) -> Result<Option<(String, PaymentStatus)>, Failure<Unfit>> {
    if let Some(PaymentApproved { key, .. }) = read(event)? {
        return Ok(Some((key, PaymentStatus::Approved)));
    }
    if let Some(PaymentCancelled { key, refunded: true, .. }) = read(event)? {
        return Ok(Some((key, PaymentStatus::Cancelled)));
    }
    Ok(None)
}
