//! Errors over HTTP: a `google.rpc.Status` as JSON, and the code that the world knows for it.

use std::{sync::LazyLock, time::Duration};

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE},
};
use jangteo::errors::Refusal;
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, SerializeOptions};
use serde_json::{Value, json};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// A request that is refused.
#[derive(Debug)]
pub(crate) struct Refused {
    status: Box<Status>,
    http: StatusCode,
    headers: HeaderMap,
}

impl From<Status> for Refused {
    fn from(status: Status) -> Self {
        let (http, mut headers) = (http(status.code()), HeaderMap::new());
        if http == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        let delay = status.get_details_retry_info().and_then(|info| info.retry_delay);
        if let Some(delay) = delay {
            headers.insert(RETRY_AFTER, seconds(delay).into());
        }
        Self { status: Box::new(status), http, headers }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Status::from(refusal).into()
    }
}

impl Refused {
    /// A field of the request is wrong; `reason` and `said` are about that field.
    pub(crate) fn field(field: &str, reason: &str, said: &str) -> Self {
        let message = format!("{field}: {said}");
        let refusal = Refusal::new(Code::InvalidArgument, "FIELD_INVALID", message);
        refusal.violation(field, reason, said).into()
    }

    /// The path takes other methods.
    pub(crate) fn method(allowed: &str) -> Self {
        let said = format!("this path takes {allowed}");
        let refusal = Refusal::new(Code::Unimplemented, "METHOD_NOT_ALLOWED", said);
        let refused = Self::from(refusal).with_http(StatusCode::METHOD_NOT_ALLOWED);
        match HeaderValue::from_str(allowed) {
            Ok(allowed) => refused.with_header(ALLOW, allowed),
            Err(_) => refused,
        }
    }

    /// The same, by a more precise code of HTTP.
    pub(crate) fn with_http(self, http: StatusCode) -> Self {
        Self { http, ..self }
    }

    /// Whether the connection still holds what of the request was not read.
    pub(crate) fn leaves_body_unread(&self) -> bool {
        [StatusCode::PAYLOAD_TOO_LARGE, StatusCode::REQUEST_TIMEOUT].contains(&self.http)
    }

    fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// As gRPC would say it.
    pub(crate) fn status(&self) -> &Status {
        &self.status
    }

    #[cfg(test)]
    pub(crate) fn http(&self) -> u16 {
        self.http.as_u16()
    }

    #[cfg(test)]
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.http, self.headers, Json(body(&self.status))).into_response()
    }
}

/// A status as the JSON of `google.rpc.Status`. A detail of an unknown type is left out.
pub(crate) fn body(status: &Status) -> Value {
    let details = tonic_types::Status::decode(status.details()).unwrap_or_default().details;
    let details: Vec<Value> = details.iter().filter_map(detail).collect();
    json!({"code": i32::from(status.code()), "message": status.message(), "details": details})
}

fn detail(any: &prost_types::Any) -> Option<Value> {
    static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
        let set = tonic_types::pb::FILE_DESCRIPTOR_SET;
        DescriptorPool::decode(set).expect("the library embeds what it was compiled from")
    });
    let name = any.type_url.rsplit('/').next()?;
    let message = DynamicMessage::decode(POOL.get_message_by_name(name)?, &*any.value).ok()?;
    let options = SerializeOptions::new();
    let detail = message.serialize_with_options(serde_json::value::Serializer, &options).ok()?;
    let Value::Object(mut detail) = detail else { return None };
    detail.insert("@type".to_owned(), any.type_url.clone().into());
    Some(Value::Object(detail))
}

/// Rounded up, so that nobody comes too early.
fn seconds(delay: Duration) -> u64 {
    delay.as_secs() + u64::from(delay.subsec_nanos() > 0)
}

/// As `google.rpc.Code` says.
fn http(code: Code) -> StatusCode {
    match code {
        Code::Ok => StatusCode::OK,
        Code::Cancelled => StatusCode::from_u16(499).unwrap_or(StatusCode::BAD_REQUEST),
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => {
            StatusCode::BAD_REQUEST
        }
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::Aborted | Code::AlreadyExists => StatusCode::CONFLICT,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        Code::Unknown | Code::Internal | Code::DataLoss => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_one_of_http() {
        let told = (0..=16).map(|code| http(Code::from(code)).as_u16());
        let expected =
            [200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401];
        assert_eq!(told.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn details_are_readable() {
        let status = Refusal::new(Code::Unavailable, "POST_UNAVAILABLE", "try again soon")
            .metadata("peer", "post")
            .violation("price_krw", "OUT_OF_RANGE", "0 or more")
            .retry_after(Duration::from_millis(1500))
            .into();
        let told = body(&status);
        assert_eq!((&told["code"], &told["message"]), (&json!(14), &json!("try again soon")));
        let types = ["ErrorInfo", "BadRequest", "RetryInfo"];
        for (index, name) in types.iter().enumerate() {
            let name = format!("type.googleapis.com/google.rpc.{name}");
            assert!(
                told["details"].as_array().unwrap().iter().any(|it| it["@type"] == name),
                "{index} {told}"
            );
        }
        let info = told["details"].as_array().unwrap().iter().find(|it| it["reason"].is_string());
        assert_eq!(info.unwrap()["metadata"], json!({"peer": "post"}));
        let refused = Refused::from(status);
        assert_eq!((refused.http(), refused.header("retry-after")), (503, Some("2")));
    }

    #[test]
    fn who_is_not_known_is_told_how_to_be() {
        let refused = Refused::from(Status::unauthenticated(""));
        assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
    }
}
