//! The broker: NATS JetStream, one stream per context. Speed, never truth: what it loses comes
//! again from the journals.

mod connection;
mod consumer;
mod envelope;
mod stream;

pub use self::connection::Bus;
pub(crate) use self::{
    consumer::{Delivery, Subscription},
    envelope::{BadEnvelope, from_message},
};
