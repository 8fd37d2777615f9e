//! The stream of a context: made by its owner, filled by its relay.

use std::{error::Error as _, time::Duration};

use anyhow::Context as _;
use async_nats::jetstream::{
    self, ErrorCode,
    context::{GetStreamError, GetStreamErrorKind, PublishError},
    message::PublishMessage,
    stream::{Config, DiscardPolicy, RetentionPolicy, StorageType, Stream},
};
use futures::{StreamExt, stream};
use tokio::time::timeout;
use tracing::Span;
use uuid::Uuid;

use super::{
    connection::{ACK, Bus},
    envelope::headers,
};
use crate::{event::Event, failpoint, telemetry};

/// How long the stream keeps events; the journal keeps them for good.
const MAX_AGE: Duration = Duration::from_hours(7 * 24);
/// How much it keeps; a full stream pushes back on the relay instead of dropping the oldest.
const MAX_BYTES: i64 = 1 << 30;

/// The name of a context's stream.
pub(super) fn name(context: &str) -> String {
    context.to_uppercase()
}

impl Bus {
    /// Makes the stream of `context` if it is not there. One that is there is left as it is: its
    /// limits, and how often it is replicated, are its operator's business from then on.
    pub(crate) async fn own_stream(&self, context: &str) -> anyhow::Result<()> {
        let config = Config {
            name: name(context),
            subjects: vec![format!("jangteo.{context}.>")],
            retention: RetentionPolicy::Limits,
            storage: StorageType::File,
            discard: DiscardPolicy::New,
            max_age: MAX_AGE,
            max_bytes: MAX_BYTES,
            num_replicas: self.settings.stream_replicas,
            ..Config::default()
        };
        if self.stream(context).await?.is_none() {
            self.jetstream.create_stream(config).await?;
        }
        Ok(())
    }

    /// The stream of `context`, if it is there.
    pub(super) async fn stream(&self, context: &str) -> anyhow::Result<Option<Stream>> {
        let asked = timeout(ACK, self.jetstream.get_stream(name(context))).await;
        match asked.context("the broker does not say whether the stream is there")? {
            Ok(stream) => Ok(Some(stream)),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Publishes events in their order and tells of each whether it was acknowledged. What the broker
    /// remembers it does not store again, but for a `refill`: each of them counts as another message.
    pub(crate) async fn publish(
        &self,
        events: &[Event],
        refill: Option<Uuid>,
    ) -> Vec<Result<(), NotTaken>> {
        let mut sent = Vec::with_capacity(events.len());
        for event in events {
            let span = telemetry::publish(event);
            let traceparent = telemetry::traceparent_of(&span, event);
            let message = message(event, &traceparent, refill);
            let ack = self.jetstream.send_publish(event.subject(), message).await;
            sent.push((span, ack));
        }
        self.failpoint("P7").await;
        let acks = stream::iter(sent).map(|(span, sent)| async move {
            let ack = match sent {
                Ok(ack) => ack.await.map(drop),
                Err(error) => Err(error),
            };
            acknowledged(&span, ack)
        });
        acks.buffered(events.len().max(1))
            .enumerate()
            .map(|(position, acked)| {
                if acked.is_ok() && position + 1 < events.len() {
                    failpoint::at("P10");
                }
                acked
            })
            .collect()
            .await
    }
}

fn message(event: &Event, traceparent: &str, refill: Option<Uuid>) -> PublishMessage {
    let message = PublishMessage::build()
        .payload(event.payload.clone().into())
        .headers(headers(event, traceparent))
        .expected_stream(name(&event.context));
    match refill {
        Some(refill) => message.message_id(format!("{}/{refill}", event.id())),
        None => message,
    }
}

/// Ends the span of an event, and tells whether it is safe.
fn acknowledged(span: &Span, ack: Result<(), PublishError>) -> Result<(), NotTaken> {
    ack.map_err(|error| {
        span.record("error.type", tracing::field::display(error.kind()));
        span.record("otel.status_code", "ERROR");
        NotTaken::of(&error)
    })
}

/// Why an event is not in the stream, for all that is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotTaken {
    /// A limit of the stream or of the broker is reached.
    #[error("the broker has no room for events ({0}): raise max_bytes of the stream, or make room")]
    Full(String),
    /// Anything else.
    #[error("the broker takes no events: {0}")]
    Other(String),
}

impl NotTaken {
    fn of(error: &PublishError) -> Self {
        let full = |error: &jetstream::Error| {
            let code = error.error_code();
            code == ErrorCode::STREAM_STORE_FAILED || code == ErrorCode::INSUFFICIENT_RESOURCES
        };
        match error.source().and_then(|source| source.downcast_ref::<jetstream::Error>()) {
            Some(source) if full(source) => Self::Full(source.to_string()),
            _ => Self::Other(error.to_string()),
        }
    }
}

/// Whether there is no such stream, which is another thing than not being told.
fn is_absent(error: &GetStreamError) -> bool {
    matches!(error.kind(), GetStreamErrorKind::JetStream(error)
        if error.error_code() == ErrorCode::STREAM_NOT_FOUND)
}
