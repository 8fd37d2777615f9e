//! Events as contexts publish them.

use jangteo_kit::event::{Event, Recorded};
use prost::Name;
use uuid::Uuid;

/// An event of an aggregate of the context that the message is of, all of one story; its kind is called
/// as its context is.
pub fn event(aggregate_id: Uuid, sequence: i64, message: &impl Name, time: i64) -> Event {
    let Recorded { type_name, payload } = Recorded::of(message);
    let context = type_name.split('.').nth(1).expect("jangteo.<context>.v1.<Event>").to_owned();
    Event {
        kind: context.clone(),
        context,
        aggregate_id,
        sequence,
        type_name,
        payload,
        correlation_id: STORY,
        causation_id: aggregate_id,
        traceparent: String::new(),
        time,
    }
}

/// What all of them belong to.
pub const STORY: Uuid = Uuid::from_u128(0xacc0);
