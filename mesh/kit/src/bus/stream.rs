//! The stream of a context: made by its owner, filled by its relay.

use std::time::Duration;

use async_nats::jetstream::{
    context::PublishErrorKind,
    message::PublishMessage,
    stream::{Config, DiscardPolicy, RetentionPolicy, StorageType},
};
use futures::{StreamExt, stream};
use tracing::Span;

use super::{connection::Bus, envelope::headers};
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
    /// Makes the stream of `context`, or brings its settings up to date.
    pub(crate) async fn own_stream(&self, context: &str) -> anyhow::Result<()> {
        let config = Config {
            name: name(context),
            subjects: vec![format!("jangteo.{context}.>")],
            retention: RetentionPolicy::Limits,
            storage: StorageType::File,
            discard: DiscardPolicy::New,
            max_age: MAX_AGE,
            max_bytes: MAX_BYTES,
            ..Config::default()
        };
        match self.jetstream.get_stream(&config.name).await {
            Ok(_) => Ok(()),
            Err(_) => Ok(self.jetstream.create_stream(config).await.map(drop)?),
        }
    }

    /// Publishes events in their order and tells of each whether it was acknowledged.
    pub(crate) async fn publish(&self, events: &[Event]) -> Vec<bool> {
        let mut sent = Vec::with_capacity(events.len());
        for event in events {
            let span = telemetry::publish(event);
            let message = message(event, &telemetry::traceparent_of(&span, event));
            let ack = self.jetstream.send_publish(event.subject(), message).await;
            sent.push((span, ack));
        }
        self.failpoint("P7").await;
        let acks = stream::iter(sent).map(|(span, sent)| async move {
            let ack = match sent {
                Ok(ack) => ack.await.map(drop),
                Err(error) => Err(error),
            };
            acknowledged(&span, ack.err().map(|error| error.kind()))
        });
        acks.buffered(events.len().max(1))
            .enumerate()
            .map(|(position, acked)| {
                if acked && position + 1 < events.len() {
                    failpoint::at("P10");
                }
                acked
            })
            .collect()
            .await
    }
}

fn message(event: &Event, traceparent: &str) -> PublishMessage {
    PublishMessage::build()
        .payload(event.payload.clone().into())
        .headers(headers(event, traceparent))
        .expected_stream(name(&event.context))
}

/// Ends the span of an event, and tells whether it is safe.
fn acknowledged(span: &Span, error: Option<PublishErrorKind>) -> bool {
    match error {
        None => true,
        Some(kind) => {
            span.record("error.type", tracing::field::display(&kind));
            span.record("otel.status_code", "ERROR");
            tracing::debug!(%kind, "event was not acknowledged");
            false
        }
    }
}
