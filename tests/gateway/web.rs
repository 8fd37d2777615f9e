//! Somebody who speaks HTTP.

use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use jangteo_testing::{Node, grpc};
use prost_reflect::{DynamicMessage, prost::Message as _};
use reqwest::{Method, RequestBuilder, Response, header::HeaderMap};
use serde_json::{Value, json};
use tonic::Status;
use tonic_types::{ErrorDetail, StatusExt as _};

/// A client of a gateway.
#[derive(Clone, Debug)]
pub(crate) struct Web {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) code: u16,
    pub(crate) headers: BTreeMap<String, String>,
    /// Its JSON; null where it has no body.
    pub(crate) body: Value,
}

impl Answer {
    /// The reason of an error.
    pub(crate) fn reason(&self) -> &str {
        let mut details = self.body["details"].as_array().into_iter().flatten();
        details.find_map(|detail| detail["reason"].as_str()).unwrap_or_default()
    }

    /// A header; empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(String::as_str).unwrap_or_default()
    }
}

impl Web {
    /// Somebody with this token.
    pub(crate) fn of(gateway: &Node, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..Self::stranger(gateway) }
    }

    /// Somebody who has not signed in.
    pub(crate) fn stranger(gateway: &Node) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().expect("a client is made");
        Self { http, url: gateway.http_url(), token: None }
    }

    /// A request in the making.
    pub(crate) fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// A call in the making, by gRPC-Web.
    pub(crate) fn grpc(&self, path: &str, body: Value) -> RequestBuilder {
        let input = grpc::method(path).input();
        let request = DynamicMessage::deserialize(input, body).expect("it fits its contract");
        let request = self.ask(Method::POST, path).body(framed(&request.encode_to_vec()));
        request.header("content-type", "application/grpc-web+proto")
    }

    /// Reads.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        answer(self.ask(Method::GET, path)).await
    }

    /// Sends JSON.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        answer(self.ask(Method::POST, path).json(&body)).await
    }
}

/// Sends a request, and reads all of its answer.
pub(crate) async fn answer(request: RequestBuilder) -> Answer {
    let response: Response = request.send().await.expect("the gateway answers");
    let code = response.status().as_u16();
    let text = |(name, value): (_, &reqwest::header::HeaderValue)| {
        (format!("{name}"), value.to_str().unwrap_or_default().to_owned())
    };
    let headers = response.headers().iter().map(|(name, value)| text((name, value))).collect();
    let bytes = response.bytes().await.expect("the answer is whole");
    let body = if bytes.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&bytes).expect("an answer is JSON")
    };
    Answer { code, headers, body }
}

/// A message as gRPC-Web frames it.
pub(crate) fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).expect("a message is small").to_be_bytes();
    [&[0][..], &length, message].concat()
}

/// What a gRPC-Web answer says: the message, if there is one, and how it ended.
pub(crate) async fn unframed(response: Response) -> (Option<Vec<u8>>, Status) {
    assert_eq!(response.status().as_u16(), 200);
    let mut end = response.headers().clone();
    let kind = response.headers().get("content-type").map(|kind| kind.as_bytes().to_vec());
    let mut bytes = response.bytes().await.expect("the answer is whole").to_vec();
    if kind.is_some_and(|kind| kind.starts_with(b"application/grpc-web-text")) {
        bytes = texts(&bytes);
    }
    let (mut message, mut rest) = (None, &bytes[..]);
    while let [flag, a, b, c, d, body @ ..] = rest {
        let (frame, after) = body.split_at(u32::from_be_bytes([*a, *b, *c, *d]) as usize);
        match flag & 0x80 {
            0 => message = Some(frame.to_vec()),
            _ => end.extend(trailers(frame)),
        }
        rest = after;
    }
    (message, Status::from_header_map(&end).expect("it says how it ended"))
}

/// What texts of base64 say, one after the other: each chunk of an answer is one of its own.
fn texts(bytes: &[u8]) -> Vec<u8> {
    let fours = bytes.chunks(4).map(|four| BASE64_STANDARD.decode(four));
    fours.flat_map(|four| four.expect("it is base64")).collect()
}

fn trailers(frame: &[u8]) -> HeaderMap {
    let text = std::str::from_utf8(frame).expect("trailers are text");
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    let parsed = lines.map(|(name, value)| (name.parse().unwrap(), value.trim().parse().unwrap()));
    parsed.collect()
}

/// The details of a status as their JSON has to be.
pub(crate) fn details(status: &Status) -> Value {
    status.get_error_details_vec().iter().map(detail).collect()
}

fn detail(detail: &ErrorDetail) -> Value {
    let (name, mut json) = match detail {
        ErrorDetail::ErrorInfo(it) => (
            "ErrorInfo",
            json!({"reason": it.reason, "domain": it.domain, "metadata": it.metadata}),
        ),
        ErrorDetail::BadRequest(it) => {
            let each = it.field_violations.iter().map(
                |it| json!({"field": it.field, "description": it.description, "reason": it.reason}),
            );
            ("BadRequest", json!({"fieldViolations": each.collect::<Vec<_>>()}))
        }
        ErrorDetail::PreconditionFailure(it) => {
            let each = it.violations.iter().map(|it| {
                json!({"type": it.r#type, "subject": it.subject, "description": it.description})
            });
            ("PreconditionFailure", json!({"violations": each.collect::<Vec<_>>()}))
        }
        ErrorDetail::RetryInfo(it) => {
            let delay = it.retry_delay.expect("it says when");
            assert_eq!(delay.subsec_nanos(), 0, "{delay:?} has another form");
            ("RetryInfo", json!({"retryDelay": format!("{}s", delay.as_secs())}))
        }
        other => panic!("the tables do not know {other:?} yet"),
    };
    if json["metadata"] == json!({}) {
        json.as_object_mut().expect("it is an object").remove("metadata");
    }
    json["@type"] = format!("type.googleapis.com/google.rpc.{name}").into();
    json
}
