//! The broker: NATS JetStream, one stream per context. Speed, never truth: what it loses comes
//! again from the journals.

mod connection;
mod consumer;
mod envelope;
mod history;
mod stream;

pub(crate) use self::{
    connection::Bus,
    consumer::{Delivery, Subscription},
    envelope::{BadEnvelope, from_message},
    history::Part,
};
