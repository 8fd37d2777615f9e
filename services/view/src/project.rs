//! One file per read model: how events become rows.

pub(crate) mod item_board;
pub(crate) mod my_deals;
pub(crate) mod my_sales;
pub(crate) mod order_board;
pub(crate) mod order_history;
pub(crate) mod product_board;
pub(crate) mod review_board;
#[cfg(test)]
pub(crate) mod sample;
pub(crate) mod timeline;

use jangteo_kit::{
    event::Event,
    project::{ReadModel, Unfit},
    store::Failure,
};
use prost::{Message, Name};
use uuid::Uuid;

/// All of them, as operators may ask for them.
pub(crate) const ALL: [&dyn ReadModel; 8] = [
    &my_sales::MySales,
    &my_deals::MyDeals,
    &item_board::ItemBoard,
    &review_board::ReviewBoard,
    &order_board::OrderBoard,
    &order_history::OrderHistory,
    &product_board::ProductBoard,
    &timeline::Timeline,
];

/// Whether the event is an `M`.
fn is<M: Name>(event: &Event) -> bool {
    event.type_name == M::full_name()
}

/// The message, if the event is an `M`.
fn read<M: Message + Name + Default>(event: &Event) -> Result<Option<M>, Failure<Unfit>> {
    event.message().map_err(|error| unfit(error.to_string()))
}

/// The id in a field of an event.
fn id(field: &str, text: &str) -> Result<Uuid, Failure<Unfit>> {
    text.parse().map_err(|error| unfit(format!("{field} {text}: {error}")))
}

/// The id in a field of an event that may be empty.
fn some_id(field: &str, text: &str) -> Result<Option<Uuid>, Failure<Unfit>> {
    if text.is_empty() { Ok(None) } else { id(field, text).map(Some) }
}

/// The order that a payment with this key is for; `None`: it is for something else.
fn order_paid(key: &str) -> Result<Option<Uuid>, Failure<Unfit>> {
    let attempt = key.strip_prefix("orders/").and_then(|rest| rest.split_once("/payments/"));
    attempt.map(|(order, _)| id("key", order)).transpose()
}

/// A state as a column holds it.
fn number(state: impl Into<i32>) -> i64 {
    i64::from(state.into())
}

fn unfit(why: String) -> Failure<Unfit> {
    Failure::Rejected(Unfit(why))
}
