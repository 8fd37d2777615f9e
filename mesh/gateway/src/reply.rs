//! The message of a reply as an HTTP answer.

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH},
};
use jangteo::errors::Refusal;
use prost_reflect::{DynamicMessage, MessageDescriptor, SerializeOptions, Value as Field};
use tonic::{Code, metadata::MetadataMap};

use crate::{binding::Binding, refusal::Refused};

/// What goes back to the client as it came.
const PASSED: [&str; 1] = ["jangteo-token"];

/// A reply that is one message.
pub(crate) fn one(
    binding: &Binding,
    asked: &HeaderMap,
    metadata: &MetadataMap,
    message: Bytes,
) -> Result<Response, Refused> {
    let message = decode(&binding.rpc.method.output(), message)?;
    let mut headers = passed(metadata);
    if let Some(etag) = etag(&message) {
        let known = binding.method == Method::GET && is_known(asked, etag.as_bytes());
        headers.insert(ETAG, etag);
        if known {
            return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
        }
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok((headers, shown(binding, &message)?).into_response())
}

/// Whether the client has this version already: any of those that it names, weak or not.
fn is_known(asked: &HeaderMap, etag: &[u8]) -> bool {
    let lines = asked.get_all(IF_NONE_MATCH).iter();
    let mut named = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    named.any(|named| {
        let named = named.trim_ascii();
        named == b"*" || named.strip_prefix(b"W/").unwrap_or(named) == etag
    })
}

/// The headers of a context that are the client's business.
pub(crate) fn passed(metadata: &MetadataMap) -> HeaderMap {
    let metadata = metadata.clone().into_headers();
    let values = PASSED.iter().filter_map(|name| Some((*name, metadata.get(*name)?)));
    values.map(|(name, value)| (http::HeaderName::from_static(name), value.clone())).collect()
}

/// Reads a message by its contract.
pub(crate) fn decode(of: &MessageDescriptor, message: Bytes) -> Result<DynamicMessage, Refused> {
    DynamicMessage::decode(of.clone(), message).map_err(|error| bug(&error.to_string()))
}

/// A message as canonical proto3 JSON, or the field of it that the contract makes the body.
pub(crate) fn shown(binding: &Binding, message: &DynamicMessage) -> Result<String, Refused> {
    let mut json = vec![];
    let mut to = serde_json::Serializer::new(&mut json);
    let options = SerializeOptions::new().skip_default_fields(binding.response.is_none());
    let written = message.serialize_with_options(&mut to, &options);
    let json = written.and_then(|()| match &binding.response {
        None => Ok(String::from_utf8_lossy(&json).into_owned()),
        Some(field) => {
            let json: serde_json::Value = serde_json::from_slice(&json)?;
            serde_json::to_string(&json[field.json_name()])
        }
    });
    json.map_err(|error| bug(&error.to_string()))
}

fn etag(message: &DynamicMessage) -> Option<HeaderValue> {
    let etag = message.get_field_by_name("etag")?;
    let etag = etag.as_str().filter(|etag| !etag.is_empty())?;
    HeaderValue::from_str(etag).ok()
}

/// Where a watch goes on after this message; empty where it says nothing of it.
pub(crate) fn resume_token(message: &DynamicMessage) -> String {
    let token = message.get_field_by_name("resume_token");
    token.as_deref().and_then(Field::as_str).unwrap_or_default().to_owned()
}

fn bug(said: &str) -> Refused {
    tracing::error!(said, "a reply does not fit its contract");
    let said = "the reply does not fit its contract: tell whoever runs this";
    Refusal::new(Code::Internal, "REPLY_MALFORMED", said).into()
}
