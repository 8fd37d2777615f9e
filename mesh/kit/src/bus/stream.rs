//! The stream of a context: made by its owner, filled by its relay.

use std::time::Duration;

use async_nats::jetstream::{
    context::PublishErrorKind,
    message::PublishMessage,
    stream::{Config, DiscardPolicy, RetentionPolicy, StorageType},
};
use futures::{StreamExt, stream};

use super::{connection::Bus, envelope::headers};
use crate::{event::Event, failpoint};

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
            sent.push(self.jetstream.send_publish(event.subject(), message(event)).await);
        }
        failpoint::at("P7");
        let acks = stream::iter(sent).map(|sent| async {
            match sent {
                Ok(ack) => ack.await.map(drop),
                Err(error) => Err(error),
            }
        });
        acks.buffered(events.len().max(1))
            .map(|ack| acknowledged(ack.err().map(|error| error.kind())))
            .collect()
            .await
    }
}

fn message(event: &Event) -> PublishMessage {
    PublishMessage::build()
        .payload(event.payload.clone().into())
        .headers(headers(event))
        .expected_stream(name(&event.context))
}

fn acknowledged(error: Option<PublishErrorKind>) -> bool {
    match error {
        None => {
            failpoint::at("P10");
            true
        }
        Some(kind) => {
            tracing::debug!(%kind, "event was not acknowledged");
            false
        }
    }
}
