//! One file per read model: how events become rows.

pub(crate) mod item_board;
pub(crate) mod my_deals;
pub(crate) mod my_sales;
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
pub(crate) const ALL: [&dyn ReadModel; 5] = [
    &my_sales::MySales,
    &my_deals::MyDeals,
    &item_board::ItemBoard,
    &review_board::ReviewBoard,
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

/// A state as a column holds it.
fn number(state: impl Into<i32>) -> i64 {
    i64::from(state.into())
}

fn unfit(why: String) -> Failure<Unfit> {
    Failure::Rejected(Unfit(why))
}
