//! A context's consumer on another context's stream.

use std::time::Duration;

use async_nats::jetstream::{
    AckKind, Message,
    consumer::{AckPolicy, DeliverPolicy, pull},
};
use futures::{Stream, StreamExt};

use super::{BadEnvelope, connection::Bus, from_message, stream::name};
use crate::event::Event;

/// Messages that are handled together at most.
const BATCH: usize = 256;

/// A message with the event it carries.
pub(crate) struct Delivery {
    pub(crate) event: Result<Event, BadEnvelope>,
    message: Message,
}

/// The messages of one source, in batches of what has arrived.
pub(crate) type Batches =
    std::pin::Pin<Box<dyn Stream<Item = anyhow::Result<Vec<Delivery>>> + Send>>;

/// What a context follows, and how.
#[derive(Clone, Debug)]
pub(crate) struct Subscription {
    /// The durable consumer's name: the context that consumes.
    pub(crate) consumer: String,
    /// The context whose stream is read.
    pub(crate) source: String,
    /// After this an unacknowledged message is delivered again.
    pub(crate) ack_wait: Duration,
}

impl Bus {
    /// Reads a source's stream; an error while the stream is not there yet.
    pub(crate) async fn subscribe(&self, to: &Subscription) -> anyhow::Result<Batches> {
        let config = pull::Config {
            durable_name: Some(to.consumer.clone()),
            ack_policy: AckPolicy::Explicit,
            ack_wait: to.ack_wait,
            deliver_policy: DeliverPolicy::All,
            max_deliver: -1,
            max_ack_pending: 4 * i64::try_from(BATCH)?,
            ..pull::Config::default()
        };
        let consumer = self.jetstream.create_consumer_on_stream(config, name(&to.source)).await?;
        let messages = consumer
            .stream()
            .max_messages_per_batch(BATCH)
            .heartbeat(Duration::from_secs(2))
            .expires(Duration::from_secs(20))
            .messages()
            .await?;
        let source = to.source.clone();
        Ok(messages
            .ready_chunks(BATCH)
            .map(move |chunk| {
                chunk.into_iter().map(|message| Ok(delivery(&source, message?))).collect()
            })
            .boxed())
    }
}

fn delivery(source: &str, message: Message) -> Delivery {
    Delivery { event: from_message(source, &message.message), message }
}

impl Delivery {
    /// It is done with, and need not come again.
    pub(crate) async fn ack(&self) {
        self.reply(AckKind::Ack).await;
    }

    /// It could not be handled now: it comes again after `delay`.
    pub(crate) async fn hand_back(&self, delay: Duration) {
        self.reply(AckKind::Nak(Some(delay))).await;
    }

    async fn reply(&self, kind: AckKind) {
        // A lost reply makes the message come again, and its gate ignores it.
        if let Err(error) = self.message.ack_with(kind).await {
            tracing::debug!(%error, "ack was not sent");
        }
    }
}
