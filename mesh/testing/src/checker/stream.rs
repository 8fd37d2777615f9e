//! What the broker holds beside what the journal says.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use anyhow::{Context as _, Result};
use async_nats::{
    HeaderMap,
    jetstream::{
        self, ErrorCode,
        context::{GetStreamError, GetStreamErrorKind},
        stream::LastRawMessageErrorKind,
    },
};
use uuid::Uuid;

use super::{Finding, journal::Event, source::Source};

/// A message of a context's stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// `ce-id`.
    pub id: String,
    /// `ce-kind`.
    pub kind: String,
    /// `ce-subject`: the aggregate.
    pub aggregate: String,
    /// `ce-sequence`.
    pub sequence: String,
    /// `ce-type`.
    pub type_name: String,
    /// The event.
    pub payload: Vec<u8>,
}

/// Reads a whole stream, such as `POST`; one that is not there holds nothing.
pub async fn messages(client: &async_nats::Client, stream: &str) -> Result<Vec<Message>> {
    let mut context = jetstream::new(client.clone());
    context.set_timeout(Duration::from_secs(10));
    let stream = match context.get_stream(stream).await {
        Ok(stream) => stream,
        Err(error) if absent(&error) => return Ok(vec![]),
        Err(error) => return Err(error.into()),
    };
    let state = &stream.cached_info().state;
    let mut messages = vec![];
    // An empty stream begins at 0, which is no message's number.
    for sequence in state.first_sequence.max(1)..=state.last_sequence {
        match stream.get_raw_message(sequence).await {
            Ok(message) => messages.push(read(&message.headers, message.payload.to_vec())),
            Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => {}
            Err(error) => return Err(error).context(format!("message {sequence}")),
        }
    }
    Ok(messages)
}

fn absent(error: &GetStreamError) -> bool {
    let GetStreamErrorKind::JetStream(error) = error.kind() else { return false };
    error.error_code() == ErrorCode::STREAM_NOT_FOUND
}

fn read(headers: &HeaderMap, payload: Vec<u8>) -> Message {
    let text = |name: &str| headers.get(name).map(ToString::to_string).unwrap_or_default();
    Message {
        id: text("ce-id"),
        kind: text("ce-kind"),
        aggregate: text("ce-subject"),
        sequence: text("ce-sequence"),
        type_name: text("ce-type"),
        payload,
    }
}

/// Every event is there once or more, and nothing else is.
pub(super) fn check(sources: &[Source], messages: &[Message]) -> Vec<Finding> {
    let mut known = BTreeMap::new();
    for source in sources {
        let events = source.journal.values().flatten();
        known.extend(events.map(|event| (key(source.kind, event), event)));
    }
    let mut findings = vec![];
    let mut seen = BTreeSet::new();
    for message in messages {
        let Message { kind, aggregate, sequence, .. } = message;
        let key = (kind.clone(), aggregate.clone(), sequence.clone());
        match known.get(&key) {
            Some(event) => findings.extend(differences(event, message)),
            None => findings.push(Finding::Foreign { id: message.id.clone() }),
        }
        seen.insert(key);
    }
    let unseen = known.iter().filter(|(key, _)| !seen.contains(key));
    findings.extend(unseen.map(|(_, event)| Finding::Unpublished {
        aggregate: event.aggregate,
        sequence: event.sequence,
    }));
    findings
}

fn key(kind: &str, event: &Event) -> (String, String, String) {
    (kind.to_owned(), event.aggregate.to_string(), event.sequence.to_string())
}

fn differences(event: &Event, message: &Message) -> Vec<Finding> {
    let Event { aggregate, sequence, .. } = *event;
    let parts = [
        ("id", message.id == id(&message.kind, aggregate, sequence).to_string()),
        ("type", message.type_name == event.type_name),
        ("payload", message.payload == event.payload),
    ];
    let differ = parts.into_iter().filter(|(_, same)| !same);
    differ.map(|(what, _)| Finding::Altered { aggregate, sequence, what }).collect()
}

/// The id of an event: the same whoever makes it, and whenever.
pub(super) fn id(kind: &str, aggregate: Uuid, sequence: i64) -> Uuid {
    let namespace = Uuid::new_v5(&Uuid::NAMESPACE_DNS, b"jangteo.dev");
    Uuid::new_v5(&namespace, format!("{kind}/{kind}/{aggregate}/{sequence}").as_bytes())
}
