//! Publishing as fast as the broker takes it, with nothing behind: no database, no order.

use std::time::Duration;

use anyhow::{Context as _, Result};
use async_nats::{
    Client, HeaderMap,
    jetstream::{
        self,
        message::PublishMessage,
        stream::{Config, DiscardPolicy, StorageType},
    },
};
use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, future::ready, stream};
use tokio::time::Instant;

use crate::{
    load::{Latency, Span, note, times},
    seller::new_id,
};

/// Messages on their way at the same time: as many as the relay publishes together.
const WINDOW: usize = 512;
/// As long as the relay gives the broker for an acknowledgement.
const ACK: Duration = Duration::from_secs(5);

/// A stream like a context's, and the connection that fills it.
pub(crate) struct Raw {
    jetstream: jetstream::Context,
    name: String,
    message: Message,
}

/// What is published again and again, each time under another id.
#[derive(Clone)]
pub(crate) struct Message {
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Bytes,
}

impl Message {
    /// The first message of a stream.
    pub(crate) async fn first_of(client: Client, stream: &str) -> Result<Self> {
        let stream = jetstream::new(client).get_stream(stream).await?;
        let first = stream.get_raw_message(stream.cached_info().state.first_sequence).await?;
        Ok(Self { headers: first.headers, payload: first.payload })
    }
}

impl Raw {
    /// Makes the stream.
    pub(crate) async fn new(client: Client, name: &str, message: Message) -> Result<Self> {
        let jetstream = jetstream::ContextBuilder::new()
            .timeout(ACK)
            .ack_timeout(ACK)
            .max_ack_inflight(2 * WINDOW)
            .backpressure_on_inflight(true)
            .build(client);
        let config = Config {
            name: name.into(),
            subjects: vec![format!("{name}.>")],
            storage: StorageType::File,
            discard: DiscardPolicy::New,
            max_bytes: 1 << 30,
            ..Config::default()
        };
        jetstream.create_stream(config).await.with_context(|| format!("make {name}"))?;
        Ok(Self { jetstream, name: name.into(), message })
    }

    /// Publishes with a window of messages on their way; answers the acknowledgements per second.
    #[expect(clippy::cast_precision_loss, reason = "2^52 messages are too many")]
    pub(crate) async fn rate(&self, span: Span) -> Result<f64> {
        let begun = Instant::now();
        let numbers = (0..).take_while(|n| span.goes_on(begun.elapsed(), *n));
        let acked = stream::iter(numbers)
            .map(|_| self.publish())
            .buffered(WINDOW)
            .try_fold(0_u64, |acked, ()| ready(Ok(acked + 1)))
            .await?;
        Ok(acked as f64 / begun.elapsed().as_secs_f64())
    }

    /// Publishes one message after the other; answers how long the median waits, in ms.
    pub(crate) async fn single_ms(&self, length: Duration) -> Result<f64> {
        let (begun, mut waits) = (Instant::now(), times());
        while begun.elapsed() < length {
            let sent = Instant::now();
            self.publish().await?;
            note(&mut waits, sent.elapsed());
        }
        Ok(Latency::of(&waits).p50)
    }

    async fn publish(&self) -> Result<()> {
        let Message { headers, payload } = self.message.clone();
        let message = PublishMessage::build()
            .payload(payload)
            .headers(headers)
            .message_id(new_id().to_string())
            .expected_stream(&self.name);
        let subject = format!("{}.post.p07.PostWritten", self.name);
        self.jetstream.send_publish(subject, message).await?.await?;
        Ok(())
    }
}
