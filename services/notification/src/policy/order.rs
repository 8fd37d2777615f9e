//! Orders, their kitchens and their deliveries: the customer hears of every step, the seller of what
//! concerns his goods.

use jangteo::{
    delivery::v1::DeliveryStarted,
    order::v1::{
        OrderCancelRefused, OrderCancelled, OrderDelivered, OrderDelivering, OrderPlaced,
        OrderedLine,
    },
    store::v1::TicketAccepted,
};
use jangteo_kit::event::{Event, Unfit};

use super::News;
use crate::domain::Kind;

/// What happened to an order.
pub(super) fn order(event: &Event) -> Result<Option<News>, Unfit> {
    Ok(Some(if let Some(placed) = event.message::<OrderPlaced>()? {
        let OrderPlaced { customer, seller, lines, total_krw, .. } = placed;
        of(Kind::OrderPlaced, [customer.clone(), seller], &lines, total_krw)
            .with("customer", customer)
    } else if let Some(OrderDelivering { customer, .. }) = event.message()? {
        News::new(Kind::OrderDelivering, [customer])
    } else if let Some(delivered) = event.message::<OrderDelivered>()? {
        let OrderDelivered { customer, seller, lines, total_krw, .. } = delivered;
        of(Kind::OrderDelivered, [customer, seller], &lines, total_krw)
    } else if let Some(OrderCancelRefused { customer, reason, .. }) = event.message()? {
        News::new(Kind::OrderCancelRefused, [customer]).with("reason", reason)
    } else if let Some(cancelled) = event.message::<OrderCancelled>()? {
        let OrderCancelled { customer, seller, lines, total_krw, reason, .. } = cancelled;
        of(Kind::OrderCancelled, [customer, seller], &lines, total_krw).with("reason", reason)
    } else {
        return Ok(None);
    }))
}

/// What happened to a ticket; all but that its store has taken it on, order and delivery tell.
pub(super) fn store(event: &Event) -> Result<Option<News>, Unfit> {
    let Some(TicketAccepted { customer, .. }) = event.message()? else { return Ok(None) };
    Ok(Some(News::new(Kind::OrderAccepted, [customer])))
}

/// What happened to a delivery; all but its beginning, the order tells.
pub(super) fn delivery(event: &Event) -> Result<Option<News>, Unfit> {
    let Some(DeliveryStarted { customer, .. }) = event.message()? else { return Ok(None) };
    Ok(Some(News::new(Kind::DeliveryStarted, [customer])))
}

/// News of what was bought: the first line by its name, the others by their number.
fn of(kind: Kind, to: [String; 2], lines: &[OrderedLine], total_krw: i64) -> News {
    let first = lines.first().map(|line| line.name.clone()).unwrap_or_default();
    let news = News::new(kind, to).with("product_name", first).number("total_krw", total_krw);
    match lines.len().saturating_sub(1) {
        0 => news,
        others => news.with("other_lines", others.to_string()),
    }
}
