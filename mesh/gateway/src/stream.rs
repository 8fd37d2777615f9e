//! A reply of many messages: lines of JSON, or server-sent events.

use std::{convert::Infallible, pin::pin, sync::Arc};

use async_stream::stream;
use axum::{
    body::Body,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use http::{
    HeaderMap,
    header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE},
};
use jangteo_kit::status::stopping;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status, Streaming};

use crate::{
    binding::Binding,
    refusal::{Refused, body},
    reply,
    trace::Asked,
    upstream::{Seat, Upstream},
};

const EVENTS: &str = "text/event-stream";
const LINES: &str = "application/x-ndjson";

/// What tells the messages of a reply, and keeps the call's place while they come.
pub(crate) struct Told {
    pub(crate) binding: Binding,
    pub(crate) upstream: Arc<Upstream>,
    pub(crate) call: Asked,
    /// Cancelled when the gateway goes away.
    pub(crate) leaving: CancellationToken,
    pub(crate) _seat: Seat,
}

/// One message of the reply, or how it ended.
enum Item {
    Message { json: String, resume_token: String },
    Error(Value),
}

/// The answer, in the form that the client accepts.
pub(crate) fn many(
    told: Told,
    asked: &HeaderMap,
    mut headers: HeaderMap,
    messages: Streaming<Bytes>,
) -> Response {
    let accepted = asked.get_all(ACCEPT).iter().filter_map(|it| it.to_str().ok());
    let wants_events =
        accepted.flat_map(|it| it.split(',')).any(|it| it.trim().starts_with(EVENTS));
    headers.insert(CACHE_CONTROL, "no-store".parse().expect("it is ASCII"));
    let items = items(told, messages);
    if wants_events {
        let events = Sse::new(items.map(|item| Ok::<_, Infallible>(item.event())));
        return (headers, events.keep_alive(KeepAlive::default())).into_response();
    }
    headers.insert(CONTENT_TYPE, LINES.parse().expect("it is ASCII"));
    let lines = items.map(|item| Ok::<_, Infallible>(item.line()));
    (headers, Body::from_stream(lines)).into_response()
}

fn items(mut told: Told, messages: Streaming<Bytes>) -> impl Stream<Item = Item> + Send {
    stream! {
        let mut messages = pin!(messages);
        loop {
            let message = tokio::select! {
                message = messages.next() => message,
                () = told.leaving.cancelled() => Some(Err(stopping())),
            };
            let Some(message) = message else { break };
            match told.item(message) {
                Ok(item) => yield item,
                Err(error) => {
                    yield Item::Error(error);
                    return;
                }
            }
        }
        told.call.end(Code::Ok);
    }
}

impl Told {
    fn item(&mut self, message: Result<Bytes, Status>) -> Result<Item, Value> {
        let message = message.map_err(|status| {
            self.call.end(status.code());
            body(&self.upstream.explained(status))
        })?;
        let told = |refused: Refused| body(refused.status());
        let message = reply::decode(&self.binding.rpc.method.output(), message).map_err(told)?;
        let json = reply::shown(&self.binding, &message).map_err(told)?;
        Ok(Item::Message { json, resume_token: reply::resume_token(&message) })
    }
}

impl Item {
    /// Either a result or an error, so that the two can't be mistaken.
    fn line(self) -> Bytes {
        match self {
            Self::Message { json, .. } => format!("{{\"result\":{json}}}\n").into(),
            Self::Error(json) => format!("{{\"error\":{json}}}\n").into(),
        }
    }

    /// The id of an event is what `Last-Event-ID` brings back.
    fn event(self) -> Event {
        match self {
            Self::Message { json, resume_token } => {
                let event = Event::default().data(json);
                if resume_token.is_empty() { event } else { event.id(resume_token) }
            }
            Self::Error(json) => Event::default().event("error").data(json.to_string()),
        }
    }
}
