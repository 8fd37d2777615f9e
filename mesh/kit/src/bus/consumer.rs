//! A context's consumer on another context's stream.

use std::time::Duration;

use async_nats::jetstream::{
    AckKind, Message,
    consumer::{AckPolicy, DeliverPolicy, pull},
};
use futures::{Stream, StreamExt};

use super::{BadEnvelope, connection::Bus, from_message, stream::name};
use crate::{decide::TOGETHER, event::Event};

/// Messages that are on their way or wait here at most.
const AHEAD: usize = 256;

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
            max_ack_pending: 4 * i64::try_from(AHEAD)?,
            ..pull::Config::default()
        };
        let consumer = self.jetstream.create_consumer_on_stream(config, name(&to.source)).await?;
        let messages = consumer
            .stream()
            .max_messages_per_batch(AHEAD)
            .heartbeat(Duration::from_secs(2))
            .expires(Duration::from_secs(20))
            .messages()
            .await?;
        let source = to.source.clone();
        Ok(messages
            .ready_chunks(TOGETHER)
            .map(move |chunk| {
                chunk.into_iter().map(|message| Ok(delivery(&source, message?))).collect()
            })
            .boxed())
    }
}

impl Bus {
    /// How many messages a consumer lacks: those that it has not got, or not acknowledged.
    pub(crate) async fn lag(&self, of: &Subscription) -> anyhow::Result<u64> {
        let consumer = self
            .jetstream
            .get_consumer_from_stream::<pull::Config, _, _>(&of.consumer, name(&of.source))
            .await?;
        let known = consumer.cached_info();
        Ok(known.num_pending + u64::try_from(known.num_ack_pending)?)
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

#[cfg(test)]
mod tests {
    use jangteo_testing::{Nats, until};
    use uuid::Uuid;

    use super::*;
    use crate::{bus::Bus, config};

    fn event(sequence: i64) -> Event {
        Event {
            context: "post".to_owned(),
            kind: "post".to_owned(),
            aggregate_id: Uuid::from_u128(7),
            sequence,
            type_name: "jangteo.post.v1.PostHidden".to_owned(),
            payload: vec![],
            correlation_id: Uuid::from_u128(8),
            causation_id: Uuid::from_u128(9),
            traceparent: String::new(),
            time: 1_727_136_000_123,
        }
    }

    #[tokio::test]
    async fn what_is_delivered_is_lacking_until_it_is_acknowledged() {
        let nats = Nats::start().await.unwrap();
        let settings = config::Nats { url: nats.url(), monitor_url: None, stream_replicas: 1 };
        let bus = Bus::connect(settings, false, "_INBOX").await.unwrap();
        let soon = Duration::from_secs(20);
        until(soon, async || bus.own_stream("post").await.ok()).await;
        let to = Subscription {
            consumer: "view".to_owned(),
            source: "post".to_owned(),
            ack_wait: Duration::from_mins(1),
        };
        assert!(bus.lag(&to).await.is_err(), "there is no such consumer yet");
        let mut batches = bus.subscribe(&to).await.unwrap();
        // The broker counts by and by.
        let lacks = async |lag: u64| {
            until(soon, async || (bus.lag(&to).await.unwrap() == lag).then_some(())).await;
        };
        lacks(0).await;
        assert_eq!(
            bus.publish(&[event(1), event(2), event(3)], None).await,
            [Ok(()), Ok(()), Ok(())]
        );
        lacks(3).await;
        let mut taken = 0;
        while taken < 3 {
            let batch = batches.next().await.unwrap().unwrap();
            lacks(3 - taken).await;
            for delivery in &batch {
                delivery.ack().await;
            }
            taken += batch.len() as u64;
            lacks(3 - taken).await;
        }
    }
}
