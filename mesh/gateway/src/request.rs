//! An HTTP request as the message of an RPC: the path, the query, the body, and a few headers.

use std::time::Duration;

use axum::body::Body as Incoming;
use bytes::Bytes;
use http::{
    HeaderMap, Method, StatusCode,
    header::{CONTENT_ENCODING, CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH},
    request::Parts,
};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use jangteo::errors::Refusal;
use prost::Message as _;
use prost_reflect::{DeserializeOptions, DynamicMessage, Kind, MessageDescriptor};
use serde_json::{Map, Value};
use tonic::{Code, metadata::MetadataMap};

use crate::{binding::Body, query, refusal::Refused, table::Found};

/// The most that a body may take, in bytes.
const LARGEST: usize = 1 << 20;
/// How long a body may take to come.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a browser heard last of a stream.
const LAST_EVENT: &str = "last-event-id";

/// What a header fills in the request, where the contract has such a field.
const FIELDS: [(&str, &str); 3] =
    [("idempotency-key", "request_id"), ("if-match", "etag"), (LAST_EVENT, "resume_token")];

/// What goes on to the context as it came.
const PASSED: [&str; 6] = [
    "authorization",
    "grpc-timeout",
    "jangteo-token",
    "traceparent",
    "tracestate",
    "accept-language",
];

/// The whole body, unless it is too long or takes too long.
pub(crate) async fn read(body: Incoming) -> Result<Bytes, Refused> {
    let whole = Limited::new(body, LARGEST).collect();
    match tokio::time::timeout(PATIENCE, whole).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            let said = format!("the body is larger than {LARGEST} bytes");
            let refusal = Refusal::new(Code::ResourceExhausted, "MESSAGE_TOO_LARGE", said);
            Err(Refused::from(refusal).with_http(StatusCode::PAYLOAD_TOO_LARGE))
        }
        Ok(Err(error)) => Err(malformed(&format!("the body broke: {error}"))),
        Err(_) => {
            let said = format!("the body did not come within {PATIENCE:?}");
            let refusal = Refusal::new(Code::DeadlineExceeded, "BODY_TOO_SLOW", said);
            Err(Refused::from(refusal).with_http(StatusCode::REQUEST_TIMEOUT))
        }
    }
}

/// The message that a request stands for, encoded.
pub(crate) fn message(found: &Found<'_>, parts: &Parts, body: &[u8]) -> Result<Bytes, Refused> {
    let of = found.binding.rpc.method.input();
    let mut tree = self::body(found, parts, body)?;
    for (name, text) in form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
        if found.binding.body == Body::Everything {
            let said = "everything but the path belongs into the body";
            return Err(Refused::field(&name, "NOT_IN_QUERY", said));
        }
        if is_the_bodys(&found.binding.body, &name) {
            return Err(Refused::field(&name, "NOT_IN_QUERY", "the body says this"));
        }
        query::set(&mut tree, &of, &name, &text)?;
    }
    for (name, text) in &found.named {
        query::set(&mut tree, &of, name, text)?;
    }
    for (header, field) in FIELDS {
        by_header(&mut tree, &of, &parts.headers, (header, field))?;
    }
    if found.binding.method != Method::GET && parts.headers.contains_key(IF_NONE_MATCH) {
        let said = "this changes something: name the version that is meant in if-match";
        return Err(Refused::field("if-none-match", "NOT_A_READ", said));
    }
    decode(&of, tree)
}

/// Whether a dotted name begins with the field that is the body.
fn is_the_bodys(body: &Body, name: &str) -> bool {
    let Body::Field(field) = body else { return false };
    let first = name.split('.').next().unwrap_or_default();
    [field.name(), field.json_name()].contains(&first)
}

fn body(found: &Found<'_>, parts: &Parts, body: &[u8]) -> Result<Map<String, Value>, Refused> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    if found.binding.body == Body::Nothing {
        return Err(malformed("this request takes no body"));
    }
    is_json(&parts.headers)?;
    let json: Value =
        serde_json::from_slice(body).map_err(|error| malformed(&error.to_string()))?;
    match (&found.binding.body, json) {
        (Body::Field(field), json) => Ok(Map::from_iter([(field.json_name().to_owned(), json)])),
        (_, Value::Object(tree)) => Ok(tree),
        _ => Err(malformed("the body must be an object")),
    }
}

fn is_json(headers: &HeaderMap) -> Result<(), Refused> {
    let encoding = headers.get(CONTENT_ENCODING);
    let is_plain = encoding.is_none_or(|encoding| encoding == "identity");
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if is_plain && essence.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let said = "the body must be plain JSON, with content-type application/json";
    let refusal = Refusal::new(Code::InvalidArgument, "NOT_JSON", said);
    Err(Refused::from(refusal).with_http(StatusCode::UNSUPPORTED_MEDIA_TYPE))
}

/// What a header says must not contradict the body. A condition that can't be kept is refused; any
/// other header that the contract has no field for says nothing.
fn by_header(
    tree: &mut Map<String, Value>,
    of: &MessageDescriptor,
    headers: &HeaderMap,
    (header, name): (&str, &str),
) -> Result<(), Refused> {
    let mut all = headers.get_all(header).iter();
    let Some(given) = all.next() else { return Ok(()) };
    let given = given.to_str().ok().filter(|_| all.next().is_none());
    let given = given.ok_or_else(|| malformed(&format!("{header} must be one, in ASCII")))?;
    let field = of.get_field_by_name(name).filter(|field| field.kind() == Kind::String);
    let Some(field) = field else {
        let is_condition = IF_MATCH == header;
        let said = "nothing here changes what has an etag";
        return if is_condition { Err(Refused::field(header, "NO_ETAG", said)) } else { Ok(()) };
    };
    // Any version is what an absent etag says.
    if IF_MATCH == header && given == "*" {
        return Ok(());
    }
    let before = query::take(tree, &field).filter(|before| !before.is_null() && before != "");
    // A browser that takes a stream up again repeats the whole address.
    if header != LAST_EVENT && before.is_some_and(|before| before != given) {
        let said = format!("{header} and {name} must say the same");
        return Err(Refused::field(name, "CONTRADICTED", &said));
    }
    tree.insert(field.json_name().to_owned(), given.into());
    Ok(())
}

/// Reads the tree by its contract; an error names the field.
fn decode(of: &MessageDescriptor, tree: Map<String, Value>) -> Result<Bytes, Refused> {
    query::check(of, &tree, "")?;
    let options = DeserializeOptions::new().deny_unknown_fields(true);
    let mut track = serde_path_to_error::Track::new();
    let json = serde_path_to_error::Deserializer::new(Value::Object(tree), &mut track);
    match DynamicMessage::deserialize_with_options(of.clone(), json, &options) {
        Ok(message) => Ok(message.encode_to_vec().into()),
        Err(error) => {
            let (path, said) = (track.path().to_string(), error.to_string());
            Err(Refused::field(&path, "MALFORMED", &said))
        }
    }
}

fn malformed(said: &str) -> Refused {
    Refusal::new(Code::InvalidArgument, "REQUEST_MALFORMED", said).into()
}

/// The headers that are the context's business.
pub(crate) fn metadata(headers: &HeaderMap) -> MetadataMap {
    let mut passed = HeaderMap::new();
    for name in PASSED {
        for value in headers.get_all(name) {
            passed.append(name, value.clone());
        }
    }
    MetadataMap::from_headers(passed)
}

#[cfg(test)]
mod tests {
    use http::{Method, Request};
    use jangteo::post::v1::{DeletePostRequest, ListPostsRequest, UpdatePostRequest};

    use super::*;
    use crate::{contracts::Contracts, table::Table};

    fn of(request: http::request::Builder, body: &str) -> Result<Bytes, Refused> {
        let table = Table::of(&Contracts::compiled()).unwrap();
        let request = request.header(CONTENT_TYPE, "application/json").body(()).unwrap();
        let (parts, ()) = request.into_parts();
        let found = table.find(&parts.method, parts.uri.path())?;
        message(&found, &parts, body.as_bytes())
    }

    fn request(method: Method, uri: &str) -> http::request::Builder {
        Request::builder().method(method).uri(uri)
    }

    #[test]
    fn path_body_and_headers_make_one_message() {
        let edit = request(Method::PATCH, "/v1/posts/7").header("if-match", "\"3\"");
        let body = r#"{"id": "8", "price_krw": "5", "updateMask": "priceKrw"}"#;
        let bytes = of(edit.header("idempotency-key", "r"), body).unwrap();
        let told = UpdatePostRequest::decode(bytes).unwrap();
        assert_eq!((told.id.as_str(), told.price_krw), ("7", Some(5)));
        assert_eq!((told.etag.as_str(), told.request_id.as_str()), ("\"3\"", "r"));
        assert_eq!(told.update_mask.unwrap().paths, ["price_krw"]);
    }

    #[test]
    fn a_query_fills_what_the_path_does_not() {
        let uri =
            "/v1/posts?pageSize=5&neighbourhood=%EB%B0%A9%EB%B0%B0+%EB%8F%99&state=STATE_SOLD";
        let told = ListPostsRequest::decode(of(request(Method::GET, uri), "").unwrap()).unwrap();
        assert_eq!((told.page_size, told.neighbourhood.as_str()), (5, "방배 동"));
        let uri = "/v1/posts/7?etag=%222%22";
        let told =
            DeletePostRequest::decode(of(request(Method::DELETE, uri), "").unwrap()).unwrap();
        assert_eq!((told.id.as_str(), told.etag.as_str()), ("7", "\"2\""));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (request, body) in [
            (request(Method::POST, "/v1/posts"), "{"),
            (request(Method::POST, "/v1/posts"), "[]"),
            (request(Method::POST, "/v1/posts"), r#"{"colour": 1}"#),
            (request(Method::POST, "/v1/posts"), r#"{"priceKrw": 1.5}"#),
            (request(Method::POST, "/v1/posts?goods=a"), "{}"),
            (request(Method::GET, "/v1/posts"), "{}"),
            (request(Method::GET, "/v1/posts?pageSize=many"), ""),
            (request(Method::GET, "/v1/posts/7").header("if-match", "\"1\""), ""),
            (request(Method::PATCH, "/v1/posts/7").header("if-match", "\"1\""), r#"{"etag": "2"}"#),
        ] {
            let what = format!("{request:?} {body}");
            let refused = of(request, body).err().unwrap();
            assert_eq!(
                (refused.http(), refused.status().code()),
                (400, Code::InvalidArgument),
                "{what}"
            );
        }
    }

    #[test]
    fn any_version_is_none() {
        let delete = request(Method::DELETE, "/v1/posts/7").header("if-match", "*");
        let told = DeletePostRequest::decode(of(delete, "").unwrap()).unwrap();
        assert_eq!(told.etag, "");
    }
}
