//! Events as NATS messages: CloudEvents 1.0 binary mode, the payload untouched.

use async_nats::HeaderMap;
use uuid::Uuid;

use crate::event::{Event, millis, timestamp};

/// A message that can't be told to be an event of an aggregate.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("header `{0}` is missing or malformed")]
pub(crate) struct BadEnvelope(&'static str);

/// The headers of an event that is published in this trace context.
pub(super) fn headers(event: &Event, traceparent: &str) -> HeaderMap {
    let id = event.id().to_string();
    let mut headers = HeaderMap::new();
    for (name, value) in [
        (async_nats::header::NATS_MESSAGE_ID.as_ref(), id.as_str()),
        ("ce-specversion", "1.0"),
        ("ce-id", &id),
        ("ce-type", &event.type_name),
        ("ce-source", &format!("/jangteo/{}", event.context)),
        ("ce-subject", &event.aggregate_id.to_string()),
        ("ce-time", &timestamp(event.time).to_string()),
        ("ce-kind", &event.kind),
        ("ce-sequence", &event.sequence.to_string()),
        ("ce-correlationid", &event.correlation_id.to_string()),
        ("ce-causationid", &event.causation_id.to_string()),
        ("content-type", "application/protobuf"),
    ] {
        headers.insert(name, value);
    }
    if !traceparent.is_empty() {
        headers.insert("traceparent", traceparent);
    }
    headers
}

/// The event that a message of `context`'s stream carries.
pub(crate) fn from_message(
    context: &str,
    message: &async_nats::Message,
) -> Result<Event, BadEnvelope> {
    let headers = message.headers.as_ref().ok_or(BadEnvelope("ce-id"))?;
    let text = |name: &'static str| {
        headers.get(name).map(|value| value.as_str().to_owned()).ok_or(BadEnvelope(name))
    };
    let id = |name: &'static str| text(name)?.parse::<Uuid>().map_err(|_| BadEnvelope(name));
    Ok(Event {
        context: context.to_owned(),
        kind: text("ce-kind")?,
        aggregate_id: id("ce-subject")?,
        sequence: counted(&text("ce-sequence")?).ok_or(BadEnvelope("ce-sequence"))?,
        type_name: text("ce-type")?,
        payload: message.payload.to_vec(),
        correlation_id: id("ce-correlationid")?,
        causation_id: id("ce-causationid")?,
        traceparent: text("traceparent").unwrap_or_default(),
        time: text("ce-time")?
            .parse()
            .map(|time| millis(&time))
            .map_err(|_| BadEnvelope("ce-time"))?,
    })
}

/// A sequence counts from 1.
fn counted(text: &str) -> Option<i64> {
    text.parse().ok().filter(|sequence| *sequence > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> Event {
        Event {
            context: "post".to_owned(),
            kind: "post".to_owned(),
            aggregate_id: Uuid::from_u128(7),
            sequence: 3,
            type_name: "jangteo.post.v1.PostHidden".to_owned(),
            payload: vec![1, 2, 3],
            correlation_id: Uuid::from_u128(8),
            causation_id: Uuid::from_u128(9),
            traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned(),
            time: 1_727_136_000_123,
        }
    }

    fn message(event: &Event) -> async_nats::Message {
        async_nats::Message {
            subject: event.subject().into(),
            reply: None,
            payload: event.payload.clone().into(),
            headers: Some(headers(event, &event.traceparent)),
            status: None,
            description: None,
            length: 0,
        }
    }

    #[test]
    fn an_event_comes_back_from_its_message_as_it_was() {
        assert_eq!(from_message("post", &message(&event())), Ok(event()));
    }

    #[test]
    fn a_message_without_a_sequence_from_1_on_is_no_event() {
        let mut message = message(&event());
        message.headers.as_mut().unwrap().insert("ce-sequence", "0");
        assert_eq!(from_message("post", &message), Err(BadEnvelope("ce-sequence")));
    }
}
